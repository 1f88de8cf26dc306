//! What a look means for our own requests and holds: verified, lost, or somebody else's doing.

use std::sync::Arc;
use std::time::Duration;

use super::Agent;
use super::decision::Code;
use super::flight::{Flight, Pause};
use super::ledger::{Claim, Hold};
use super::seen::Seen;
use crate::Time;
use crate::finesse::{Actor, AgentState, AgentView, Target};
use crate::rules::Wanted;

/// How far apart the two clocks may be told when a change is matched with a request by time.
pub(super) const CLOCK_TOLERANCE: Duration = Duration::from_secs(1);

/// Without a reason to tell by, only what changed this soon after the request is its effect: sooner
/// than anybody signs out and in again, which ends in a `NOT_READY` without a reason, too.
const UNLABELLED_WITHIN: Duration = Duration::from_secs(3);

/// Is it the first look? That is not a change (law 2), whoever made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum First {
    /// Of this process.
    Ever,
    /// Since Finesse failed over.
    AfterGap,
    No,
}

impl First {
    const fn of(ever: bool, after_gap: bool) -> Self {
        match (ever, after_gap) {
            (true, _) => Self::Ever,
            (false, true) => Self::AfterGap,
            (false, false) => Self::No,
        }
    }
}

impl Agent {
    pub(super) fn on_seen(&mut self, now: Time, mut new: Seen) {
        let overtaken = self.seen.as_ref().is_some_and(|last| new.is_older_than(last));
        if overtaken || self.is_late_effect(&new.view) || !self.looks.counts(new.asked_at) {
            return;
        }
        if self.seen.is_none() {
            let claim = self.ledger.claim.take();
            self.ledger.claim = claim.map(|claim| claim.on_clock(new.clock_ahead_ms));
        }
        let after_gap = self.looks.blind;
        let last = self.seen.take();
        // What one question does not show, the last one that did still tells.
        if new.view.busy_elsewhere.is_none() {
            new.view.busy_elsewhere = last.as_ref().and_then(|last| last.view.busy_elsewhere);
        }
        let moved = last.as_ref().is_some_and(|last| has_moved(&last.view, &new.view));
        if moved && self.pause.block.is_none() {
            self.pause = Pause::default();
        }
        self.looks.answered(now, new.asked_at);
        let since = new.changed_on_our_clock();
        if last.is_none() {
            self.call.seen_first(&new.view, since);
        }
        self.call.seen(now, &new.view, since, self.settings.call_lead);
        self.ledger.lent.take_if(|lent| lent.is_in(&new.view) == Some(false));
        let first = First::of(last.is_none(), after_gap);
        self.seen = Some(new);
        if let Some(last) = &last {
            self.note_crossed(now, &last.view);
        }
        let by_us = self.take_in_effect(now) || self.may_be_unanswered_effect();
        if !by_us {
            self.check_hold(now, first);
            self.note_state_before();
            self.give_way_to_call();
        }
        if let Some(last) = &last {
            self.end_snooze_by_sign_in(last.view.state);
        }
        match &last {
            None => self.adopt(now),
            Some(last) if !by_us && first == First::No => self.notice_human_ready(&last.view),
            Some(_) => {}
        }
    }

    /// Is it a late event about an earlier request of ours, of which a look told long since?
    fn is_late_effect(&self, view: &AgentView) -> bool {
        let last = self.view().and_then(|last| last.changed_at);
        view.changed_at.is_some_and(|at| last.is_some_and(|last| at < last))
            && !self.looks.blind
            && self.our_label(view).is_some()
    }

    /// Has one of our requests had its effect?
    pub(super) fn take_in_effect(&mut self, now: Time) -> bool {
        let (Some(claim), Some(seen)) = (&self.ledger.claim, &self.seen) else { return false };
        let unanswered = matches!(self.flight, Flight::Sent { .. });
        if unanswered || seen.asked_at < claim.since {
            return false;
        }
        if claim.ready {
            if matches!(seen.view.state, AgentState::NotReady | AgentState::Unknown) {
                return false;
            }
            self.ledger.claim = None;
            self.ledger.hold = None;
            self.landed(Target::Ready);
            self.explain(now, Code::Released);
            true
        } else if let Some(hold) = self.hold_from(now, claim, seen) {
            let reason_only = self.ledger.hold.is_some();
            // An earlier request of ours; the last one may come yet.
            let is_last = hold.reason == claim.reason;
            self.ledger.hold = Some(hold);
            if is_last {
                self.ledger.claim = None;
                self.landed(Target::NotReady);
            }
            if !reason_only {
                self.explain(now, Code::Taken);
            }
            true
        } else {
            false
        }
    }

    /// What the next effect of our request lands on: the agent may have acted since it was sent.
    ///
    /// A supervisor's request is only ever accepted from READY or wrap-up, so nothing that is seen
    /// says more; a look from before the request says less, unless what it shows is newer than what
    /// the request was sent on.
    fn note_state_before(&mut self) {
        let (Some(claim), Some(seen)) = (&self.ledger.claim, &self.seen) else { return };
        let state = seen.view.state;
        let may_be_effect = state == AgentState::NotReady && self.may_be_claimed(&seen.view, claim);
        let is_newer = seen.asked_at >= claim.since || seen.view.changed_at > claim.before;
        let may_be_buried = self.settings.actor == Actor::Agent && is_newer;
        if claim.ready || may_be_effect || state.is_wrap_up() || !may_be_buried {
            return;
        }
        self.ledger.claim.iter_mut().for_each(|claim| claim.from = state);
    }

    /// A supervisor's request that was accepted and then overtaken by a call fails in CTI, so its
    /// effect is no longer awaited; should it come all the same, the claim still knows it.
    fn give_way_to_call(&mut self) {
        let Some(seen) = &self.seen else { return };
        if let Flight::Verifying { target: Target::NotReady, since, .. } = self.flight
            && self.settings.actor == Actor::Supervisor
            && seen.asked_at >= since
            && (seen.view.state.is_on_call() || seen.view.state.is_wrap_up())
        {
            self.flight = Flight::Idle;
        }
    }

    /// What we asked for may show before the answer does: then it is nobody else's change.
    fn may_be_unanswered_effect(&self) -> bool {
        let (Some(claim), Some(view)) = (&self.ledger.claim, self.view()) else { return false };
        let not_ready = view.state == AgentState::NotReady;
        if claim.ready {
            return !not_ready;
        }
        not_ready
            && self.settings.actor == Actor::Agent
            && matches!(self.flight, Flight::Sent { .. })
            && self.may_be_claimed(view, claim)
    }

    /// The label of the claimed request that `view` may show: of several that were asked for, any may
    /// land.
    fn claimed_label<'a>(&'a self, view: &AgentView, claim: &'a Claim) -> &'a Arc<str> {
        let earlier = if claim.last == claim.since { None } else { self.our_label(view) };
        earlier.unwrap_or(&claim.reason)
    }

    fn may_be_claimed(&self, view: &AgentView, claim: &Claim) -> bool {
        self.may_be_our_reason(view, self.claimed_label(view, claim))
    }

    /// The hold that `seen` proves, if the claim's request made it.
    fn hold_from(&self, now: Time, claim: &Claim, seen: &Seen) -> Option<Hold> {
        let view = &seen.view;
        // Another reason under the same hold: the agent was taken from where the first one found them.
        let standing = self.ledger.hold.as_ref();
        let before = standing.filter(|_| claim.from == AgentState::NotReady);
        let label = self.claimed_label(view, claim);
        let hold = |pending| Hold {
            reason: label.clone(),
            since: now,
            from: before.map_or(claim.from, |hold| hold.from),
            changed_at: view.changed_at,
            shown: view.reason.clone(),
            pending,
        };
        // A call that ended meanwhile leads into WORK, which is no failure; the reason tells later.
        let pends = view.state.is_on_call() && view.pending == Some(AgentState::NotReady)
            || view.state == AgentState::Work && claim.from.is_on_call();
        if self.settings.actor == Actor::Agent && pends {
            return Some(hold(true));
        }
        let began = seen.changed_on_our_clock();
        let in_time = began >= claim.since.before(CLOCK_TOLERANCE)
            && (now <= claim.until || began <= claim.until.after(CLOCK_TOLERANCE));
        // A reason for NOT_READY is only exchanged under a hold; one that lands on a NOT_READY that
        // a human chose meanwhile has buried that choice, and is never released.
        // So does one that lands after a sign-out: only a sign-in lets it, which ends in NOT_READY.
        // One that lands in wrap-up has cut it short, which nobody wished.
        let cut = self.settings.actor == Actor::Agent && claim.from.is_wrap_up();
        // The server, which goes on from a gadget's ledger, tells it by the label.
        let labelled = || view.reason.as_ref().is_some_and(|shown| shown.has_label(label));
        let moved = !matches!(claim.from, AgentState::NotReady | AgentState::Logout)
            || (standing.is_some() && (self.settings.actor == Actor::Agent || labelled()));
        let changed = claim.from != view.state
            || view.changed_at.is_none()
            || view.changed_at != claim.before;
        let known = standing.is_some_and(|hold| hold.is_in(view) == Some(true));
        let is_ours = view.state == AgentState::NotReady
            && moved
            && !cut
            && changed
            && !known
            && in_time
            && self.may_be_our_reason(view, label);
        is_ours.then(|| hold(false))
    }

    pub(super) fn may_be_our_reason(&self, view: &AgentView, label: &str) -> bool {
        match (self.settings.actor, &view.reason) {
            (Actor::Supervisor, Some(shown)) => {
                // The gadget that acted before us gives a reason by its label.
                shown.code.is_none()
                    || shown.is_supervisor(self.settings.deployment)
                    || shown.has_label(label)
            }
            // Without a reason only the way there tells: wrap-up and sign-in end in NOT_READY too.
            // What Finesse accepts of a supervisor, it accepts of nobody who is signed out.
            (Actor::Supervisor, None) => {
                let (Some(claim), Some(seen)) = (&self.ledger.claim, &self.seen) else {
                    return false;
                };
                self.is_accepted()
                    && self.call.none_since(claim.since)
                    && seen.changed_on_our_clock() <= claim.last.after(UNLABELLED_WITHIN)
            }
            (Actor::Agent, Some(shown)) => shown.has_label(label),
            (Actor::Agent, None) => !self.settings.reasons_configured,
        }
    }

    /// A request for `target` is known to have had its effect.
    fn landed(&mut self, target: Target) {
        self.pause = Pause::default();
        if matches!(self.flight, Flight::Verifying { target: awaited, .. } if awaited == target) {
            self.flight = Flight::Idle;
        }
    }

    /// Somebody made the agent READY although presence was busy already: that is a choice, and we
    /// stay quiet until something else is wanted (law 10; Finesse notes 6, 4).
    fn notice_human_ready(&mut self, last: &AgentView) {
        let (Some(seen), Some(want)) = (&self.seen, &self.want) else { return };
        let chosen = matches!(last.state, AgentState::NotReady | AgentState::Logout)
            && seen.view.state == AgentState::Ready
            && self.ledger.hold.is_none()
            && self.ledger.claim.is_none()
            && !last.ends_by_itself(self.settings.deployment);
        if chosen && want.wanted.is_busy() && self.could_know() {
            self.stay_quiet();
        }
    }

    /// Could whoever made the agent READY know what is wanted now? During a call nothing tells when
    /// that was: then a human is given the benefit of the doubt.
    pub(super) fn could_know(&self) -> bool {
        let Some(seen) = &self.seen else { return false };
        seen.view.state != AgentState::Ready
            || seen.view.changed_at.is_none()
            || seen.changed_on_our_clock() >= self.wanted_since
    }

    pub(super) fn stay_quiet(&mut self) {
        self.ledger.quiet =
            self.want.as_ref().map(|want| want.wanted.clone()).filter(Wanted::is_busy);
    }
}

fn has_moved(last: &AgentView, new: &AgentView) -> bool {
    last.state != new.state || last.changed_at != new.changed_at || last.pending != new.pending
}
