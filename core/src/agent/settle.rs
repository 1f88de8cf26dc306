//! What is to be done now, from what is wanted, what is seen and what is held.

use std::sync::Arc;

use super::Agent;
use super::call::Counts;
use super::decision::Code;
use super::flight::{ANSWER_WITHIN, Flight};
use super::input::LookFor;
use crate::Time;
use crate::finesse::{Actor, AgentState, AgentView, Situation, Target, verdict};
use crate::rules::Wanted;

/// The one next thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Nothing is wanted yet, so there is nothing to tell.
    Idle,
    /// Leave everything as it is, for this reason.
    Stay(Code),
    /// Remember what is wanted until a call or wrap-up is over.
    Remember(Code),
    /// It may count later.
    Later(Code, Time),
    /// Look before anything else.
    Look,
    /// Put back what a request of ours replaced, or tell that it cannot be.
    PutBack,
    Send(Target),
}

impl Agent {
    /// Does the one next thing; nothing while a request is under way (law 4).
    pub(super) fn settle(&mut self, now: Time) {
        match self.flight {
            Flight::Sent { at, .. } | Flight::PuttingBack { at, .. } => {
                self.wake_by(at.after(ANSWER_WITHIN));
            }
            Flight::Verifying { until, .. } => {
                self.wake_by(until);
                self.look_at_pace(now);
            }
            Flight::Idle => self.act(now),
        }
        if let Some(until) = self.ledger.snoozed_until {
            self.wake_by(until);
        }
    }

    fn act(&mut self, now: Time) {
        let next = self.next(now);
        if !matches!(next, Next::Remember(_)) {
            self.remembered = matches!(next, Next::Look) && self.remembered;
        }
        match next {
            Next::Idle => {}
            Next::Stay(code) => self.explain(now, code),
            Next::Remember(code) => {
                self.remembered = true;
                self.explain(now, code);
            }
            Next::Later(code, at) => {
                self.explain(now, code);
                self.wake_by(at);
            }
            Next::Look => self.look_now(now, LookFor::Unseen),
            Next::PutBack => self.put_back(now),
            Next::Send(target) => self.send_unless_paused(now, target),
        }
    }

    fn send_unless_paused(&mut self, now: Time, target: Target) {
        if let Some(code) = self.pause.block {
            self.explain(now, code);
        }
        match self.pause.until {
            Some(until) => self.wake_by(until),
            None if self.pause.block.is_some() => {}
            None => self.send_fresh(now, target),
        }
    }

    /// Sends, after a look where a law asks for one (laws 1 and 6).
    fn send_fresh(&mut self, now: Time, target: Target) {
        let is_call = self.want.as_ref().is_some_and(|want| want.may_be_contact_call);
        // Nothing is lost by a moment during a call, and wrap-up may have begun.
        let on_call = self.view().is_some_and(|view| view.state.is_on_call());
        let needs_fresh = match target {
            Target::Ready => Some(LookFor::Ready),
            Target::NotReady | Target::Logout => (is_call || on_call).then_some(LookFor::Call),
        };
        match needs_fresh {
            _ if self.looks.outdated => self.look_now(now, LookFor::Outdated),
            Some(why) if !self.is_fresh(now) => self.look_now(now, why),
            _ => {
                self.send(now, target);
                self.wake_by(now.after(ANSWER_WITHIN));
            }
        }
    }

    fn next(&self, now: Time) -> Next {
        // After a fail-over nothing is known of anybody (law 2).
        if self.looks.blind && self.want.is_some() {
            return Next::Look;
        }
        if self.is_crossed() {
            return Next::PutBack;
        }
        if self.ledger.snoozed_until.is_some() {
            return self.next_when_left_alone(Code::LeftSnoozed);
        }
        let Some(want) = &self.want else { return Next::Idle };
        let Some(seen) = &self.seen else { return Next::Look };
        if self.ledger.quiet.is_some() {
            return self.next_when_left_alone(Code::LeftHumanChose);
        }
        match &want.wanted {
            Wanted::Ignore if self.ledger.hold.is_some() => Next::Stay(Code::HeldLeftAlone),
            Wanted::Ignore => Next::Stay(Code::LeftByRule),
            Wanted::Free => self.next_when_free(&seen.view),
            Wanted::NotReady { reason } => match self.call.counts(now, &self.settings) {
                Counts::Yes => self.next_when_busy(&seen.view, reason),
                Counts::NotBefore(_) if self.ledger.hold.is_some() => Next::Stay(Code::StaysHeld),
                Counts::NotBefore(None) => Next::Stay(Code::IgnoredContactCall),
                Counts::NotBefore(Some(at)) => Next::Later(Code::IgnoredContactCall, at),
            },
        }
    }

    /// A request of ours that was under way may land on top of a human's choice: it is taken back.
    fn next_when_left_alone(&self, code: Code) -> Next {
        let landed_late = |view: &&AgentView| {
            self.ledger.hold.as_ref().is_some_and(|hold| hold.is_in(view) == Some(true))
        };
        match self.view().filter(landed_late) {
            Some(view) if self.may_send(Target::Ready, view) => Next::Send(Target::Ready),
            _ => Next::Stay(code),
        }
    }

    fn next_when_free(&self, view: &AgentView) -> Next {
        let Some(hold) = &self.ledger.hold else {
            let not_ours = view.state == AgentState::NotReady;
            return Next::Stay(if not_ours { Code::LeftNotOurs } else { Code::NothingToDo });
        };
        if hold.pending {
            return Next::Remember(Code::WaitsForCall);
        }
        if hold.is_in(view).is_none() {
            return Next::Stay(Code::CannotTell);
        }
        if self.may_send(Target::Ready, view) {
            Next::Send(Target::Ready)
        } else {
            Next::Remember(Code::WaitsForOtherCall)
        }
    }

    fn next_when_busy(&self, view: &AgentView, reason: &Arc<str>) -> Next {
        let spared = self.want.as_ref().is_some_and(|want| want.spared);
        match view.state {
            AgentState::Ready if spared => Next::Stay(Code::Spared),
            AgentState::Ready => Next::Send(Target::NotReady),
            AgentState::NotReady => self.next_when_not_ready(view, reason),
            AgentState::Work | AgentState::WorkReady => Next::Remember(Code::WaitsForWrapUp),
            AgentState::Logout | AgentState::Unknown => Next::Stay(Code::LeftSignedOut),
            AgentState::Talking | AgentState::Hold if !spared && self.may_make_pending(view) => {
                Next::Send(Target::NotReady)
            }
            _ => Next::Remember(Code::WaitsForCall),
        }
    }

    fn next_when_not_ready(&self, view: &AgentView, reason: &Arc<str>) -> Next {
        let Some(hold) = &self.ledger.hold else { return Next::Stay(Code::LeftNotOurs) };
        let says_other = self.settings.actor == Actor::Agent && hold.reason != *reason;
        if says_other && self.may_send(Target::NotReady, view) && hold.is_in(view) == Some(true) {
            Next::Send(Target::NotReady)
        } else {
            Next::Stay(Code::StaysHeld)
        }
    }

    /// The agent's own request during a call becomes a pending state (Finesse notes 6, 7 and 8).
    ///
    /// Asked for once per call, on CCE too: which reason pends is not shown, so that a second
    /// request might replace a lunch that the agent chose meanwhile.
    fn may_make_pending(&self, view: &AgentView) -> bool {
        self.settings.actor == Actor::Agent
            && view.pending != Some(AgentState::NotReady)
            && self.may_send(Target::NotReady, view)
    }

    fn may_send(&self, target: Target, view: &AgentView) -> bool {
        let situation = Situation {
            deployment: self.settings.deployment,
            state: view.state,
            busy_elsewhere: view.busy_elsewhere == Some(true),
            pending_spent: view.pending.is_some(),
        };
        verdict(self.settings.actor, target, situation).may_send()
    }

    fn is_fresh(&self, now: Time) -> bool {
        self.seen.as_ref().is_some_and(|seen| now.since(seen.at) <= self.settings.look_lasts)
    }

    // === looks ===

    pub(super) fn look_now(&mut self, now: Time, why: LookFor) {
        match self.looks.ask(now) {
            Ok(()) => self.look(why),
            Err(later) => self.wake_by(later),
        }
    }

    fn look_at_pace(&mut self, now: Time) {
        match self.looks.ask_at_pace(now) {
            Ok(()) => self.look(LookFor::Effect),
            Err(later) => self.wake_by(later),
        }
    }

    /// The label under which `target` is recorded: the wanted one, or the hold's.
    pub(super) fn reason_for(&self, target: Target) -> Arc<str> {
        match (target, self.want.as_ref().map(|want| &want.wanted), &self.ledger.hold) {
            (Target::NotReady, Some(Wanted::NotReady { reason }), _) => reason.clone(),
            (_, _, Some(hold)) => hold.reason.clone(),
            _ => Arc::from(""),
        }
    }
}
