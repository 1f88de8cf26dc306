use serde::{Deserialize, Serialize};

use super::{AgentState, ReasonSeen};
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
