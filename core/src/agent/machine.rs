//! One agent: what is known of them, what comes in and what goes out.

use super::call::Call;
use super::crossed::Crossed;
use super::decision::Code;
use super::flight::{Flight, Pause};
use super::ledger::LedgerEntry;
use super::seen::{Looks, Seen};
use super::{AgentSettings, Decision, Input, LookFor, Output, explain};
use crate::Time;
use crate::finesse::{AgentState, AgentView, Target};
use crate::presence::Want;

/// The state machine of one agent.
///
/// Memory is constant, and so is the work per input (law 12).
#[derive(Debug, Clone)]
pub struct Agent {
    pub(super) settings: AgentSettings,
    pub(super) want: Option<Want>,
    /// When we learned of what is wanted now; another presence that asks for the same changes nothing.
    pub(super) wanted_since: Time,
    pub(super) seen: Option<Seen>,
    pub(super) looks: Looks,
    pub(super) ledger: LedgerEntry,
    pub(super) flight: Flight,
    pub(super) pause: Pause,
    pub(super) call: Call,
    pub(super) crossed: Option<Crossed>,
    /// Something waits for the end of a call or of wrap-up.
    pub(super) remembered: bool,
    pub(super) wake_at: Option<Time>,
    recorded: LedgerEntry,
    explained: Option<(Code, u64, Option<AgentState>)>,
    pub(super) next_number: u64,
    /// Nothing has happened since the ledger was read.
    fresh_from_ledger: bool,
    pub(super) outputs: Vec<Output>,
}

impl Agent {
    /// An agent of whom `ledger` is known from before a restart.
    pub fn new(settings: AgentSettings, ledger: LedgerEntry) -> Self {
        Self {
            settings,
            want: None,
            wanted_since: Time::default(),
            seen: None,
            looks: Looks::default(),
            recorded: ledger.clone(),
            ledger,
            flight: Flight::Idle,
            pause: Pause::default(),
            call: Call::default(),
            crossed: None,
            remembered: false,
            wake_at: None,
            explained: None,
            next_number: 0,
            fresh_from_ledger: true,
            outputs: Vec::new(),
        }
    }

    /// The same agent whose requests are numbered on from here: one who comes back must not take
    /// the answer to a request from before for the answer to a new one.
    #[must_use]
    pub fn numbered_after(mut self, last: u64) -> Self {
        self.next_number = self.next_number.max(last);
        self
    }

    /// The number of the last request.
    pub const fn last_number(&self) -> u64 {
        self.next_number
    }

    /// Takes in one input; what it yields is to be carried out in that order.
    pub fn step(&mut self, now: Time, input: Input) -> Vec<Output> {
        self.take_in(now, input);
        self.expire(now);
        self.settle(now);
        self.record();
        std::mem::take(&mut self.outputs)
    }

    /// Takes in one input of several that come at once; nothing is asked for before the next step.
    pub fn take_in(&mut self, now: Time, input: Input) {
        self.wake_at = None;
        if std::mem::take(&mut self.fresh_from_ledger) {
            self.resume(now);
        }
        match input {
            Input::Want(want) => self.on_want(now, want),
            Input::Seen { view, asked_at, clock_ahead_ms } => {
                self.on_seen(now, Seen { view, asked_at, at: now, clock_ahead_ms });
            }
            Input::LookFailed => self.on_look_failed(now),
            Input::NotKnown => self.on_not_known(now),
            Input::FailedOver { at } => self.on_fail_over(now, at),
            Input::Answered { request, answer } => self.on_answer(now, request, answer),
            Input::Snooze { until } => self.on_snooze(now, until),
            Input::Unsnooze => self.on_unsnooze(),
            Input::OtherPerson => self.on_other_person(),
            Input::Reconcile { since } => self.on_reconcile(now, since),
            Input::TryAgain => self.pause = Pause::default(),
            Input::Wake => {}
        }
    }

    /// When [`Input::Wake`] is wanted.
    pub const fn next_wake(&self) -> Option<Time> {
        self.wake_at
    }

    /// What is wanted now.
    pub const fn want(&self) -> Option<&Want> {
        self.want.as_ref()
    }

    /// What Finesse showed last.
    pub fn view(&self) -> Option<&AgentView> {
        self.seen.as_ref().map(|seen| &seen.view)
    }

    /// When the question was sent whose answer is what Finesse showed last.
    pub fn seen_at(&self) -> Option<Time> {
        self.seen.as_ref().map(|seen| seen.asked_at)
    }

    /// What must survive a restart.
    pub const fn ledger(&self) -> &LedgerEntry {
        &self.ledger
    }

    /// Is a request under way, or not yet seen to have had an effect?
    pub fn is_busy(&self) -> bool {
        self.flight != Flight::Idle
    }

    /// Is a request for `target` under way, or not yet seen to have had an effect?
    pub fn awaits(&self, target: Target) -> bool {
        match self.flight {
            Flight::Idle => false,
            Flight::PuttingBack { .. } => target == Target::NotReady,
            Flight::Sent { target: asked, .. } | Flight::Verifying { target: asked, .. } => {
                asked == target
            }
        }
    }

    /// Is a request under way that is not answered yet?
    pub const fn is_asking(&self) -> bool {
        matches!(self.flight, Flight::Sent { .. } | Flight::PuttingBack { .. })
    }

    /// The code of the last decision.
    pub fn last_code(&self) -> Option<Code> {
        self.explained.map(|(code, ..)| code)
    }

    /// Was everything as it should be for what is wanted now? A request after that repairs a drift.
    pub fn is_settled(&self) -> bool {
        let seq = self.want.as_ref().map(|want| want.seq);
        self.explained.is_some_and(|(code, of, _)| code.is_settled() && Some(of) == seq)
    }

    /// Other rules of the platform or of the site apply from now on.
    pub fn set_settings(&mut self, settings: AgentSettings) {
        self.settings = settings;
    }

    // === inputs ===

    fn on_want(&mut self, now: Time, want: Want) {
        let changed = self.want.as_ref().is_none_or(|last| last.wanted != want.wanted);
        self.call.wanted(&want);
        self.end_snooze_by_presence(&want);
        if self.ledger.quiet.as_ref().is_some_and(|quiet| *quiet != want.wanted) {
            self.ledger.quiet = None;
        }
        if changed {
            self.wanted_since = want.at;
            self.pause = Pause::default();
            if self.remembered && !want.wanted.is_busy() {
                self.remembered = false;
                self.want = Some(want);
                return self.explain(now, Code::Dropped);
            }
        }
        self.want = Some(want);
    }

    fn on_look_failed(&mut self, now: Time) {
        self.looks.failed(now);
        self.explain(now, Code::FinesseUnavailable);
    }

    /// Whoever is made anew under the same id is somebody else: nothing that they do is ours.
    fn on_not_known(&mut self, now: Time) {
        self.forget_requests();
        self.ledger.lent = None;
        if self.ledger.hold.is_some() {
            self.lose_hold(now, false);
        }
        self.looks.doubt();
        self.on_look_failed(now);
    }

    /// Everybody is read again before anything is sent (law 2), whatever kept us from acting.
    fn on_fail_over(&mut self, now: Time, at: Time) {
        self.looks.start_over(at);
        self.pause = Pause::default();
        self.doubt_flight(now);
    }

    fn on_other_person(&mut self) {
        self.want = None;
        // Wants are numbered per human: what was said of one's first says nothing of the other's.
        self.explained = None;
        self.ledger.quiet = None;
        self.remembered = false;
        self.pause = Pause::default();
        self.call.forget_presence();
    }

    fn on_reconcile(&mut self, now: Time, since: Time) {
        if self.seen_at().is_none_or(|seen| seen < since) {
            self.look_now(now, LookFor::Outdated);
        }
    }

    fn on_snooze(&mut self, now: Time, until: Time) {
        self.ledger.snooze(until);
        self.explain(now, Code::LeftSnoozed);
    }

    fn on_unsnooze(&mut self) {
        let view = self.seen.as_ref().map(|seen| &seen.view);
        self.ledger.unsnooze(view);
    }

    // === outputs ===

    pub(super) fn wake_by(&mut self, time: Time) {
        self.wake_at = Some(self.wake_at.map_or(time, |at| at.min(time)));
    }

    pub(super) fn look(&mut self, why: LookFor) {
        self.outputs.push(Output::Look(why));
    }

    pub(super) fn record(&mut self) {
        if self.ledger != self.recorded {
            self.recorded = self.ledger.clone();
            self.outputs.push(Output::Record(self.ledger.clone()));
        }
    }

    /// Tells a decision, once for as long as nothing changes (law 11).
    pub(super) fn explain(&mut self, now: Time, code: Code) {
        let state = self.view().map(|view| view.state);
        let key = (code, self.want.as_ref().map_or(0, |want| want.seq), state);
        if self.explained == Some(key) {
            return;
        }
        self.explained = Some(key);
        let text =
            explain::sentence(code, self.want.as_ref(), self.view(), self.ledger.hold.as_ref());
        self.outputs.push(Output::Decided(Decision {
            at: now,
            code,
            want: self.want.clone(),
            state,
            held: self.ledger.hold.is_some(),
            text,
        }));
    }
}
