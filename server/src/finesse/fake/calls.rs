//! What people and calls do to an agent behind Lockstep's back.

use lockstep_core::finesse::{Actor, AgentState, Deployment, ReasonSeen, Target, Verdict, verdict};
use lockstep_core::{AgentId, Time};

use super::model::Model;
use super::user::{FakeUser, supervisors};

/// `Call Not Answered` (Finesse notes 1.6).
const RONA_CCE: i64 = 32767;
const RONA_CCX: i64 = 32763;

/// What happens to a customer call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallEvent {
    /// It rings: `RESERVED`.
    Ring,
    /// The agent answers: `TALKING`.
    Answer,
    /// It is put on hold: `HOLD` on CCE, no state on CCX.
    Hold,
    /// It is taken back.
    Resume,
    /// It ends, with or without wrap-up.
    End {
        /// Wrap-up follows, until [`CallEvent::WrapUpOver`].
        wrap_up: bool,
    },
    /// Wrap-up is over.
    WrapUpOver,
    /// Nobody answered: `NOT_READY` with the platform's reason.
    Rona,
}

impl Model {
    /// See [`super::Fake::set_by_agent`].
    pub(super) fn by_agent(
        &mut self,
        id: &AgentId,
        state: AgentState,
        reason: Option<&str>,
        now: Time,
    ) {
        let target = target_of(state);
        let label =
            reason.map(|label| ReasonSeen { label: Some(label.into()), ..Default::default() });
        self.advance(now);
        let (deployment, at) = (self.deployment, now.shifted(self.clock_ahead_ms));
        let user = self.user_mut(id);
        match verdict(Actor::Agent, target, user.situation(deployment)) {
            Verdict::Applies | Verdict::NoChange => user.enter(state, label, at),
            Verdict::Pends => {
                user.view.pending = Some(state);
                user.after_call = state;
                user.pending_spent |= target == Target::NotReady;
            }
            other => panic!("agent {id} cannot go to {state} from {}: {other:?}", user.view.state),
        }
    }

    /// See [`super::Fake::set_by_supervisor`].
    pub(super) fn by_supervisor(&mut self, id: &AgentId, state: AgentState, now: Time) {
        let target = target_of(state);
        self.advance(now);
        let (deployment, at) = (self.deployment, now.shifted(self.clock_ahead_ms));
        let user = self.user_mut(id);
        let verdict = verdict(Actor::Supervisor, target, user.situation(deployment));
        let from = user.view.state;
        assert!(verdict.may_send(), "a supervisor cannot set {state} from {from}: {verdict:?}");
        let reason = (target == Target::NotReady).then(|| supervisors(deployment));
        user.enter(state, reason, at);
    }

    /// See [`super::Fake::set_by_system`].
    pub(super) fn by_system(
        &mut self,
        id: &AgentId,
        state: AgentState,
        reason: Option<ReasonSeen>,
        now: Time,
    ) {
        self.advance(now);
        let at = now.shifted(self.clock_ahead_ms);
        self.user_mut(id).enter(state, reason, at);
    }

    /// See [`super::Fake::call`].
    pub(super) fn call(&mut self, id: &AgentId, event: CallEvent, now: Time) {
        self.advance(now);
        let (deployment, at) = (self.deployment, now.shifted(self.clock_ahead_ms));
        let user = self.user_mut(id);
        let from = user.view.state;
        let taken = user.take(event, deployment, at);
        assert!(taken, "{event:?} cannot happen to agent {id} in {from}");
    }
}

impl FakeUser {
    /// False when the event cannot happen in this state.
    fn take(&mut self, event: CallEvent, deployment: Deployment, at: Time) -> bool {
        use AgentState as S;
        let pending = self.view.pending;
        let state = match (event, self.view.state) {
            (CallEvent::Ring, S::Ready) => {
                self.after_call = S::Ready;
                self.pending_spent = false;
                S::Reserved
            }
            (CallEvent::Answer, S::Reserved) | (CallEvent::Resume, S::Hold) => S::Talking,
            (CallEvent::Hold, S::Talking) if deployment == Deployment::Cce => S::Hold,
            (CallEvent::Hold | CallEvent::Resume, S::Talking) => return true,
            (CallEvent::End { wrap_up: true }, S::Talking | S::Hold) => {
                let then_ready = self.after_call == S::Ready && deployment == Deployment::Cce;
                if then_ready { S::WorkReady } else { S::Work }
            }
            (CallEvent::End { .. }, S::Talking | S::Hold)
            | (CallEvent::WrapUpOver, S::Work | S::WorkReady) => self.after_call,
            (CallEvent::End { .. }, S::Reserved) => S::Ready,
            (CallEvent::Rona, S::Reserved) => {
                self.enter(S::NotReady, Some(rona(deployment)), at);
                return true;
            }
            _ => return false,
        };
        self.enter(state, None, at);
        // A call that goes on keeps what was asked for after it.
        self.view.pending = pending.filter(|_| state.is_on_call());
        true
    }
}

fn target_of(state: AgentState) -> Target {
    match state {
        AgentState::Ready => Target::Ready,
        AgentState::NotReady => Target::NotReady,
        AgentState::Logout => Target::Logout,
        other => panic!("nobody can ask for {other}; use call or set_by_system"),
    }
}

fn rona(deployment: Deployment) -> ReasonSeen {
    let code = match deployment {
        Deployment::Cce => RONA_CCE,
        Deployment::Ccx => RONA_CCX,
    };
    ReasonSeen { id: None, code: Some(code), label: Some("Call Not Answered".to_owned()) }
}
