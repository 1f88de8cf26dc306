//! The desk itself.

mod turn;

use std::collections::VecDeque;
use std::sync::Arc;

use super::answer::answer;
use super::{DeskInput, DeskOutput, Link, Reasons, Reply, Trouble};
use crate::Time;
use crate::agent::{Agent, Answer, Decision, Input, LedgerEntry, Output, Request, Snooze};
use crate::finesse::{AgentView, Target};
use crate::presence::Want;
use crate::protocol::{Policy, Report, Term, ToGadget, ToServer, VERSION};
use crate::rules::Wanted;

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

    // === the link ===

    fn on_link_up(&mut self) {
        self.link = Link::Live;
        self.reports = 0;
        self.acknowledges = None;
        self.tell(ToServer::Hello { version: VERSION });
    }

    /// Without a link nobody acts: somebody else may have been given the turn.
    fn on_link_down(&mut self, now: Time) {
        if matches!(self.link, Link::Live) {
            self.link = Link::Lost { since: now };
        }
        self.rest();
    }

    fn on_trouble(&mut self, now: Time, trouble: Trouble) {
        self.on_link_down(now);
        let passing = matches!(trouble, Trouble::Unreachable | Trouble::NoSocket);
        let was_live = matches!(self.link, Link::Lost { .. });
        if !(passing && was_live) {
            self.link = Link::Barred(trouble);
        }
    }

    fn on_heard(&mut self, now: Time, message: ToGadget) {
        match message {
            ToGadget::Welcome { policy, .. } => self.on_welcome(policy),
            ToGadget::Incompatible { message, .. } => {
                self.incompatible = Some(message);
                self.rest();
                self.outputs.push(DeskOutput::Leave);
            }
            ToGadget::Wanted { sequence, want } => {
                self.acknowledges = Some(sequence);
                self.want = Some(want.clone());
                self.to_report = self.is_writer();
                let want = self.resolved(want);
                self.act(now, Input::Want(want));
            }
            ToGadget::Grant { term, ledger } => self.on_grant(now, term, ledger),
            ToGadget::Revoke { term } => {
                if self.term.is_some_and(|ours| ours <= term) {
                    self.report(None, true);
                    self.rest();
                }
            }
            ToGadget::Shown(report) => self.on_shown(report),
            ToGadget::Snooze { until } => self.act(now, Input::Snooze { until }),
            ToGadget::Unsnooze => self.act(now, Input::Unsnooze),
            ToGadget::Stale { since } => self.stale_since = since,
            // The first two are the shell's own: a new token, the link's end.
            ToGadget::Renewed(_) | ToGadget::Bye { .. } | ToGadget::Other => {}
            ToGadget::Received { report } => self.on_received(now, report),
        }
    }

    fn on_welcome(&mut self, policy: Policy) {
        self.seen_by_its_clock = false;
        if let Some(agent) = &mut self.agent {
            agent.set_settings(policy.settings(true, self.reasons.are_configured()));
        }
        self.policy = Some(policy);
    }

    fn on_shown(&mut self, report: Box<Report>) {
        if self.is_writer() {
            return;
        }
        if let Some(decision) = report.decision.clone() {
            self.remember(decision);
        }
        self.shown = Some(report);
    }

    // === whose turn it is ===

    /// The tab's own ledger is the newer one where nobody has acted since: the last reports may have
    /// been lost with the link, or with the server.
    fn on_grant(&mut self, now: Time, term: Term, journal: Option<LedgerEntry>) {
        let Some(policy) = &self.policy else { return };
        let since = journal.as_ref().map(|journal| journal.term);
        let own = self.kept.take().filter(|kept| Some(kept.term) >= since);
        let known = own.or(journal);
        let settings = policy.settings(known.is_some(), self.reasons.are_configured());
        let ledger = LedgerEntry { term, ..known.unwrap_or_default() };
        let hold = ledger.hold.clone();
        self.rest();
        self.term = Some(term);
        self.shown = None;
        self.kept = Some(ledger.clone());
        self.agent = Some(Agent::new(settings, ledger).numbered_after(self.last_request));
        self.to_report = true;
        if self.may_have_slept(now) {
            self.doubt_turn();
        }
        // What denies the hold may be older than the hold, and what was seen before the server told its
        // time may be on another clock: then the agent is looked at first.
        let denied =
            |seen: &&Seen| hold.as_ref().is_some_and(|hold| hold.is_in(&seen.view) == Some(false));
        let current = self.seen.as_ref().filter(|_| self.seen_by_its_clock);
        let seen = current.filter(|seen| !denied(seen)).cloned();
        if let Some(Seen { view, asked_at, clock_ahead_ms, .. }) = seen {
            // A server that comes back may have another clock.
            let asked_at = asked_at.min(now);
            self.act(now, Input::Seen { view, asked_at, clock_ahead_ms });
        }
        if let Some(want) = self.want.clone() {
            let want = self.resolved(want);
            self.act(now, Input::Want(want));
        }
    }

    /// Somebody else acts, or nobody.
    fn rest(&mut self) {
        if let Some(agent) = self.agent.take() {
            self.last_request = agent.last_number();
        }
        self.term = None;
        self.unconfirmed = None;
        self.held_back.clear();
        self.waiting = None;
        self.asked = None;
        self.to_report = false;
    }

    // === Finesse ===

    fn on_seen(&mut self, now: Time, seen: Seen) {
        let Seen { view, asked_at, clock_ahead_ms, .. } = seen.clone();
        if self.seen.as_ref().is_some_and(|last| last.is_newer_than(now, &seen)) {
            return self.act(now, Input::Seen { view, asked_at, clock_ahead_ms });
        }
        self.seen_by_its_clock = true;
        let changed = self.seen.as_ref().is_none_or(|last| last.view != view);
        self.seen = Some(seen);
        self.to_report |= changed && self.is_writer();
        self.act(now, Input::Seen { view, asked_at, clock_ahead_ms });
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

    // === reasons ===

    /// The list may be out of date: it is read again, once for each request.
    fn on_reason_refused(&mut self, now: Time, request: u64) {
        let again = self.refused_once != Some(request);
        self.refused_once = Some(request);
        match self.asked.take().filter(|asked| again && asked.number == request) {
            Some(asked) => self.read_reasons_for(asked),
            None => self.act(now, Input::Answered { request, answer: Answer::ReasonMissing }),
        }
    }

    fn read_reasons_for(&mut self, request: Request) {
        self.waiting = Some(request);
        self.outputs.push(DeskOutput::ReadReasons);
    }

    fn on_reasons(&mut self, now: Time, reasons: Reasons) {
        let is_read = reasons != Reasons::Unread;
        if is_read {
            self.reasons = reasons;
        }
        if let (Some(agent), Some(policy)) = (&mut self.agent, &self.policy) {
            agent.set_settings(policy.settings(true, self.reasons.are_configured()));
        }
        let Some(request) = self.waiting.take() else { return self.reconsider(now) };
        let number = request.number;
        if !is_read {
            return self.act(now, Input::Answered { request: number, answer: Answer::NotSent });
        }
        self.refused_once = Some(number);
        if let Ok(reason) = self.reason_of(&request) {
            return self.set(request, reason);
        }
        self.act(now, Input::Answered { request: number, answer: Answer::ReasonMissing });
        self.reconsider(now);
    }

    /// The list of reasons may have changed what can be asked for.
    fn reconsider(&mut self, now: Time) {
        let (Some(agent), Some(want)) = (&self.agent, self.want.clone()) else { return };
        let want = self.resolved(want);
        if agent.want().is_some_and(|last| last.wanted != want.wanted) {
            self.act(now, Input::Want(want));
        }
    }

    /// What is wanted, with the configured reason in place of one that the list does not have.
    fn resolved(&self, mut want: Want) -> Want {
        let default = self.policy.as_ref().and_then(|policy| policy.default_reason.as_ref());
        if let Wanted::NotReady { reason } = &mut want.wanted
            && let Some(default) = default.filter(|default| self.reasons.id(default).is_some())
            && self.reasons.id(reason).is_none()
        {
            reason.clone_from(default);
        }
        want
    }

    /// The id that goes with a request; `Err` where the list has no such label.
    fn reason_of(&self, request: &Request) -> Result<Option<String>, ()> {
        let Some(label) = request.reason.as_deref().filter(|_| request.target != Target::Ready)
        else {
            return Ok(None);
        };
        if !self.reasons.are_configured() {
            return Ok(None);
        }
        self.reasons.id(label).map(|id| Some(id.to_owned())).ok_or(())
    }

    // === the agent ===

    fn act(&mut self, now: Time, input: Input) {
        let Some(agent) = &mut self.agent else { return };
        if self.unconfirmed.is_some() {
            return self.hold_back(input);
        }
        let outputs = agent.step(now, input);
        let mut dry = Vec::new();
        for output in outputs {
            match output {
                Output::Record(ledger) => self.record(ledger),
                Output::Decided(decision) => self.decided(decision),
                Output::Look(_) => self.outputs.push(DeskOutput::Look),
                Output::Send(request) => dry.extend(self.send(request)),
            }
        }
        for request in dry {
            self.act(now, Input::Answered { request, answer: Answer::DryRun });
        }
    }

    /// Sends, or tells the number of a request that a dry run does not send.
    fn send(&mut self, request: Request) -> Option<u64> {
        if self.policy.as_ref().is_some_and(|policy| policy.dry_run) {
            return Some(request.number);
        }
        // The server knows of the intent before Finesse does (law 1).
        if std::mem::take(&mut self.to_report) {
            self.report(None, false);
        }
        match self.reason_of(&request) {
            Ok(reason) => self.set(request, reason),
            Err(()) => self.read_reasons_for(request),
        }
        None
    }

    fn set(&mut self, request: Request, reason: Option<String>) {
        let (number, target) = (request.number, request.target);
        self.asked = Some(request);
        self.outputs.push(DeskOutput::Set { request: number, target, reason });
    }

    fn record(&mut self, ledger: LedgerEntry) {
        self.kept = Some(ledger.clone());
        self.outputs.push(DeskOutput::Keep(Box::new(ledger)));
        self.to_report = true;
    }

    fn decided(&mut self, decision: Decision) {
        self.remember(decision.clone());
        self.to_report = false;
        self.report(Some(decision), false);
    }

    fn remember(&mut self, decision: Decision) {
        self.decisions.truncate(MOST_DECISIONS - 1);
        self.decisions.push_front(decision);
    }

    fn report(&mut self, decision: Option<Decision>, last: bool) {
        let Some(agent) = &self.agent else { return };
        self.reports += 1;
        let report = Report {
            number: self.reports,
            term: self.term,
            wanted: self.acknowledges,
            view: agent.view().cloned(),
            ledger: agent.ledger().clone(),
            decision,
            last,
        };
        self.tell(ToServer::Report(Box::new(report)));
    }

    fn tell(&mut self, message: ToServer) {
        self.outputs.push(DeskOutput::Tell(message));
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

    /// The labels that the rules may give and Finesse does not list for this agent.
    pub fn missing_labels(&self) -> Vec<&str> {
        let labels = self.policy.iter().flat_map(|policy| &policy.labels).map(Arc::as_ref);
        self.reasons.missing(labels)
    }
}
