//! The desk itself.

mod acting;
mod grant;
mod labels;
mod link;
mod turn;

use std::collections::VecDeque;

use super::answer::answer;
use super::{DeskInput, DeskOutput, Link, Reasons, Reply};
use crate::Time;
use crate::agent::{Agent, Decision, Input, LedgerEntry, Request, Snooze};
use crate::finesse::AgentView;
use crate::presence::Want;
use crate::protocol::{Policy, Report, Term, ToServer};

/// Decisions kept for the agent to read: five that were asked for, done, and confirmed.
pub const MOST_DECISIONS: usize = 15;

/// One gadget. Memory and the work per input are constant, but for the list of reasons.
#[derive(Debug)]
pub struct Desk {
    pub(crate) link: Link,
    pub(crate) incompatible: Option<String>,
    pub(crate) policy: Option<Policy>,
    pub(crate) finesse_gone: bool,
    pub(crate) stale_since: Option<Time>,
    pub(crate) reasons: Reasons,
    pub(crate) want: Option<Want>,
    pub(crate) seen: Option<Seen>,
    /// What the writer reported last, where we are not the writer.
    pub(crate) shown: Option<Box<Report>>,
    pub(crate) decisions: VecDeque<Decision>,
    term: Option<Term>,
    pub(crate) agent: Option<Agent>,
    /// The number of the last request of any agent of this page.
    last_request: u64,
    kept: Option<LedgerEntry>,
    /// A request that waits for the list of reasons to be read.
    waiting: Option<Request>,
    /// The request that was sent last: it may be refused for its reason and be sent once more.
    asked: Option<Request>,
    /// The request whose reason was refused once already.
    refused_once: Option<u64>,
    acknowledges: Option<u64>,
    /// The report by which the server is asked whether it is still our turn.
    unconfirmed: Option<u64>,
    /// The agent was seen since the server told its time on this link.
    seen_by_its_clock: bool,
    /// When the last input came, and when one came last after a long pause.
    stepped_at: Time,
    stirred_at: Time,
    /// What waits for the answer.
    held_back: VecDeque<Input>,
    reports: u64,
    /// Something is to be reported although no decision tells it.
    to_report: bool,
    outputs: Vec<DeskOutput>,
}

/// What Finesse showed last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) view: AgentView,
    asked_at: Time,
    /// When it came.
    at: Time,
    clock_ahead_ms: i64,
}

impl Seen {
    /// Was another question, answered later, asked before this one? Of two that were under way together
    /// the state's own time tells.
    fn is_newer_than(&self, now: Time, other: &Self) -> bool {
        let together = other.asked_at < self.at.min(now);
        let times = (other.view.changed_at, self.view.changed_at);
        let older = matches!(times, (Some(other), Some(this)) if other < this);
        other.asked_at < self.asked_at.min(now) || (together && older)
    }
}

impl Desk {
    /// A gadget whose tab kept this from before it was reloaded.
    pub fn new(kept: Option<LedgerEntry>) -> Self {
        Self {
            link: Link::Opening,
            incompatible: None,
            policy: None,
            finesse_gone: false,
            stale_since: None,
            reasons: Reasons::Unread,
            want: None,
            seen: None,
            shown: None,
            decisions: VecDeque::with_capacity(MOST_DECISIONS),
            term: None,
            agent: None,
            last_request: 0,
            kept,
            waiting: None,
            asked: None,
            refused_once: None,
            acknowledges: None,
            unconfirmed: None,
            seen_by_its_clock: false,
            stepped_at: Time::default(),
            stirred_at: Time::default(),
            held_back: VecDeque::new(),
            reports: 0,
            to_report: false,
            outputs: Vec::new(),
        }
    }

    /// Takes in one input; what it yields is to be done in that order.
    pub fn step(&mut self, now: Time, input: DeskInput) -> Vec<DeskOutput> {
        self.note_pause(now);
        if self.has_slept(now, &input) {
            self.doubt_turn();
        }
        match input {
            DeskInput::LinkUp => self.on_link_up(),
            DeskInput::LinkDown => self.on_link_down(now),
            DeskInput::Trouble(trouble) => self.on_trouble(now, trouble),
            DeskInput::Heard(message) => self.on_heard(now, message),
            DeskInput::Seen { view, asked_at, clock_ahead_ms } => {
                self.on_seen(now, Seen { view, asked_at, at: now, clock_ahead_ms });
            }
            DeskInput::Pushed { view, clock_ahead_ms } => {
                self.on_pushed(now, view, clock_ahead_ms);
            }
            DeskInput::LookFailed => self.act(now, Input::LookFailed),
            DeskInput::FinesseGone => self.on_finesse(now, true),
            DeskInput::FinesseBack => self.on_finesse(now, false),
            DeskInput::Replied { request, reply } => self.on_reply(now, request, &reply),
            DeskInput::Reasons(list) => self.on_reasons(now, Reasons::Read(list)),
            DeskInput::ReasonsFailed => self.on_reasons(now, Reasons::Unread),
            DeskInput::Snooze(snooze) => self.on_own_snooze(now, snooze),
            DeskInput::Unsnooze => self.on_own_unsnooze(now),
            DeskInput::Wake => self.act(now, Input::Wake),
        }
        if std::mem::take(&mut self.to_report) {
            self.report(None, false);
        }
        std::mem::take(&mut self.outputs)
    }

    /// When [`DeskInput::Wake`] is wanted.
    pub fn next_wake(&self) -> Option<Time> {
        self.agent.as_ref().filter(|_| self.unconfirmed.is_none()).and_then(Agent::next_wake)
    }

    /// Is it this gadget's turn to act?
    pub const fn is_writer(&self) -> bool {
        self.agent.is_some()
    }

    /// Was the agent seen?
    pub const fn has_seen(&self) -> bool {
        self.seen.is_some()
    }

    /// The agent's reasons, as far as they are read.
    pub const fn reasons(&self) -> &Reasons {
        &self.reasons
    }

    /// What is known of the agent: our own, or what the writer reported.
    pub fn ledger(&self) -> Option<&LedgerEntry> {
        let own = self.agent.as_ref().map(Agent::ledger);
        own.or_else(|| self.shown.as_ref().map(|shown| &shown.ledger))
    }

    // === Finesse ===

    fn on_seen(&mut self, now: Time, seen: Seen) {
        // Asked before the server told its time: as if that were to come, it would hide all that follows.
        if seen.asked_at > now {
            return self.outputs.push(DeskOutput::Look);
        }
        let Seen { view, asked_at, clock_ahead_ms, .. } = seen.clone();
        let mut changed = false;
        if self.seen.as_ref().is_none_or(|last| !last.is_newer_than(now, &seen)) {
            self.seen_by_its_clock = true;
            changed = self.seen.as_ref().is_none_or(|last| last.view != view);
            self.seen = Some(seen);
            self.to_report |= changed && self.is_writer();
        }
        self.act(now, Input::Seen { view, asked_at, clock_ahead_ms });
        // What waits for the list of reasons was asked for in another state.
        if changed && self.waiting.is_some() {
            self.on_reasons(now, Reasons::Unread);
        }
    }

    /// What is older than what was seen already says nothing; but that is looked up, should Finesse's
    /// clock have been set back.
    fn on_pushed(&mut self, now: Time, view: AgentView, clock_ahead_ms: i64) {
        let last = self.seen.as_ref().and_then(|last| last.view.changed_at);
        if matches!((view.changed_at, last), (Some(this), Some(last)) if this < last) {
            return self.outputs.push(DeskOutput::Look);
        }
        self.on_seen(now, Seen { view, asked_at: now, at: now, clock_ahead_ms });
    }

    fn on_finesse(&mut self, now: Time, gone: bool) {
        self.finesse_gone = gone;
        self.act(now, Input::FailedOver { at: now });
    }

    fn on_reply(&mut self, now: Time, request: u64, reply: &Reply) {
        let Some(answer) = answer(reply) else { return self.on_reason_refused(now, request) };
        self.act(now, Input::Answered { request, answer });
    }

    // === snooze ===

    fn on_own_snooze(&mut self, now: Time, snooze: Snooze) {
        let until = snooze.as_time();
        if self.is_writer() {
            self.act(now, Input::Snooze { until });
        } else if self.link == Link::Live {
            self.tell(ToServer::Snooze { until });
        }
    }

    fn on_own_unsnooze(&mut self, now: Time) {
        if self.is_writer() {
            self.act(now, Input::Unsnooze);
        } else if self.link == Link::Live {
            self.tell(ToServer::Unsnooze);
        }
    }
}
