//! One socket from its first frame to its last.
//!
//! Its task hears four things: orders from the rest of the simulator, frames from the client, the
//! ping timer, and the clearing of faults.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Bytes, Message, Utf8Bytes};
use tokio_util::sync::CancellationToken;

use super::acks::Acks;
use super::frames::{self, Said};
use super::hear::{End, hear};
use super::proof::Shown;
use super::upgrade::Opening;
use crate::call::bearer;
use crate::cloud::Cloud;
use crate::delivery::event_of;
use crate::faults::{Fault, When};
use crate::inject::{close_later, shut_down};
use crate::journal::Kind;
use crate::listen::Link;
use crate::sockets::{Envelope, Order, QUEUE};

/// How long the client may take to answer a close frame (wire notes 3.5: the SDK waits as long).
const CLOSING: Duration = Duration::from_secs(2);

/// One socket; its parts are in the files beside this one.
pub(super) struct Socket {
    pub(super) cloud: Arc<Cloud>,
    pub(super) number: u64,
    pub(super) opening: Opening,
    stream: WebSocketStream<TokioIo<Upgraded>>,
    sequence: u64,
    acks: Acks,
}

/// Serves one socket until it ends.
pub(super) async fn run(
    cloud: Arc<Cloud>,
    stream: WebSocketStream<TokioIo<Upgraded>>,
    opening: Opening,
    shown: Shown,
    link: Link,
) {
    let number = cloud.update(|state| {
        state.journal.counters.sockets_opened += 1;
        state.sockets.number()
    });
    let (sequence, acks) = (0, Acks::default());
    let mut socket = Socket { cloud, number, opening, stream, sequence, acks };
    let (cut, stop) = (CancellationToken::new(), socket.cloud.stop.clone());
    let end = tokio::select! {
        biased; // the same order in every run with one seed
        end = socket.serve(shown, &cut) => end,
        () = cut.cancelled() => End::Reset,
        () = link.ended() => End::Reset,
        () = stop.cancelled() => End::Reset,
    };
    socket.finish(end, &link).await;
}

// === impl Socket ===

impl Socket {
    async fn serve(&mut self, shown: Shown, cut: &CancellationToken) -> End {
        let end = match self.authorize(shown).await {
            Ok(()) => self.live(cut).await,
            Err(end) => Err(end),
        };
        match end {
            Ok(never) => match never {},
            Err(end) => end,
        }
    }

    /// From the ready message on.
    async fn live(&mut self, cut: &CancellationToken) -> Result<std::convert::Infallible, End> {
        let (orders_in, mut orders) = mpsc::channel(QUEUE);
        let (number, device) = (self.number, self.opening.device);
        let several = self.opening.several;
        let lingering = self.cloud.update(|state| {
            state.sockets.enter(number, device, orders_in, cut.clone());
            state.sockets.replace(device, number, several)
        });
        for (socket, linger) in lingering {
            close_later(&self.cloud, socket, linger);
        }
        self.ready().await?;
        let every = self.cloud.config.ping_every;
        let mut pings = interval_at(Instant::now(), every);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let cloud = Arc::clone(&self.cloud);
        loop {
            let cleared = cloud.cleared.notified(); // before the question, so that none is missed
            let stalled = self.set(|fault| matches!(fault, Fault::MercuryStall {}));
            tokio::select! {
                biased; // the same order in every run with one seed: rare things first, and
                // what the client says before what it is told, or a flood would keep us from its acks
                () = cleared => {}
                _ = pings.tick() => {
                    if !stalled && !self.set(|fault| matches!(fault, Fault::MercuryNoPing {})) {
                        self.write(Message::Ping(Bytes::new())).await?;
                    }
                }
                said = hear(&self.cloud, self.number, &mut self.stream), if !stalled => {
                    if let Some(said) = said? {
                        self.answer(said).await?;
                    }
                }
                order = orders.recv() => match order {
                    Some(order) => self.obey(order).await?,
                    None => return Err(End::Reset),
                },
            }
        }
    }

    /// The ready message is the first JSON of all; the vendor's SDK waits for nothing else.
    async fn ready(&mut self) -> Result<(), End> {
        let early = |f: &Fault| matches!(f, Fault::MercuryEventBeforeReady {}).then_some(());
        if self.strike(early).is_some() {
            let order = event_of(&mut self.cloud.lock(), "conversation.activity", Map::new());
            self.obey(order).await?;
        }
        let silent = |f: &Fault| matches!(f, Fault::MercuryNoReady {}).then_some(());
        let asked = (self.opening.registration_status, self.opening.buffer_states);
        if self.strike(silent).is_none()
            && let Some(ready) = frames::ready(&self.cloud, asked.0, asked.1)
        {
            self.send_envelope(&ready).await?;
        }
        self.cloud.update(|state| {
            state.journal.counters.sockets_ready += 1;
            let text = format!("socket {}: ready for {}", self.number, self.opening.device);
            state.journal.note(Kind::Socket, text);
        });
        if let Some(times) = self.strike(|fault| match fault {
            Fault::MercuryShutdown { close_after_ms, linger_ms, when: When::Ready } => {
                Some((*close_after_ms, *linger_ms))
            }
            _ => None,
        }) {
            self.cloud.update(|state| shut_down(&self.cloud, state, &[self.number], times));
        }
        let ended = self.strike(|fault| match fault {
            Fault::MercuryClose { code, reason, when: When::Ready } => {
                Some(End::Close(*code, reason.clone()))
            }
            Fault::MercuryDrop { when: When::Ready } => Some(End::Reset),
            _ => None,
        });
        ended.map_or(Ok(()), Err)
    }

    async fn obey(&mut self, order: Order) -> Result<(), End> {
        match order {
            Order::Event(envelope) => self.send_envelope(&envelope).await,
            Order::Raw(text) => self.send_text(text).await,
            Order::Shutdown(id) => {
                self.acks.sent(id.to_string());
                self.send_text(Value::Object(frames::shutdown(id)).to_string()).await
            }
            Order::Close { code, reason } => Err(End::Close(code, reason)),
        }
    }

    async fn answer(&mut self, said: Said) -> Result<(), End> {
        match said {
            Said::Ping { id } => self.pong(id).await,
            Said::Ack { message } => {
                let known = self.acks.acknowledged(&message);
                let waiting = self.acks.waiting();
                self.cloud.update(|state| {
                    state.journal.counters.acks += 1;
                    state.sockets.acknowledged(self.number, waiting);
                });
                if !known {
                    let text = format!("socket {}: ack of unsent {message:?}", self.number);
                    self.cloud.violation(text);
                }
                Ok(())
            }
            // Shown twice, in the header and here: both ways are in use (wire notes 3.1).
            Said::Authorization { token } => match bearer(&self.cloud, &token) {
                Ok(_) => Ok(()),
                Err(_) => Err(self.unauthorized()),
            },
        }
    }

    async fn pong(&mut self, id: String) -> Result<(), End> {
        self.cloud.update(|state| state.journal.counters.pings += 1);
        if self.strike(|f| matches!(f, Fault::MercuryNoPong {}).then_some(())).is_some() {
            return Ok(());
        }
        let wrong = |f: &Fault| matches!(f, Fault::MercuryWrongPongId {}).then_some(());
        let id = match self.strike(wrong) {
            Some(()) => self.cloud.lock().ids.uuid().to_string(),
            None => id,
        };
        self.acks.sent(id.clone());
        self.send_numbered(frames::pong(&id)).await
    }

    async fn send_envelope(&mut self, envelope: &Envelope) -> Result<(), End> {
        self.acks.sent(envelope.id.to_string());
        let kind = envelope.data.get("eventType").and_then(Value::as_str).unwrap_or("?");
        let text = format!("socket {}: {kind} {}", self.number, envelope.id);
        self.cloud.note(Kind::FrameOut, text);
        self.send_numbered(frames::envelope(&self.cloud, envelope)).await
    }

    async fn send_numbered(&mut self, frame: Map<String, Value>) -> Result<(), End> {
        let text = frames::numbered(&self.cloud, &mut self.sequence, frame);
        self.send_text(text).await
    }

    async fn send_text(&mut self, text: String) -> Result<(), End> {
        if self.set(|fault| matches!(fault, Fault::MercuryStall {})) {
            return Ok(());
        }
        let binary = self.set(|fault| matches!(fault, Fault::MercuryBinaryFrames {}));
        let as_text = self.opening.text && !binary;
        let message = if as_text { Message::text(text) } else { Message::binary(text) };
        self.write(message).await
    }

    async fn write(&mut self, message: Message) -> Result<(), End> {
        self.stream.send(message).await.map_err(|error| End::Gone(error.to_string()))
    }

    pub(super) async fn hear(&mut self) -> Result<Option<Said>, End> {
        hear(&self.cloud, self.number, &mut self.stream).await
    }

    async fn finish(&mut self, end: End, link: &Link) {
        let text = format!("socket {}: {end:?}", self.number);
        self.cloud.update(|state| {
            state.sockets.leave(self.number);
            state.journal.counters.sockets_closed += 1;
            state.journal.note(Kind::Socket, text);
        });
        match end {
            End::Close(code, reason) => {
                let frame = CloseFrame { code: code.into(), reason: Utf8Bytes::from(reason) };
                let goodbye = async {
                    self.stream.close(Some(frame)).await?;
                    while let Some(Ok(_)) = self.stream.next().await {}
                    Ok::<_, tokio_tungstenite::tungstenite::Error>(())
                };
                let _ = timeout(CLOSING, goodbye).await;
            }
            End::Reset => link.reset(),
            End::Gone(_) => {}
        }
    }

    fn set(&self, is: impl Fn(&Fault) -> bool) -> bool {
        self.cloud.lock().faults.any(is)
    }

    pub(super) fn strike<T>(&self, pick: impl Fn(&Fault) -> Option<T>) -> Option<T> {
        self.cloud.lock().struck(pick)
    }
}
