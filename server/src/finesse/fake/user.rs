//! One agent of the fake: the state, and what is still to be applied.

use std::collections::VecDeque;

use lockstep_core::finesse::{
    Actor, AgentState, AgentView, Deployment, ReasonSeen, Situation, Target, Verdict,
    supervisor_code, verdict,
};
use lockstep_core::{TeamId, Time};

use super::script::Script;
use crate::finesse::{Change, FinesseError};

#[derive(Debug)]
pub(super) struct FakeUser {
    pub(super) team: TeamId,
    /// Teams that this user supervises.
    pub(super) supervises: Vec<TeamId>,
    pub(super) view: AgentView,
    /// A `NOT_READY` was asked for during this call.
    pub(super) pending_spent: bool,
    /// Where the agent goes when the call is over.
    pub(super) after_call: AgentState,
    pub(super) in_flight: usize,
    pub(super) most_in_flight: usize,
    pub(super) scripts: VecDeque<Script>,
    /// Accepted changes, in the order in which Finesse applies them.
    due: VecDeque<(Time, Target)>,
}

impl FakeUser {
    /// An agent in `state` since `at`, on Finesse's clock.
    pub(super) fn new(team: TeamId, state: AgentState, at: Time) -> Self {
        let view = AgentView {
            state,
            pending: None,
            reason: None,
            changed_at: Some(at),
            busy_elsewhere: None,
        };
        Self {
            team,
            supervises: Vec::new(),
            view,
            pending_spent: false,
            after_call: AgentState::Ready,
            in_flight: 0,
            most_in_flight: 0,
            scripts: VecDeque::new(),
            due: VecDeque::new(),
        }
    }

    /// Applies what is due to this agent.
    pub(super) fn advance(&mut self, now: Time, deployment: Deployment, ahead_ms: i64) {
        while let Some((at, target)) = self.due.front().copied() {
            if at > now {
                return;
            }
            self.due.pop_front();
            // What was lawful when it was asked for may not be any more: CTI then refuses it.
            if matches!(self.permitted(deployment, target), Ok(true)) {
                self.apply(target, at, deployment, ahead_ms);
            }
        }
    }

    fn apply(&mut self, target: Target, at: Time, deployment: Deployment, ahead_ms: i64) {
        let (state, reason) = match target {
            Target::Ready => (AgentState::Ready, None),
            Target::NotReady => (AgentState::NotReady, Some(supervisors(deployment))),
            Target::Logout => (AgentState::Logout, None),
        };
        self.enter(state, reason, at.shifted(ahead_ms));
    }

    /// The agent is in `state` now; `at` is on Finesse's clock.
    pub(super) fn enter(&mut self, state: AgentState, reason: Option<ReasonSeen>, at: Time) {
        self.view.state = state;
        self.view.pending = None;
        self.view.reason = reason;
        self.view.changed_at = Some(at);
    }

    pub(super) fn situation(&self, deployment: Deployment) -> Situation {
        Situation {
            deployment,
            state: self.view.state,
            busy_elsewhere: self.view.busy_elsewhere == Some(true),
            pending_spent: self.pending_spent,
        }
    }

    /// Finesse works off an agent's changes in order: none overtakes the one before it.
    pub(super) fn queue(&mut self, at: Time, target: Target) {
        let after = self.due.back().map_or(at, |(before, _)| at.max(*before));
        self.due.push_back((after, target));
    }

    pub(super) fn check_team(&self, change: &Change) -> Result<(), FinesseError> {
        if self.team == change.team {
            return Ok(());
        }
        Err(FinesseError::NotOurs {
            account: format!("the supervisor of team {}", change.team),
            agent: change.agent.to_string(),
            detail: format!("the agent is in team {}", self.team),
        })
    }

    /// By the table for supervisors: `Ok(true)` when it will show.
    pub(super) fn permitted(
        &self,
        deployment: Deployment,
        target: Target,
    ) -> Result<bool, FinesseError> {
        match verdict(Actor::Supervisor, target, self.situation(deployment)) {
            Verdict::Applies | Verdict::Pends => Ok(true),
            Verdict::NoChange | Verdict::FailsLater(_) => Ok(false),
            Verdict::Refused | Verdict::Untold => Err(FinesseError::InvalidState {
                detail: format!("{} from {}", target.as_str(), self.view.state),
            }),
        }
    }
}

/// The reason that the platform stamps when a supervisor acts.
pub(super) fn supervisors(deployment: Deployment) -> ReasonSeen {
    ReasonSeen {
        id: None,
        code: Some(supervisor_code(deployment)),
        label: Some("Supervisor Initiated".to_owned()),
    }
}
