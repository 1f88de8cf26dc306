//! One gadget's connection, from its hello to its end.
//!
//! Its inputs: what the engine says, what the gadget says, the clock (a hello that never comes, a
//! token to renew), and the end of the server. Whatever ends it, the engine is told.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use lockstep_core::Time;
use lockstep_core::protocol::{EVENT, NAMESPACE, ToGadget, ToServer, VERSION, agree};
use lockstep_core::writer::Link;
use socketioxide::extract::SocketRef;
use socketioxide::socket::Sid;
use socketioxide::{SendError, SocketError, SocketIo};
use tokio::time::{sleep, sleep_until};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::listener::Came;
use super::token::Claims;
use super::{Key, report};
use crate::clock::Clock;
use crate::engine::{FromGadget, Handle, Message, OUTBOX, Said};
use crate::http::Cut;
use crate::mailbox::{Inbox, mailbox};

/// A gadget says hello at once; one that does not is none.
const HELLO_WITHIN: Duration = Duration::from_secs(10);
/// How soon what is wanted is sent again to a gadget that could not take it.
const AGAIN_AFTER: Duration = Duration::from_millis(250);
/// How long the last words have to arrive before the connection is cut, should the client not close it.
const LINGER: Duration = Duration::from_secs(1);
/// What a gadget is told at the server's stop.
const BYE: &str = "the server is stopping; the gadget comes back by itself";

/// What all links share.
#[derive(Debug)]
pub(super) struct Hall {
    pub(super) engine: Handle,
    pub(super) clock: Clock,
    pub(super) key: Arc<Key>,
    pub(super) stop: CancellationToken,
    pub(super) links: TaskTracker,
    /// Numbers the links.
    pub(super) last: AtomicU64,
}

/// How one gadget is reached. Not the socket itself: whoever holds it keeps it alive.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) io: SocketIo,
    pub(super) sid: Sid,
    /// Cuts the connection; `None` where it is not the gadget's alone, as with polling.
    pub(super) cut: Option<Cut>,
}

/// Why a link ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The connection is gone.
    Gone,
    /// The gadget said goodbye.
    Bye,
    /// The gadget said something it should not.
    Bad(&'static str),
    /// It takes nothing any more.
    Stuck,
    /// It said no hello.
    NoHello,
    /// It speaks another version.
    Version,
    /// The engine has no use for it.
    Dismissed,
    /// The proof is too old, or the agent is not watched any more.
    ProofOver,
    /// The server stops.
    Stopping,
}

/// A link under way.
struct Open {
    hall: Arc<Hall>,
    line: Line,
    number: Link,
    claims: Claims,
    /// From the engine, once the gadget said hello.
    outbox: Option<Inbox<Box<ToGadget>>>,
    hello_by: Time,
    /// What is wanted, which the connection could not take yet; only the newest counts.
    late: Option<Box<ToGadget>>,
}

/// Carries messages until something ends it.
pub(super) async fn run(hall: Arc<Hall>, line: Line, claims: Claims, mut inbox: Inbox<Came>) {
    report::opened(&claims.agent);
    let number = Link(hall.last.fetch_add(1, Ordering::Relaxed));
    let hello_by = hall.clock.now().after(HELLO_WITHIN);
    let mut open = Open { hall, line, number, claims, outbox: None, hello_by, late: None };
    let end = open.serve(&mut inbox).await;
    if open.outbox.take().is_some() {
        open.tell(Said::Gone).await;
    }
    report::ended(&open.claims.agent, end.as_str());
    Box::pin(open.close(end)).await;
}

impl Open {
    async fn serve(&mut self, inbox: &mut Inbox<Came>) -> End {
        // Made once: each of them is known to a list that all links share.
        let stop = self.hall.stop.clone();
        let mut stopped = pin!(stop.cancelled());
        let mut alarm = pin!(sleep_until(self.hall.clock.instant_of(self.next_due())));
        loop {
            let due = self.hall.clock.instant_of(self.next_due());
            if alarm.deadline() != due {
                alarm.as_mut().reset(due);
            }
            let went = tokio::select! {
                biased; // the engine's word first: it is never more than a few
                () = &mut stopped => {
                    // Whoever cannot take it comes back as well.
                    let _ = self.line.emit(&ToGadget::Bye { message: BYE.to_owned() });
                    Err(End::Stopping)
                }
                message = next(&mut self.outbox) => match message {
                    Some(message) => self.send(message),
                    // The engine may end a moment before its gadgets are told; whoever were sent
                    // away for that would not come back.
                    None if self.hall.engine.has_stopped() => Err(End::Stopping),
                    None => Err(End::Dismissed),
                },
                came = inbox.next() => match came {
                    Some(Came::Message(message)) => self.take(message).await,
                    Some(Came::Bad(why)) => Err(End::Bad(why)),
                    // The connection is still there: its messages came faster than they are taken.
                    None if self.line.socket().is_some() => Err(End::Bad("too_much")),
                    None => Err(End::Gone),
                },
                // Boxed: it is seldom, and its room would be every link's.
                () = &mut alarm => Box::pin(self.wake()).await,
            };
            if let Err(end) = went {
                return end;
            }
        }
    }

    fn next_due(&self) -> Time {
        let hello = self.outbox.is_none().then_some(self.hello_by);
        let again = self.late.as_ref().map(|_| self.hall.clock.now().after(AGAIN_AFTER));
        let renewal = self.claims.renew_at();
        hello.into_iter().chain(again).fold(renewal, Time::min)
    }

    /// Ends what is left of the connection. At the server's stop it is closed as a whole, after
    /// which the client comes back by itself.
    async fn close(&self, end: End) {
        if matches!(end, End::Stopping | End::Gone) {
            return;
        }
        if let Some(socket) = self.line.socket() {
            let _ = socket.disconnect();
        }
        if let Some(cut) = &self.line.cut {
            self.hall.stop.run_until_cancelled(sleep(LINGER)).await;
            cut.cut();
        }
    }

    // === in ===

    async fn take(&mut self, message: ToServer) -> Result<(), End> {
        let said = match message {
            ToServer::Hello { version } => return self.hello(version).await,
            ToServer::Bye => return Err(End::Bye),
            ToServer::Other => return Ok(()),
            _ if self.outbox.is_none() => return Err(End::Bad("no_hello")),
            ToServer::Report(report) => Said::Report(report),
            ToServer::Snooze { until } => Said::Snooze { until },
            ToServer::Unsnooze => Said::Unsnooze,
        };
        self.tell(said).await;
        Ok(())
    }

    async fn hello(&mut self, version: u32) -> Result<(), End> {
        if let Err(mismatch) = agree(version, VERSION) {
            let message = mismatch.to_string();
            self.line.emit(&ToGadget::Incompatible { version: VERSION, message })?;
            return Err(End::Version);
        }
        if self.outbox.is_some() {
            return Err(End::Bad("two_hellos"));
        }
        let (outbox, inbox) = mailbox(OUTBOX);
        self.outbox = Some(inbox);
        self.tell(Said::Hello { outbox }).await;
        Ok(())
    }

    async fn tell(&self, said: Said) {
        let (agent, link) = (self.claims.agent.clone(), self.number);
        self.hall.engine.send(Message::Gadget(FromGadget { agent, link, said })).await;
    }

    // === out ===

    /// What is wanted may be overtaken by what is wanted later; nothing else may be lost.
    fn send(&mut self, message: Box<ToGadget>) -> Result<(), End> {
        let replaces = matches!(*message, ToGadget::Wanted { .. });
        if !replaces {
            self.send_late()?;
        }
        if replaces && self.late.is_some() {
            self.late = Some(message);
            return Ok(());
        }
        if self.late.is_some() {
            return Err(End::Stuck);
        }
        match self.line.emit(&message) {
            Err(End::Stuck) if replaces => {
                self.late = Some(message);
                Ok(())
            }
            sent => sent,
        }
    }

    fn send_late(&mut self) -> Result<(), End> {
        let Some(late) = self.late.take() else { return Ok(()) };
        match self.line.emit(&late) {
            Err(End::Stuck) => {
                self.late = Some(late);
                Ok(())
            }
            sent => sent,
        }
    }

    /// What is due.
    async fn wake(&mut self) -> Result<(), End> {
        let now = self.hall.clock.now();
        self.send_late()?;
        if self.outbox.is_none() && now >= self.hello_by {
            return Err(End::NoHello);
        }
        if now < self.claims.renew_at() {
            return Ok(());
        }
        let watched = self.hall.engine.watches(self.claims.agent.clone()).await.is_ok();
        let Some(renewed) = self.claims.renewed(now).filter(|_| watched) else {
            return Err(End::ProofOver);
        };
        let reply = renewed.reply(&self.hall.key, now);
        self.claims = renewed;
        self.line.emit(&ToGadget::Renewed(reply))
    }
}

impl Line {
    fn socket(&self) -> Option<SocketRef> {
        self.io.of(NAMESPACE)?.get_socket(self.sid)
    }

    fn emit(&self, message: &ToGadget) -> Result<(), End> {
        let socket = self.socket().ok_or(End::Gone)?;
        match socket.emit(EVENT, message) {
            Ok(()) => Ok(()),
            Err(SendError::Socket(SocketError::Closed)) => Err(End::Gone),
            Err(_) => Err(End::Stuck),
        }
    }
}

/// The next of what the engine says; nothing before the gadget said hello.
async fn next(outbox: &mut Option<Inbox<Box<ToGadget>>>) -> Option<Box<ToGadget>> {
    match outbox {
        Some(outbox) => outbox.next().await,
        None => std::future::pending().await,
    }
}

impl End {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Bye => "bye",
            Self::Bad(why) => why,
            Self::Stuck => "stuck",
            Self::NoHello => "no_hello",
            Self::Version => "version",
            Self::Dismissed => "dismissed",
            Self::ProofOver => "proof_over",
            Self::Stopping => "stopping",
        }
    }
}
