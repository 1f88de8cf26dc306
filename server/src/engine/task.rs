use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use lockstep_core::agent::{Input, LedgerEntry};
use lockstep_core::staffing::Staffing;
use lockstep_core::{AgentId, PersonId, TeamId, Time};
use tokio::sync::mpsc;
use tokio::time::sleep_until;
use tokio_util::sync::CancellationToken;

use super::news::Untold;
use super::slot::Slot;
use super::timing::Rounds;
use super::{Message, Policies, Row, Unwatched};
use crate::clock::Clock;
use crate::journal::{Deed, Record, Sink};
use crate::ledger::Commit;
use crate::traces::Tracer;

/// Messages that may wait for the engine. A message takes microseconds; when this many wait,
/// senders wait too, and nothing is dropped.
pub const MESSAGES: usize = 4_096;
/// Messages taken in before what came out is handed on, so that one write of the ledger serves
/// a burst.
const BATCH: usize = 256;

/// Owns every agent. Its maps are ordered, so that the same messages lead to the same log.
#[derive(Debug)]
pub struct Engine {
    pub(super) clock: Clock,
    /// Whose is which; each slot has its own at hand.
    pub(super) policies: Policies,
    pub(super) staffing: Staffing,
    /// Boxed: a map has room for almost twice as many as are in it.
    pub(super) slots: BTreeMap<AgentId, Box<Slot>>,
    pub(super) by_person: BTreeMap<PersonId, Vec<AgentId>>,
    pub(super) wakes: BTreeSet<(Time, AgentId)>,
    pub(super) rounds: Rounds,
    /// Of agents who are not watched at present, too: a hold outlives a roster that lacks them.
    pub(super) ledger: BTreeMap<AgentId, LedgerEntry>,
    /// Nothing had been kept before this start: an agent who is not in the ledger is unknown.
    pub(super) ledger_gone: bool,
    pub(super) clock_ahead_ms: i64,
    /// Since when nothing is known of anybody, because the feed is down.
    pub(super) feed_lost: Option<Time>,
    /// The highest number of a request for an agent who is not watched any more.
    pub(super) last_number: u64,
    pub(super) commit: Commit,
    /// What was decided and not told yet.
    pub(super) decided: Vec<Record>,
    /// Where it is kept.
    pub(super) journal: Sink,
    pub(super) tracer: Tracer,
    /// Teams that are left alone, until when. In memory only: a restart ends a pause.
    pub(super) paused: BTreeMap<TeamId, Time>,
    /// Of whom there is news, where somebody looks on.
    pub(super) untold: Untold,
}

impl Engine {
    /// An engine that watches nobody yet and knows `ledger` from before.
    pub fn new(
        clock: Clock,
        mut policies: Policies,
        ledger: BTreeMap<AgentId, LedgerEntry>,
    ) -> Self {
        let now = clock.now();
        policies.keep_time(now);
        let rounds = Rounds::starting(now, policies.next_change(now));
        Self {
            clock,
            policies,
            staffing: Staffing::default(),
            slots: BTreeMap::new(),
            by_person: BTreeMap::new(),
            wakes: BTreeSet::new(),
            rounds,
            ledger,
            ledger_gone: false,
            clock_ahead_ms: 0,
            feed_lost: None,
            last_number: 0,
            commit: Commit::default(),
            decided: Vec::new(),
            journal: Sink::nowhere(),
            tracer: Tracer::off(),
            paused: BTreeMap::new(),
            untold: Untold::default(),
        }
    }

    /// The same engine, looking for drift this often.
    #[must_use]
    pub fn reconciling(mut self, every: Duration) -> Self {
        self.rounds.reconciling(every, self.clock.now());
        self
    }

    /// The same engine, whose ledger is gone, or was never there.
    #[must_use]
    pub fn without_ledger(mut self, gone: bool) -> Self {
        self.ledger_gone = gone;
        self
    }

    /// The same engine, which has `journal` keep what is decided.
    #[must_use]
    pub fn journaling(mut self, journal: Sink) -> Self {
        self.journal = journal;
        self
    }

    /// The same engine, whose changes of presence are traced by `tracer`.
    #[must_use]
    pub fn traced(mut self, tracer: Tracer) -> Self {
        self.tracer = tracer;
        self
    }

    /// Runs until `stop`; hands what is to be recorded and done to `commits`.
    pub async fn run(
        mut self,
        mut messages: mpsc::Receiver<Message>,
        commits: mpsc::Sender<Commit>,
        stop: CancellationToken,
    ) {
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let due = self.clock.instant_of(self.next_due());
            tokio::select! {
                biased; // one order, so that a simulation repeats
                () = stop.cancelled() => break,
                taken = messages.recv_many(&mut batch, BATCH) => {
                    if taken == 0 {
                        break;
                    }
                }
                () = sleep_until(due) => {}
            }
            for message in batch.drain(..) {
                self.handle(message);
            }
            self.wake();
            let commit = std::mem::take(&mut self.commit);
            let handed_on = commit.is_empty() || commits.send(commit).await.is_ok();
            self.tell();
            if !handed_on {
                break;
            }
        }
    }

    /// One message at this moment and what came of it, for counting instructions.
    #[cfg(feature = "measured")]
    pub(crate) fn take_in(&mut self, now: Time, message: Message) -> Commit {
        self.clock = Clock::standing_at(now);
        self.handle(message);
        self.tell();
        std::mem::take(&mut self.commit)
    }

    fn handle(&mut self, message: Message) {
        match message {
            Message::Roster(roster) => self.set_roster(roster),
            Message::Policies(policies) => self.set_policies(*policies),
            Message::Feed(event) => self.feed(event),
            Message::Team { team, asked_at, members } => self.read_team(&team, asked_at, members),
            Message::Looked { agent, asked_at, view: Some(view) } => {
                self.seen(&agent, asked_at, view);
            }
            Message::Looked { agent, view: None, .. } => self.step(&agent, Input::LookFailed),
            Message::NotKnown(agent) => self.step(&agent, Input::NotKnown),
            Message::Answered { agent, request, answer, way } => {
                self.answered(&agent, request, answer, way);
            }
            Message::FailedOver { at } => {
                self.staffing.forget_states();
                self.step_all(&Input::FailedOver { at });
            }
            Message::Clock(ahead) => self.clock_ahead_ms = ahead,
            Message::TryAgain => self.step_all(&Input::TryAgain),
            Message::Gadget(message) => self.gadget(message),
            Message::Watches { agent, answer } => {
                let nobody = self.slots.is_empty();
                let why = if nobody { Unwatched::NotYet } else { Unwatched::NotThem };
                let slot = self.slots.get(&agent).ok_or(why);
                let _ = answer.send(slot.map(|slot| slot.watched.login_name.clone()));
            }
            Message::Turns(answer) => {
                let _ = answer.send(());
            }
            Message::Rows(answer) => {
                let _ = answer.send(self.rows());
            }
            Message::News { most, answer } => {
                let _ = answer.send(self.news(most));
            }
            Message::NoNews => self.no_news(),
            Message::Asked { agent, deed, actor, answer } => {
                let _ = answer.send(self.ask(&agent, deed, actor));
            }
            Message::Pause { team, until, actor, answer } => {
                let _ = answer.send(self.pause(&team, until, actor));
            }
            Message::Reload { actor } => {
                let at = self.clock.now();
                let (who, team, until) = (None, None, None);
                self.take_down(Deed { at, actor, what: "reload", who, team, until });
            }
        }
    }

    pub(super) fn ids(&self) -> Vec<AgentId> {
        self.slots.keys().cloned().collect()
    }

    fn rows(&self) -> Vec<Row> {
        let now = self.clock.now();
        self.slots.values().map(|slot| slot.row(now, self.clock_ahead_ms)).collect()
    }
}
