use serde::{Deserialize, Serialize};

use super::{AgentState, Deployment, ReasonSeen};
use crate::Time;

/// One look at an agent, as `GET User/{id}` or a row of `GET Team/{id}` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentView {
    /// The state now.
    pub state: AgentState,
    /// The state that follows the call, where one is pending.
    pub pending: Option<AgentState>,
    /// The reason, where one is shown.
    pub reason: Option<ReasonSeen>,
    /// `stateChangeTime`, on Finesse's own clock; absent until a first state event.
    pub changed_at: Option<Time>,
    /// `mediaState` is `BUSY`: on CCX a call outside the contact centre, which no state shows.
    ///
    /// `None` where it is not shown: `GET User` has no `mediaState`, only a team's list has.
    pub busy_elsewhere: Option<bool>,
}

impl AgentView {
    /// Is it a `NOT_READY` that the platform ends when the agent's own call is over, without anybody
    /// choosing anything (Finesse notes 1.6, 1.10)?
    pub fn ends_by_itself(&self, deployment: Deployment) -> bool {
        let reason = self.reason.as_ref().and_then(|reason| reason.code);
        self.state == AgentState::NotReady
            && (self.busy_elsewhere == Some(true) || reason == Some(non_acd_busy(deployment)))
    }
}

/// `Non ACD Busy` (Finesse notes 1.6).
const fn non_acd_busy(deployment: Deployment) -> i64 {
    match deployment {
        Deployment::Cce => 50_005,
        Deployment::Ccx => 32_761,
    }
}
