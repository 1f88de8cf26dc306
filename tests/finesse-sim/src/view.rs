//! How the control API and the library show a user.

use serde::Serialize;

use crate::clock::wire_time;
use crate::model::Centre;
use crate::model::history::{HistoryEntry, ReasonView};
use crate::model::state::AgentState;
use crate::model::user::User;

/// A user as they are now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserView {
    /// The id in every path.
    pub login_id: String,
    /// What the person types.
    pub login_name: String,
    /// First and last name.
    pub name: String,
    /// The phone.
    pub extension: String,
    /// Home team.
    pub team_id: u32,
    /// Its name.
    pub team_name: String,
    /// The teams this user supervises.
    pub supervises: Vec<u32>,
    /// The true state, whatever a fault shows.
    pub state: AgentState,
    /// What follows the call.
    pub pending_state: Option<AgentState>,
    /// The reason of the state.
    pub reason: Option<ReasonView>,
    /// As on the wire; empty before the first state event.
    pub state_change_time: String,
    /// A call is in progress, routed or not.
    pub on_call: bool,
    /// On a call that was not routed.
    pub busy_elsewhere: bool,
    /// Requests accepted and not yet answered by CTI.
    pub queued: usize,
    /// The most of them at a time.
    pub most_queued: usize,
    /// What happened, oldest first; bounded. Lists of users leave it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history: Option<Vec<HistoryEntry>>,
}

/// Shows a user, with or without what happened to them.
pub(crate) fn user(centre: &Centre, user: &User, with_history: bool) -> UserView {
    UserView {
        login_id: user.login_id.clone(),
        login_name: user.login_name.clone(),
        name: format!("{} {}", user.first_name, user.last_name),
        extension: user.extension.clone(),
        team_id: user.team,
        team_name: centre.team_name(user.team).unwrap_or_default().to_owned(),
        supervises: user.supervises.iter().copied().collect(),
        state: user.now.state,
        pending_state: user.pending_state(),
        reason: user.now.reason.view(),
        state_change_time: user.since.map(wire_time).unwrap_or_default(),
        on_call: user.call.is_some(),
        busy_elsewhere: user.busy_elsewhere(),
        queued: user.queue.len(),
        most_queued: user.most_queued,
        history: with_history.then(|| user.history.iter().cloned().collect()),
    }
}
