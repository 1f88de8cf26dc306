use std::time::Duration;

use super::call::Call;
use super::decision::Code;
use super::ledger::{Claim, LedgerEntry};
use super::seen::{Looks, Seen};
use super::{AgentSettings, Answer, Decision, Input, Output, Request, explain};
use crate::Time;
use crate::finesse::{AgentView, Target};
use crate::presence::Want;

/// An answer that never comes is taken for [`Answer::Unknown`] after this long; the shell's own
/// limit is shorter, so this only guards against a shell that lost one.
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// First pause before a refused or unanswered request is repeated; doubles up to
/// [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// Longest pause between repeats for one agent.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Pause after a refusal that repetition does not mend; ended early by [`Input::TryAgain`].
const BLOCKED_FOR: Duration = Duration::from_secs(300);
/// How long a look is waited for before the agent counts as unseen and is looked at again.
pub(super) const UNKNOWN_SETTLES_IN: Duration = Duration::from_secs(3);

/// The one request of an agent that may be under way (law 4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Flight {
    Idle,
    /// Sent, not answered. `before` is the claim that stands if the answer is a clear no.
    Sent {
        number: u64,
        target: Target,
        at: Time,
        before: Option<Claim>,
    },
    /// Answered, and not yet seen to have had an effect (law 7).
    Verifying {
        target: Target,
        until: Time,
    },
}

/// Why and until when nothing is sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Pause {
    pub(super) refusals: u32,
    pub(super) until: Option<Time>,
    /// What the pause is explained by.
    pub(super) code: Option<Code>,
}

/// The state machine of one agent.
///
/// Memory is constant, and so is the work per input (law 12).
#[derive(Debug, Clone)]
pub struct Agent {
    pub(super) settings: AgentSettings,
    pub(super) want: Option<Want>,
    pub(super) seen: Option<Seen>,
    pub(super) looks: Looks,
    pub(super) ledger: LedgerEntry,
    pub(super) flight: Flight,
    pub(super) pause: Pause,
    pub(super) call: Call,
    /// Something waits for the end of a call or of wrap-up.
    pub(super) remembered: bool,
    pub(super) wake_at: Option<Time>,
    recorded: LedgerEntry,
    explained: Option<(Code, u64)>,
    next_number: u64,
    /// Nothing has happened since the ledger was read.
    fresh_from_ledger: bool,
    outputs: Vec<Output>,
}

impl Agent {
    /// An agent of whom `ledger` is known from before a restart.
    pub fn new(settings: AgentSettings, ledger: LedgerEntry) -> Self {
        Self {
            settings,
            want: None,
            seen: None,
            looks: Looks::default(),
            recorded: ledger.clone(),
            ledger,
            flight: Flight::Idle,
            pause: Pause::default(),
            call: Call::default(),
            remembered: false,
            wake_at: None,
            explained: None,
            next_number: 0,
            fresh_from_ledger: true,
            outputs: Vec::new(),
        }
    }

    /// Takes in one input; what it yields is to be carried out in that order.
    pub fn step(&mut self, now: Time, input: Input) -> Vec<Output> {
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
            Input::Answered { request, answer } => self.on_answer(now, request, answer),
            Input::Snooze { until } => self.on_snooze(now, until),
            Input::Unsnooze => self.ledger.snoozed_until = None,
            Input::TryAgain => self.pause = Pause::default(),
            Input::Wake => {}
        }
        self.expire(now);
        self.settle(now);
        self.record();
        std::mem::take(&mut self.outputs)
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

    /// What must survive a restart.
    pub const fn ledger(&self) -> &LedgerEntry {
        &self.ledger
    }

    /// Is a request under way, or not yet seen to have had an effect?
    pub fn is_busy(&self) -> bool {
        self.flight != Flight::Idle
    }

    /// The code of the last decision.
    pub fn last_code(&self) -> Option<Code> {
        self.explained.map(|(code, _)| code)
    }

    /// Other rules of the platform or of the site apply from now on.
    pub fn set_settings(&mut self, settings: AgentSettings) {
        self.settings = settings;
    }

    /// A request from before the restart may yet have its effect.
    fn resume(&mut self, now: Time) {
        if let Some(claim) = &self.ledger.claim
            && now <= claim.until
        {
            let target = if claim.ready { Target::Ready } else { Target::NotReady };
            self.flight = Flight::Verifying { target, until: now.after(UNKNOWN_SETTLES_IN) };
        }
    }

    // === inputs ===

    fn on_want(&mut self, now: Time, want: Want) {
        let changed = self.want.as_ref().is_none_or(|last| last.wanted != want.wanted);
        self.call.wanted(&want);
        if self.ledger.quiet.as_ref().is_some_and(|quiet| *quiet != want.wanted) {
            self.ledger.quiet = None;
        }
        if changed {
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

    fn on_answer(&mut self, now: Time, request: u64, answer: Answer) {
        let Flight::Sent { number, target, before, .. } = &self.flight else { return };
        if *number != request {
            return;
        }
        let (target, before) = (*target, before.clone());
        match answer {
            Answer::Accepted => self.verify(now, target, self.settings.verify_for),
            Answer::Unknown => {
                self.pause_after_refusal(now, Code::FinesseUnavailable);
                self.verify(now, target, UNKNOWN_SETTLES_IN);
            }
            Answer::NotSent => self.give_up(now, before, Code::FinesseUnavailable),
            Answer::InvalidState => {
                self.give_up(now, before, Code::RefusedByState);
                self.looks.forget();
            }
            Answer::NotPermitted => self.block(now, before, Code::NotPermitted),
            Answer::Refused => self.block(now, before, Code::RefusedForGood),
            Answer::DryRun => self.block(now, before, Code::DryRun),
        }
    }

    fn on_snooze(&mut self, now: Time, until: Time) {
        self.ledger.snoozed_until = Some(until);
        if self.ledger.hold.take().is_some() {
            self.explain(now, Code::LeftSnoozed);
        }
    }

    // === requests ===

    /// Sends a request; the intent is in the ledger before it (law 1).
    pub(super) fn send(&mut self, now: Time, target: Target) {
        let Some(seen) = &self.seen else { return };
        let reason = self.reason_for(target);
        let before = self.ledger.claim.take();
        let earlier = before.as_ref().filter(|claim| claim.ready == (target == Target::Ready));
        self.ledger.claim = Some(Claim {
            ready: target == Target::Ready,
            reason: reason.clone(),
            since: earlier.map_or(now, |claim| claim.since),
            until: now.after(self.settings.verify_for + UNKNOWN_SETTLES_IN),
            from: seen.view.state,
            before: earlier.map_or(seen.view.changed_at, |claim| claim.before),
        });
        self.next_number += 1;
        let number = self.next_number;
        self.flight = Flight::Sent { number, target, at: now, before };
        self.explain(now, if target == Target::Ready { Code::Releasing } else { Code::Taking });
        self.record();
        let reason = (target == Target::NotReady).then_some(reason);
        self.outputs.push(Output::Send(Request { number, target, reason }));
    }

    fn verify(&mut self, now: Time, target: Target, within: Duration) {
        self.flight = Flight::Verifying { target, until: now.after(within) };
        self.looks.watch(now);
        let nothing_to_release = target == Target::Ready && self.ledger.hold.is_none();
        if !self.take_in_effect(now) && nothing_to_release {
            self.flight = Flight::Idle;
        }
    }

    fn give_up(&mut self, now: Time, before: Option<Claim>, code: Code) {
        self.flight = Flight::Idle;
        self.ledger.claim = before;
        self.pause_after_refusal(now, code);
        self.explain(now, code);
    }

    fn block(&mut self, now: Time, before: Option<Claim>, code: Code) {
        self.flight = Flight::Idle;
        self.ledger.claim = before;
        self.pause = Pause { refusals: 0, until: Some(now.after(BLOCKED_FOR)), code: Some(code) };
        self.explain(now, code);
    }

    pub(super) fn pause_after_refusal(&mut self, now: Time, code: Code) {
        let doubled = FIRST_PAUSE.saturating_mul(1 << self.pause.refusals.min(6));
        self.pause = Pause {
            refusals: self.pause.refusals.saturating_add(1),
            until: Some(now.after(doubled.min(LONGEST_PAUSE))),
            code: Some(code),
        };
    }

    /// Lets go of what time has overtaken.
    fn expire(&mut self, now: Time) {
        if let Flight::Sent { at, number, .. } = self.flight
            && now >= at.after(ANSWER_WITHIN)
        {
            self.on_answer(now, number, Answer::Unknown);
        }
        if let Flight::Verifying { until, .. } = self.flight
            && now >= until
        {
            self.flight = Flight::Idle;
            self.looks.forget();
            self.pause_after_refusal(now, Code::NoEffect);
            self.explain(now, Code::NoEffect);
        }
        if self.flight == Flight::Idle
            && self.seen.is_some()
            && self.ledger.claim.as_ref().is_some_and(|claim| now > claim.until)
        {
            self.ledger.claim = None;
        }
        if self.ledger.snoozed_until.is_some_and(|until| now >= until) {
            self.ledger.snoozed_until = None;
        }
        if self.pause.until.is_some_and(|until| now >= until) {
            self.pause.until = None;
        }
    }

    // === outputs ===

    pub(super) fn wake_by(&mut self, time: Time) {
        self.wake_at = Some(self.wake_at.map_or(time, |at| at.min(time)));
    }

    pub(super) fn look(&mut self) {
        self.outputs.push(Output::Look);
    }

    fn record(&mut self) {
        if self.ledger != self.recorded {
            self.recorded = self.ledger.clone();
            self.outputs.push(Output::Record(self.ledger.clone()));
        }
    }

    /// Tells a decision, once for as long as nothing changes (law 11).
    pub(super) fn explain(&mut self, now: Time, code: Code) {
        let key = (code, self.want.as_ref().map_or(0, |want| want.seq));
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
            state: self.view().map(|view| view.state),
            held: self.ledger.hold.is_some(),
            text,
        }));
    }
}
