//! A hold after a look: unchanged, exchanged by one of our own requests, lost, or adopted.

use std::sync::Arc;

use super::Agent;
use super::decision::Code;
use super::flight::Flight;
use super::ledger::Hold;
use super::verify::First;
use crate::Time;
use crate::finesse::{Actor, AgentState, AgentView};

impl Agent {
    /// Is the hold still what Finesse shows (laws 1 and 10)?
    pub(super) fn check_hold(&mut self, now: Time, first: First) {
        let (Some(hold), Some(seen)) = (&self.ledger.hold, &self.seen) else { return };
        let view = &seen.view;
        if hold.pending {
            return self.check_pending_hold(now);
        }
        if self.is_our_repeat() {
            let changed_at = view.changed_at;
            self.ledger.hold.iter_mut().for_each(|hold| hold.changed_at = changed_at);
            return;
        }
        match hold.is_in(view) {
            Some(true) if first == First::Ever => self.explain(now, Code::Restored),
            Some(true) | None => {}
            Some(false) => {
                // Nobody looked while a gadget of ours acted whose last account never came: only we
                // put one of our labels over a hold of ours.
                if first == First::Ever
                    && view.state == AgentState::NotReady
                    && let Some(reason) = self.our_label(view).cloned()
                {
                    return self.renew_hold(now, reason);
                }
                // Another reason, READY, or a call (only ever given to an agent who was made READY).
                let gone = matches!(view.state, AgentState::Logout | AgentState::Unknown);
                let chosen = !gone && first == First::No && self.could_know();
                self.lose_hold(now, chosen);
            }
        }
    }

    /// A request that had to be repeated may take effect twice, the second time as a change from
    /// our reason to our reason; only the agent's own requests can do that.
    fn is_our_repeat(&self) -> bool {
        let (Some(hold), Some(seen)) = (&self.ledger.hold, &self.seen) else { return false };
        let (view, began) = (&seen.view, seen.changed_on_our_clock());
        self.settings.actor == Actor::Agent
            && view.state == AgentState::NotReady
            && view.changed_at != hold.changed_at
            // However late it is seen: a browser may have slept.
            && began.since(hold.since) <= self.settings.verify_for
            && view.reason.as_ref().is_some_and(|shown| shown.has_label(&hold.reason))
    }

    fn check_pending_hold(&mut self, now: Time) {
        let (Some(hold), Some(seen)) = (&self.ledger.hold, &self.seen) else { return };
        let view = &seen.view;
        // Which of our reasons was pending is not shown before the call is over.
        let label = self.our_label(view).unwrap_or(&hold.reason);
        if view.state == AgentState::NotReady && self.may_be_our_reason(view, label) {
            let label = label.clone();
            return self.renew_hold(now, label);
        }
        let kept = view.state.is_wrap_up()
            || view.state == AgentState::Unknown
            || (view.state.is_on_call() && view.pending == Some(AgentState::NotReady));
        if !kept {
            let human = view.state.is_on_call() && view.pending == Some(AgentState::Ready);
            self.lose_hold(now, human);
        }
    }

    /// The hold is what was seen last, for this reason.
    fn renew_hold(&mut self, now: Time, reason: Arc<str>) {
        let (Some(hold), Some(seen)) = (&mut self.ledger.hold, &self.seen) else { return };
        hold.reason = reason;
        hold.pending = false;
        hold.changed_at = seen.view.changed_at;
        hold.shown.clone_from(&seen.view.reason);
        self.explain(now, Code::Taken);
    }

    pub(super) fn lose_hold(&mut self, now: Time, human: bool) {
        self.ledger.hold = None;
        if self.ledger.claim.as_ref().is_some_and(|claim| claim.ready) {
            self.ledger.claim = None;
            if matches!(self.flight, Flight::Verifying { .. }) {
                self.flight = Flight::Idle;
            }
        }
        self.explain(now, Code::HoldLost);
        if human {
            self.stay_quiet();
        }
    }

    /// A ledger that is gone: one of our own labels may count as a hold (law 1).
    pub(super) fn adopt(&mut self, now: Time) {
        let Some(view) = self.view() else { return };
        if self.settings.actor != Actor::Agent
            || !self.settings.adopt
            || !self.ledger.is_empty()
            || view.state != AgentState::NotReady
        {
            return;
        }
        if let Some(reason) = self.our_label(view).cloned() {
            let (changed_at, shown) = (view.changed_at, view.reason.clone());
            self.ledger.hold = Some(Hold {
                reason,
                since: now,
                from: AgentState::Ready,
                changed_at,
                shown,
                pending: false,
            });
            self.explain(now, Code::Adopted);
        }
    }

    /// The label of ours that `view` shows.
    pub(super) fn our_label(&self, view: &AgentView) -> Option<&Arc<str>> {
        let shown = view.reason.as_ref()?;
        self.settings.labels.iter().find(|label| shown.has_label(label))
    }
}
