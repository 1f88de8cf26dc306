//! The open Mercury sockets and the way to reach them.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Frames waiting for one socket: every one of 10,000 people changes while the client is busy,
/// and some more. What does not fit means a client that reads nothing: it is cut off.
pub(crate) const QUEUE: usize = 16_384;

/// What a socket is told to do.
#[derive(Clone, Debug)]
pub(crate) enum Order {
    /// An envelope; the socket numbers it.
    Event(Arc<Envelope>),
    /// A frame as it stands, without a number.
    Raw(String),
    /// The drain announcement; the socket stays until `Close` comes.
    Shutdown(Uuid),
    /// A close frame, then nothing.
    Close { code: u16, reason: String },
}

/// What is inside a server message (wire notes 3.4).
#[derive(Clone, Debug)]
pub(crate) struct Envelope {
    pub(crate) id: Uuid,
    pub(crate) data: Map<String, Value>,
}

/// One open socket, as the control API shows it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Socket {
    /// Consecutive from 1, never used twice.
    pub id: u64,
    /// The device whose registration it is.
    pub device: Uuid,
    /// It was told to go (`shutdown`) and waits for its successor.
    pub draining: bool,
    /// Messages sent that the client has not acknowledged.
    pub unacknowledged: usize,
}

#[derive(Debug)]
struct Open {
    shown: Socket,
    /// How long it stays beside its successor.
    linger: Duration,
    orders: mpsc::Sender<Order>,
    cut: CancellationToken,
}

/// A socket enters when it has proved itself.
#[derive(Debug, Default)]
pub(crate) struct Sockets {
    open: BTreeMap<u64, Open>,
    last: u64,
}

// === impl Sockets ===

impl Sockets {
    pub(crate) fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    pub(crate) fn enter(
        &mut self,
        id: u64,
        device: Uuid,
        orders: mpsc::Sender<Order>,
        cut: CancellationToken,
    ) {
        let shown = Socket { id, device, draining: false, unacknowledged: 0 };
        self.open.insert(id, Open { shown, linger: Duration::ZERO, orders, cut });
    }

    pub(crate) fn leave(&mut self, id: u64) {
        self.open.remove(&id);
    }

    pub(crate) fn acknowledged(&mut self, id: u64, unacknowledged: usize) {
        if let Some(open) = self.open.get_mut(&id) {
            open.shown.unacknowledged = unacknowledged;
        }
    }

    /// Closes what a new socket on this device takes the place of: `4001` for one that was told to
    /// go, otherwise `4000` "Replaced" unless several are allowed (wire notes 3.6, 3.8, 7.16). Gives
    /// those that stay for a while.
    pub(crate) fn replace(
        &mut self,
        device: Uuid,
        newcomer: u64,
        several: bool,
    ) -> Vec<(u64, Duration)> {
        let mut lingering = Vec::new();
        for open in self.open.values().filter(|o| o.shown.device == device) {
            let (code, reason) = match (open.shown.draining, several) {
                _ if open.shown.id == newcomer => continue,
                (true, _) if !open.linger.is_zero() => {
                    lingering.push((open.shown.id, open.linger));
                    continue;
                }
                (true, _) => (4001, ""),
                (false, false) => (4000, "Replaced"),
                (false, true) => continue,
            };
            open.send(Order::Close { code, reason: reason.to_owned() });
        }
        lingering
    }

    /// Tells a socket to go.
    pub(crate) fn drain(&mut self, socket: u64, id: Uuid, linger: Duration) {
        if let Some(open) = self.open.get_mut(&socket) {
            open.shown.draining = true;
            open.linger = linger;
            open.send(Order::Shutdown(id));
        }
    }

    pub(crate) fn numbers(&self) -> Vec<u64> {
        self.open.keys().copied().collect()
    }

    /// How many sockets of the device took it.
    pub(crate) fn send(&self, device: Uuid, order: &Order) -> usize {
        let of_device = self.open.values().filter(|open| open.shown.device == device);
        of_device.filter(|open| open.send(order.clone())).count()
    }

    pub(crate) fn send_to(&self, id: u64, order: Order) {
        if let Some(open) = self.open.get(&id) {
            open.send(order);
        }
    }

    pub(crate) fn send_all(&self, order: &Order) {
        for open in self.open.values() {
            open.send(order.clone());
        }
    }

    /// Ends every connection without a close frame.
    pub(crate) fn cut_all(&self) {
        for open in self.open.values() {
            open.cut.cancel();
        }
    }

    pub(crate) fn shown(&self) -> Vec<Socket> {
        self.open.values().map(|open| open.shown.clone()).collect()
    }
}

// === impl Open ===

impl Open {
    fn send(&self, order: Order) -> bool {
        match self.orders.try_send(order) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => {
                self.cut.cancel();
                false
            }
            Err(TrySendError::Closed(_)) => false,
        }
    }
}
