//! The links between the gadgets and the engine, at the server's end: the same messages and
//! outboxes as the real ones, without Socket.IO between.

use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lockstep::engine::{FromGadget, Handle, Message, OUTBOX, Said};
use lockstep::mailbox::{Inbox, mailbox};
use lockstep_core::AgentId;
use lockstep_core::protocol::{Report, ToGadget};
use lockstep_core::writer::Link;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::desk::Desk;
use crate::laws::Turn;

/// What arrives from a gadget.
#[derive(Debug)]
pub enum Up {
    /// Its first word.
    Hello,
    /// An account.
    Report(Box<Report>),
    /// It is gone, as far as the server can tell.
    Gone,
}

/// What leaves for a gadget.
#[derive(Debug)]
pub enum Down {
    /// A message.
    Message(Box<ToGadget>),
    /// The server closes the link.
    Closed,
}

/// A handle to the links; clones share it, and it outlives Lockstep's host.
#[derive(Clone, Debug)]
pub struct Wire {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    finesse: Desk,
    up: Mutex<VecDeque<(AgentId, Link, Up)>>,
    down: Mutex<VecDeque<(Link, Down)>>,
    open: Mutex<BTreeSet<(AgentId, Link)>>,
    more: Notify,
    serving: AtomicBool,
}

impl Wire {
    /// No link yet; `finesse` has the judge.
    pub fn new(finesse: Desk) -> Self {
        let (up, down, open) = Default::default();
        let inner = Inner { finesse, up, down, open, more: Notify::new(), serving: false.into() };
        Self { inner: Arc::new(inner) }
    }

    /// Something arrives at the server.
    pub fn arrives(&self, agent: &AgentId, link: Link, up: Up) {
        if self.is_served() {
            lock(&self.inner.up).push_back((agent.clone(), link, up));
            self.inner.more.notify_one();
        }
    }

    /// What has left the server since this was asked last.
    pub fn leaving(&self) -> VecDeque<(Link, Down)> {
        std::mem::take(&mut *lock(&self.inner.down))
    }

    /// Does somebody answer at the server's end?
    pub fn is_served(&self) -> bool {
        self.inner.serving.load(Ordering::SeqCst)
    }

    /// The server's process is gone, and so is all that had arrived there.
    pub fn cut_off(&self) {
        self.inner.serving.store(false, Ordering::SeqCst);
        lock(&self.inner.up).clear();
        lock(&self.inner.open).clear();
    }

    /// Carries messages for as long as the server runs, then closes every link.
    pub async fn carry(self, engine: Handle, stop: CancellationToken) {
        self.inner.serving.store(true, Ordering::SeqCst);
        let mut links = JoinSet::new();
        loop {
            while let Some((agent, link, up)) = self.next() {
                let said = match up {
                    Up::Hello => {
                        let (outbox, inbox) = mailbox(OUTBOX);
                        lock(&self.inner.open).insert((agent.clone(), link));
                        links.spawn(self.clone().serve(agent.clone(), link, inbox));
                        Said::Hello { outbox }
                    }
                    Up::Report(report) => Said::Report(report),
                    Up::Gone => {
                        self.ended(&agent, link);
                        Said::Gone
                    }
                };
                engine.send(Message::Gadget(FromGadget { agent, link, said })).await;
            }
            tokio::select! {
                biased; // one order, so that a simulation repeats
                () = stop.cancelled() => break,
                Some(_) = links.join_next() => {}
                () = self.inner.more.notified() => {}
            }
        }
        self.inner.serving.store(false, Ordering::SeqCst);
        let open = std::mem::take(&mut *lock(&self.inner.open));
        for (agent, link) in open {
            self.turn(&agent, Turn::Ended(link.0, None));
            lock(&self.inner.down).push_back((link, Down::Closed));
        }
    }

    /// What the engine says to one gadget, until it has no more use for it.
    async fn serve(self, agent: AgentId, link: Link, mut inbox: Inbox<Box<ToGadget>>) {
        while let Some(message) = inbox.next().await {
            match &*message {
                // One who left in the same moment is not told any more.
                ToGadget::Grant { .. } if !self.is_open(&agent, link) => {}
                ToGadget::Grant { term, .. } => {
                    self.turn(&agent, Turn::Granted(link.0, term.number()));
                }
                ToGadget::Revoke { term } => {
                    self.turn(&agent, Turn::Ended(link.0, Some(term.number())));
                }
                _ => {}
            }
            lock(&self.inner.down).push_back((link, Down::Message(message)));
        }
        lock(&self.inner.down).push_back((link, Down::Closed));
        if self.is_open(&agent, link) {
            self.ended(&agent, link);
        }
    }

    fn is_open(&self, agent: &AgentId, link: Link) -> bool {
        lock(&self.inner.open).contains(&(agent.clone(), link))
    }

    fn ended(&self, agent: &AgentId, link: Link) {
        lock(&self.inner.open).remove(&(agent.clone(), link));
        self.turn(agent, Turn::Ended(link.0, None));
    }

    fn turn(&self, agent: &AgentId, turn: Turn) {
        self.inner.finesse.note("server", format!("{agent}: {turn:?}"));
        self.inner.finesse.judge_at(|laws, now| laws.turn(agent.as_str(), now, turn));
    }

    fn next(&self) -> Option<(AgentId, Link, Up)> {
        lock(&self.inner.up).pop_front()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
