//! What Finesse says, in the words of Lockstep's port.

use finesse_sim::{Refused, UserView};
use jiff::Timestamp;
use lockstep::finesse::{Change, FinesseError, Team, User};
use lockstep_core::finesse::{AgentState, AgentView, ReasonSeen};
use lockstep_core::{AgentId, TeamId, Time};

use super::supervisor;

/// As the REST client reads a user.
pub(super) fn user(user: &UserView) -> User {
    let id = TeamId::new(user.team_id.to_string());
    User {
        id: AgentId::new(&user.login_id),
        login_name: user.login_name.clone(),
        name: user.name.clone(),
        team: Some(Team { id, name: user.team_name.clone() }),
        supervises: user.supervises.iter().map(|id| TeamId::new(id.to_string())).collect(),
        view: view(user, false),
    }
}

/// As the REST client reads it: only a team's list has the media's state.
pub(super) fn view(user: &UserView, in_team: bool) -> AgentView {
    let reason = user.reason.as_ref().map(|reason| ReasonSeen {
        id: Some(reason.id.to_string()),
        code: Some(i64::from(reason.code)),
        label: Some(reason.label.clone()),
    });
    let changed: Option<Timestamp> = user.state_change_time.parse().ok();
    AgentView {
        state: AgentState::parse(user.state.wire()),
        pending: user.pending_state.map(|state| AgentState::parse(state.wire())),
        reason,
        changed_at: changed
            .and_then(|at| u64::try_from(at.as_millisecond()).ok())
            .map(Time::from_millis),
        busy_elsewhere: in_team.then_some(user.busy_elsewhere),
    }
}

pub(super) fn error_of(refused: Refused, change: &Change) -> FinesseError {
    let detail = refused.to_string();
    match refused {
        Refused::NotFound(what) => FinesseError::NotFound { what },
        Refused::NotTheirs(_) => FinesseError::NotOurs {
            account: supervisor(&change.team),
            agent: change.agent.to_string(),
            detail,
        },
        Refused::InvalidState(_) => FinesseError::InvalidState { detail },
        Refused::Other(_) => {
            FinesseError::Refused { status: 400, kind: "Bad Request".to_owned(), detail }
        }
        Refused::Full => out_of_service(),
    }
}

/// 503: certainly not applied.
pub(super) fn out_of_service() -> FinesseError {
    FinesseError::Unavailable {
        detail: "SERVER_OUT_OF_SERVICE".to_owned(),
        not_sent: true,
        retry_after: None,
    }
}

/// 500: applied or not.
pub(super) fn broken() -> FinesseError {
    FinesseError::Unavailable {
        detail: "500 Internal Server Error".to_owned(),
        not_sent: false,
        retry_after: None,
    }
}

/// A 4xx that repetition does not mend: not applied.
pub(super) fn odd() -> FinesseError {
    FinesseError::Refused {
        status: 400,
        kind: "Parameter Missing".to_owned(),
        detail: "simulated".to_owned(),
    }
}

pub(super) fn silent() -> FinesseError {
    FinesseError::Silent { detail: "simulated".to_owned() }
}
