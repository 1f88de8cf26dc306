//! The one request of an agent that may be under way, from sending it to its effect.

use std::time::Duration;

use super::Agent;
use super::decision::Code;
use super::ledger::Claim;
use super::{Answer, Output, Request};
use crate::Time;
use crate::finesse::Target;

/// An answer that never comes is taken for [`Answer::Unknown`] after this long; the shell's own
/// limit is shorter, so this only guards against a shell that lost one.
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// First pause before a refused or unanswered request is repeated; doubles up to
/// [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// Longest pause between repeats for one agent.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Pause after a refusal that repetition does not mend; ended early by
/// [`Input::TryAgain`](super::Input).
const BLOCKED_FOR: Duration = Duration::from_mins(5);
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
        /// Finesse failed over since: an answer that says "queued" says nothing.
        overtaken: bool,
    },
    /// Nothing is claimed: what our request replaced is asked for, or it is known that nothing more
    /// comes of a request that is not answered yet.
    PuttingBack {
        number: u64,
        at: Time,
    },
    /// Answered, and not yet seen to have had an effect (law 7).
    Verifying {
        target: Target,
        since: Time,
        until: Time,
    },
}

/// Why and until when nothing is sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Pause {
    refusals: u32,
    pub(super) until: Option<Time>,
    /// An answer that the agent's own changes do not mend: [`Input::TryAgain`](super::Input) and
    /// another want do.
    pub(super) block: Option<Code>,
}

impl Agent {
    /// A request from before the restart may yet have its effect.
    pub(super) fn resume(&mut self, now: Time) {
        if let Some(claim) = &self.ledger.claim
            && now <= claim.until
        {
            let target = if claim.ready { Target::Ready } else { Target::NotReady };
            let until = now.after(UNKNOWN_SETTLES_IN);
            self.flight = Flight::Verifying { target, since: now, until };
            self.looks.watch(now);
        }
    }

    pub(super) fn on_answer(&mut self, now: Time, request: u64, answer: Answer) {
        if self.is_refused_after_all(request, answer) {
            self.looks.forget();
            return self.give_up(now, None, Code::RefusedByState);
        }
        if matches!(self.flight, Flight::PuttingBack { number, .. } if number == request) {
            return self.on_put_back(answer);
        }
        let Flight::Sent { number, target, before, overtaken, .. } = &self.flight else { return };
        if *number != request {
            return;
        }
        let (target, before) = (*target, before.clone());
        let answer = match answer {
            Answer::Accepted if *overtaken => Answer::Unknown,
            answer => answer,
        };
        match answer {
            Answer::Accepted => self.verify(now, target, self.settings.verify_for),
            Answer::Unknown => {
                self.pause_after_refusal(now);
                self.verify(now, target, UNKNOWN_SETTLES_IN);
            }
            Answer::NotSent => self.give_up(now, before, Code::FinesseUnavailable),
            Answer::InvalidState => {
                self.give_up(now, before, Code::RefusedByState);
                self.looks.forget();
            }
            Answer::NotPermitted => self.block(now, before, Code::NotPermitted),
            Answer::NotKnown => {
                self.block(now, None, Code::NotPermitted);
                self.looks.doubt();
            }
            Answer::Refused => self.block(now, before, Code::RefusedForGood),
            Answer::ReasonMissing => self.block(now, before, Code::ReasonMissing),
            Answer::DryRun => self.block(now, before, Code::DryRun),
        }
    }

    /// An error may follow a success: CTI tells later than Finesse, and its word counts (law 7;
    /// Finesse notes 6, 17).
    fn is_refused_after_all(&self, request: u64, answer: Answer) -> bool {
        let is_clear_no = !matches!(answer, Answer::Accepted | Answer::Unknown | Answer::DryRun);
        is_clear_no
            && request == self.next_number
            && matches!(self.flight, Flight::Verifying { .. })
    }

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
            last: now,
            until: now.after(self.settings.verify_for + UNKNOWN_SETTLES_IN),
            from: seen.view.state,
            before: earlier.map_or(seen.view.changed_at, |claim| claim.before),
            clock_ahead_ms: Some(seen.clock_ahead_ms),
        });
        self.next_number += 1;
        let number = self.next_number;
        self.flight = Flight::Sent { number, target, at: now, before, overtaken: false };
        self.explain(now, if target == Target::Ready { Code::Releasing } else { Code::Taking });
        self.record();
        let reason = (target == Target::NotReady).then_some(reason);
        self.outputs.push(Output::Send(Request { number, target, reason }));
    }

    /// Is the effect of a request awaited of which Finesse said that it is queued?
    pub(super) fn is_accepted(&self) -> bool {
        matches!(self.flight, Flight::Verifying { since, until, .. }
            if until > since.after(UNKNOWN_SETTLES_IN))
    }

    fn verify(&mut self, now: Time, target: Target, within: Duration) {
        self.flight = Flight::Verifying { target, since: now, until: now.after(within) };
        self.looks.watch(now);
        let nothing_to_release = target == Target::Ready && self.ledger.hold.is_none();
        if !self.take_in_effect(now) && nothing_to_release {
            self.flight = Flight::Idle;
        }
    }

    /// What is under way may have been lost with the node that took it: its effect is waited for no
    /// longer than that of a request without an answer. Should it land later, the claim knows it.
    pub(super) fn doubt_flight(&mut self, now: Time) {
        match &mut self.flight {
            Flight::Idle | Flight::PuttingBack { .. } => {}
            Flight::Sent { overtaken, .. } => *overtaken = true,
            Flight::Verifying { until, .. } => {
                *until = (*until).min(now.after(UNKNOWN_SETTLES_IN));
                self.looks.watch(now);
            }
        }
    }

    /// No request can have an effect any more.
    pub(super) fn forget_requests(&mut self) {
        self.ledger.claim = None;
        self.flight = match self.flight {
            Flight::Sent { number, at, .. } => Flight::PuttingBack { number, at },
            _ => Flight::Idle,
        };
    }

    fn give_up(&mut self, now: Time, before: Option<Claim>, code: Code) {
        self.flight = Flight::Idle;
        self.ledger.claim = before;
        self.pause_after_refusal(now);
        self.explain(now, code);
    }

    fn block(&mut self, now: Time, before: Option<Claim>, code: Code) {
        self.flight = Flight::Idle;
        self.ledger.claim = before;
        // A dry run tells each want once.
        let until = (code != Code::DryRun).then(|| now.after(BLOCKED_FOR));
        self.pause = Pause { refusals: 0, until, block: Some(code) };
        self.explain(now, code);
    }

    fn pause_after_refusal(&mut self, now: Time) {
        let doubled = FIRST_PAUSE.saturating_mul(1 << self.pause.refusals.min(6));
        self.pause = Pause {
            refusals: self.pause.refusals.saturating_add(1),
            until: Some(now.after(doubled.min(LONGEST_PAUSE))),
            block: None,
        };
    }

    /// Lets go of what time has overtaken.
    pub(super) fn expire(&mut self, now: Time) {
        if let Flight::Sent { at, number, .. } | Flight::PuttingBack { at, number } = self.flight
            && now >= at.after(ANSWER_WITHIN)
        {
            self.on_answer(now, number, Answer::Unknown);
        }
        if let Flight::Verifying { until, .. } = self.flight
            && now >= until
        {
            self.flight = Flight::Idle;
            self.looks.forget();
            self.pause_after_refusal(now);
            self.explain(now, Code::NoEffect);
        }
        // Only a look from after its time says that it had no effect; looks may have failed.
        if self.flight == Flight::Idle
            && let (Some(claim), Some(seen)) = (&self.ledger.claim, &self.seen)
            && seen.asked_at > claim.until
        {
            self.ledger.claim = None;
        }
        if self.crossed.as_ref().is_some_and(|crossed| now >= crossed.until) {
            self.forget_crossed();
        }
        if self.ledger.snoozed_until.is_some_and(|until| now >= until) {
            self.ledger.end_snooze();
        }
        if self.pause.until.is_some_and(|until| now >= until) {
            self.pause = Pause { until: None, block: None, ..self.pause };
        }
    }
}
