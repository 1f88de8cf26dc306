//! What comes in from one gadget: in its order, and within bounds of size and rate.
//!
//! Socket.IO's handlers would run beside one another, each in a task of its own, and so out of
//! order; this one only puts the message into the connection's mailbox.

use std::sync::{Arc, Mutex, PoisonError};

use lockstep_core::Time;
use lockstep_core::protocol::{EVENT, ToServer};
use socketioxide::adapter::LocalAdapter;
use socketioxide::extract::{Data, SocketRef};
use socketioxide::handler::{FromMessageParts as _, MessageHandler, Value};
use socketioxide::socket::Socket;

use crate::clock::Clock;
use crate::mailbox::{Inbox, Sender, mailbox};

/// Messages that may wait for the link, which waits for the engine only. More come within what a
/// gadget may say only where the engine has stood still for seconds.
const MAILBOX: usize = 128;
/// Messages that may come at once: after a reconnect a gadget tells all it knows, and a call makes
/// some reports in a second.
const BURST: u64 = 60;
/// Milliseconds per message after the burst: ten a second are more than any agent's day makes.
const MS_PER_MESSAGE: u64 = 100;

/// What came.
#[derive(Debug)]
pub(super) enum Came {
    /// A message.
    Message(ToServer),
    /// Something that ends the connection.
    Bad(&'static str),
}

/// Marks the implementation below.
enum InOrder {}

/// Takes every event of one connection.
struct Listener {
    /// `None` once something bad came: nothing more is taken.
    mailbox: Mutex<Option<Sender<Came>>>,
    allowance: Mutex<Allowance>,
    clock: Clock,
}

/// What may come when; a bucket that fills again by and by.
#[derive(Debug)]
struct Allowance {
    /// Milliseconds' worth of messages.
    left: u64,
    at: Time,
}

impl Allowance {
    const FULL: u64 = BURST * MS_PER_MESSAGE;

    const fn new(now: Time) -> Self {
        Self { left: Self::FULL, at: now }
    }

    fn take(&mut self, now: Time) -> bool {
        let passed = u64::try_from(now.since(self.at).as_millis()).unwrap_or(u64::MAX);
        self.left = self.left.saturating_add(passed).min(Self::FULL);
        self.at = now;
        let left = self.left.checked_sub(MS_PER_MESSAGE);
        self.left = left.unwrap_or(self.left);
        left.is_some()
    }
}

/// Begins to listen; the mailbox ends with the connection.
pub(super) fn listen(socket: &SocketRef, clock: Clock) -> Inbox<Came> {
    let (mailbox, inbox) = mailbox(MAILBOX);
    let listener = Arc::new(Listener {
        mailbox: Mutex::new(Some(mailbox)),
        allowance: Mutex::new(Allowance::new(clock.now())),
        clock,
    });
    socket.on(EVENT, Known(Arc::clone(&listener)));
    socket.on_fallback(Unknown(listener));
    inbox
}

/// Of our event.
struct Known(Arc<Listener>);
/// Of any other.
struct Unknown(Arc<Listener>);

impl MessageHandler<LocalAdapter, InOrder> for Known {
    fn call(&self, socket: Arc<Socket<LocalAdapter>>, mut value: Value, ack: Option<i64>) {
        if !self.0.may_come() {
            return self.0.take(Came::Bad("too_fast"));
        }
        let came = Data::<ToServer>::from_message_parts(&socket, &mut value, &ack);
        self.0.take(came.map_or(Came::Bad("unreadable"), |Data(message)| Came::Message(message)));
    }
}

impl MessageHandler<LocalAdapter, InOrder> for Unknown {
    fn call(&self, _: Arc<Socket<LocalAdapter>>, _: Value, _: Option<i64>) {
        self.0.take(Came::Bad("unknown_event"));
    }
}

impl Listener {
    fn may_come(&self) -> bool {
        let now = self.clock.now();
        self.allowance.lock().unwrap_or_else(PoisonError::into_inner).take(now)
    }

    fn take(&self, came: Came) {
        let mut mailbox = self.mailbox.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(open) = mailbox.as_ref() else { return };
        let bad = matches!(came, Came::Bad(_));
        let full = open.put(came).is_err();
        if bad || full {
            *mailbox = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_may_come_and_then_ten_a_second() {
        let mut now = Time::from_millis(1_000);
        let mut allowance = Allowance::new(now);
        assert!((0..BURST).all(|_| allowance.take(now)));
        assert!(!allowance.take(now));
        now = now.after(Duration::from_secs(1));
        let came = (0..100).filter(|_| allowance.take(now)).count();
        assert_eq!(came, 10);
        now = now.after(Duration::from_hours(9));
        assert_eq!((0..1_000).filter(|_| allowance.take(now)).count() as u64, BURST);
    }
}
