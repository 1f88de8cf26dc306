//! Who may ask for what: the checks Finesse makes before it answers 202 (Finesse notes 1.3 and 7).
//!
//! This is the simulator's own reading of the tables and deliberately shares nothing with the product's.

use std::sync::Arc;

use super::reasons::{Catalogue, Category, ReasonCode};
use super::state::{AgentState, By, Deployment, Wish};

/// Why Finesse refuses a change at once; each is one row of Finesse notes 1.4.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("there is no user {0}")]
    UserNotFound(String),
    #[error("{actor} may not change the state of {target}: only the agent and supervisors may")]
    RoleNotAllowed { actor: String, target: String },
    #[error("an agent may only change their own state, not that of {0}")]
    OtherUser(String),
    #[error("{0} is not in a team of this supervisor")]
    InvalidSupervisor(String),
    #[error("a reason code is not allowed for this change")]
    ReasonNotAllowed,
    #[error("this change requires a reason code")]
    ReasonRequired,
    #[error("the reason code does not exist for this agent and this change")]
    ReasonNotValid,
    #[error("{by} may not ask for {wish} while the agent is {state}")]
    InvalidState { by: &'static str, wish: &'static str, state: AgentState },
}

/// Whether the state table lets this change pass; what passes may still fail later in CTI.
pub(crate) fn check_state(
    by: By,
    deployment: Deployment,
    state: AgentState,
    wish: &Wish,
) -> Result<(), Refusal> {
    let allowed = match by {
        By::System => true,
        By::Agent => agent_may(deployment, state, wish),
        By::Supervisor => supervisor_may(state, wish),
    };
    if allowed {
        return Ok(());
    }
    let by = if by == By::Supervisor { "a supervisor" } else { "an agent" };
    Err(Refusal::InvalidState { by, wish: wish.wire(), state })
}

fn agent_may(deployment: Deployment, state: AgentState, wish: &Wish) -> bool {
    use AgentState as S;
    match wish {
        Wish::Login { .. } => true,
        Wish::Logout => {
            state == S::NotReady || (state == S::Ready && deployment == Deployment::Uccx)
        }
        // RESERVED is not listed as a state from which an agent acts; a preview goes back to
        // READY by closing the dialog only.
        Wish::Ready => !matches!(state, S::Reserved | S::ReservedOutboundPreview | S::Unknown),
        Wish::NotReady => !matches!(state, S::Reserved | S::Unknown),
    }
}

fn supervisor_may(state: AgentState, wish: &Wish) -> bool {
    use AgentState as S;
    match wish {
        Wish::Login { .. } => false,
        Wish::Ready => matches!(state, S::NotReady | S::Work | S::WorkReady),
        Wish::NotReady => matches!(state, S::Ready | S::Work | S::WorkReady),
        Wish::Logout => !matches!(state, S::Logout | S::Unknown),
    }
}

/// Finds the reason code that a request names, or says why it may not be named (Finesse notes 1.3, 1.5).
///
/// `given` is the text of `reasonCodeId`; an empty element counts as none. `configured` is false
/// while a fault pretends that no reason code exists.
pub(crate) fn check_reason(
    by: By,
    wish: &Wish,
    given: Option<&str>,
    team: u32,
    catalogue: Option<&Catalogue>,
) -> Result<Option<Arc<ReasonCode>>, Refusal> {
    let given = given.map(str::trim).filter(|text| !text.is_empty());
    let category = match wish {
        Wish::NotReady => Some(Category::NotReady),
        Wish::Logout => Some(Category::Logout),
        Wish::Ready | Wish::Login { .. } => None,
    };
    match (by, category, given) {
        (By::Supervisor, _, Some(_)) | (_, None, Some(_)) => Err(Refusal::ReasonNotAllowed),
        (By::Supervisor, _, None) | (_, None, None) => Ok(None),
        (_, Some(category), None) => {
            let required = catalogue.is_some_and(|c| c.offered(category, team).next().is_some());
            if required && by == By::Agent { Err(Refusal::ReasonRequired) } else { Ok(None) }
        }
        (_, Some(category), Some(id)) => catalogue
            .and_then(|c| c.offered(category, team).find(|reason| reason.id.to_string() == id))
            .cloned()
            .map(Some)
            .ok_or(Refusal::ReasonNotValid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [AgentState; 11] = AgentState::ALL;

    fn passing(by: By, deployment: Deployment, wish: &Wish) -> Vec<&'static str> {
        ALL.into_iter()
            .filter(|state| check_state(by, deployment, *state, wish).is_ok())
            .map(AgentState::wire)
            .collect()
    }

    #[test]
    fn supervisor_sets_not_ready_from_ready_and_wrap_up_only() {
        for deployment in [Deployment::Ucce, Deployment::Uccx] {
            let from = passing(By::Supervisor, deployment, &Wish::NotReady);
            assert_eq!(from, ["READY", "WORK", "WORK_READY"]);
        }
    }

    #[test]
    fn supervisor_sets_ready_from_not_ready_and_wrap_up_only() {
        for deployment in [Deployment::Ucce, Deployment::Uccx] {
            let from = passing(By::Supervisor, deployment, &Wish::Ready);
            assert_eq!(from, ["NOT_READY", "WORK", "WORK_READY"]);
        }
    }

    #[test]
    fn supervisor_signs_out_everybody_who_is_signed_in() {
        let from = passing(By::Supervisor, Deployment::Ucce, &Wish::Logout);
        let listed = [
            "NOT_READY",
            "READY",
            "RESERVED",
            "RESERVED_OUTBOUND",
            "RESERVED_OUTBOUND_PREVIEW",
            "TALKING",
            "HOLD",
            "WORK",
            "WORK_READY",
        ];
        assert_eq!(from, listed);
    }

    #[test]
    fn supervisor_never_signs_anybody_in() {
        let login = Wish::Login { extension: "1".to_owned() };
        assert!(passing(By::Supervisor, Deployment::Ucce, &login).is_empty());
    }

    #[test]
    fn agent_signs_out_from_not_ready_and_on_ccx_from_ready() {
        assert_eq!(passing(By::Agent, Deployment::Ucce, &Wish::Logout), ["NOT_READY"]);
        assert_eq!(passing(By::Agent, Deployment::Uccx, &Wish::Logout), ["NOT_READY", "READY"]);
    }

    #[test]
    fn agent_requests_are_held_back_while_a_call_rings() {
        for wish in [Wish::Ready, Wish::NotReady, Wish::Logout] {
            assert!(check_state(By::Agent, Deployment::Ucce, AgentState::Reserved, &wish).is_err());
        }
    }

    #[test]
    fn a_preview_takes_not_ready_but_no_ready() {
        let preview = AgentState::ReservedOutboundPreview;
        assert!(check_state(By::Agent, Deployment::Ucce, preview, &Wish::Ready).is_err());
        assert!(check_state(By::Agent, Deployment::Ucce, preview, &Wish::NotReady).is_ok());
    }
}
