//! What others did while the agent's own request was on its way, and which the request replaced.
//!
//! Finesse carries requests out in their order and tells of it late: a lunch or a wrap-up of which
//! nothing was heard yet may lie under a request of ours. Its event comes after the request was
//! sent, and the event of the request's own effect after that. Nothing can give the wrap-up back;
//! a choice can be put back, under its own reason. Neither is ever held (laws 1, 5 and 10).

use std::sync::Arc;

use super::Agent;
use super::decision::Code;
use super::flight::Flight;
use super::{Answer, Output, Request};
use crate::Time;
use crate::finesse::{Actor, AgentState, AgentView, Target};

/// What crossed a request of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Crossed {
    /// Did we ask for `READY`? Otherwise for `NOT_READY`.
    ready: bool,
    /// The reason of what was chosen, if anybody can choose it; asked for once.
    put_back: Option<Arc<str>>,
    /// The request was seen to have replaced it.
    replaced: bool,
    /// Nothing is expected any more from then on.
    pub(super) until: Time,
}

impl Agent {
    /// Takes in the view that follows `last`.
    pub(super) fn note_crossed(&mut self, now: Time, last: &AgentView) {
        let Some(view) = self.view() else { return };
        if last.state == view.state && last.changed_at == view.changed_at {
            return;
        }
        let is_effect = |ready: bool| match view.state {
            AgentState::Ready => ready,
            AgentState::NotReady => !ready && self.may_be_asked_for(view),
            _ => false,
        };
        let replaced =
            self.crossed.as_ref().is_some_and(|one| !one.replaced && is_effect(one.ready));
        if replaced {
            self.crossed.iter_mut().for_each(|crossed| crossed.replaced = true);
            self.forget_requests();
            return;
        }
        let wrap_up = view.state.is_wrap_up().then_some(view.state);
        self.crossed = self.crossing(now, last, view);
        if let (Some(_), Some(claim), Some(state)) =
            (&self.crossed, &mut self.ledger.claim, wrap_up)
        {
            claim.from = state;
        }
    }

    /// What `view` shows, if the effect of our request has not shown so far and may come on top.
    fn crossing(&self, now: Time, last: &AgentView, view: &AgentView) -> Option<Crossed> {
        let (Flight::Sent { target, .. } | Flight::Verifying { target, .. }) = self.flight else {
            return None;
        };
        let claim = self.ledger.claim.as_ref().filter(|claim| view.changed_at > claim.before)?;
        let ready = target == Target::Ready;
        let is_choice = view.state == AgentState::NotReady && !self.may_be_asked_for(view);
        let lies_under = if ready {
            is_choice && last.state == AgentState::NotReady
        } else {
            let shown = last.state == AgentState::NotReady
                && self.may_be_our_reason(last, &claim.reason)
                || last.pending == Some(AgentState::NotReady);
            (is_choice || view.state.is_wrap_up()) && !shown
        };
        let chosen = view.reason.as_ref().filter(|_| is_choice);
        let label = chosen
            .filter(|chosen| !chosen.is_platforms(self.settings.deployment))
            .and_then(|chosen| chosen.label.as_deref());
        (self.settings.actor == Actor::Agent && lies_under).then(|| Crossed {
            ready,
            put_back: label.map(Arc::from),
            replaced: false,
            until: now.max(claim.until),
        })
    }

    /// Does `view` show a reason that we ask for?
    fn may_be_asked_for(&self, view: &AgentView) -> bool {
        let claim = self.ledger.claim.as_ref();
        self.our_label(view).is_some()
            || claim.is_some_and(|claim| self.may_be_our_reason(view, &claim.reason))
    }

    /// Is what Finesse shows a request of ours that replaced what others did?
    pub(super) fn is_crossed(&self) -> bool {
        self.crossed.as_ref().is_some_and(|crossed| crossed.replaced)
    }

    /// Tells, and asks for what was chosen; once, and no claim is made on it.
    pub(super) fn put_back(&mut self, now: Time) {
        self.explain(now, Code::Crossed);
        let Some(crossed) = &mut self.crossed else { return };
        if let Some(reason) = crossed.put_back.take() {
            self.next_number += 1;
            let number = self.next_number;
            self.flight = Flight::PuttingBack { number, at: now };
            let request = Request { number, target: Target::NotReady, reason: Some(reason) };
            self.outputs.push(Output::Send(request));
        } else if crossed.ready {
            let until = crossed.until;
            self.wake_by(until);
        }
    }

    pub(super) fn on_put_back(&mut self, answer: Answer) {
        self.flight = Flight::Idle;
        if !matches!(answer, Answer::Accepted | Answer::Unknown) {
            self.forget_crossed();
        }
    }

    /// Nothing more comes of it. A `NOT_READY` is told of for as long as it lasts; who is READY is
    /// treated like any other.
    pub(super) fn forget_crossed(&mut self) {
        self.crossed.take_if(|crossed| crossed.ready);
    }
}
