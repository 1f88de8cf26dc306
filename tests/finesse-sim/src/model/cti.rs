//! What becomes of an accepted request: applied, pending, or an asynchronous error (Finesse notes 1.3, 1.10).

use serde::Serialize;

use super::state::{AgentState, By, Deployment, Wish};

/// An asynchronous failure as the `apiErrors` notification carries it (Finesse notes 1.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CtiError {
    /// For example `Invalid State`.
    pub error_type: String,
    /// The CTI code as text, for example `265`; may be empty.
    pub error_data: String,
    /// The CTI name, for example `CF_INVALID_AGENT_WORKMODE`; may be empty.
    pub error_message: String,
}

impl CtiError {
    fn invalid_state(code: u32) -> Self {
        Self {
            error_type: "Invalid State".to_owned(),
            error_data: code.to_string(),
            error_message: cti_name(code).to_owned(),
        }
    }

    fn internal() -> Self {
        Self {
            error_type: "Internal Server Error".to_owned(),
            error_data: String::new(),
            error_message: String::new(),
        }
    }

    /// The error with this CTI code; codes that the notes do not name get an empty message.
    pub fn of_code(code: u32) -> Self {
        Self::invalid_state(code)
    }
}

fn cti_name(code: u32) -> &'static str {
    match code {
        33 => "CF_RESOURCE_BUSY",
        257 => "CF_INVALID_PASSWORD_SPECIFIED",
        265 => "CF_INVALID_AGENT_WORKMODE",
        1010 => "CF_INVALID_PARAMETER",
        _ => "",
    }
}

/// What a request does to an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// The state changes now.
    Now(AgentState),
    /// The state changes when the call is over.
    Pending(AgentState),
    /// Accepted, and nothing changes.
    Nothing,
}

/// What CTI looks at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Situation {
    pub(crate) deployment: Deployment,
    pub(crate) state: AgentState,
    /// Talking on a call that the contact centre did not route, on CCX, where no state shows it.
    pub(crate) busy_elsewhere: bool,
    /// A pending change was already asked for during this call.
    pub(crate) asked_during_call: bool,
}

/// Decides one request at the moment CTI takes it up.
#[expect(clippy::match_same_arms, reason = "one arm per row of the table, in its order")]
pub(crate) fn decide(by: By, at: Situation, wish: &Wish) -> Result<Effect, CtiError> {
    use AgentState as S;
    let ccx = at.deployment == Deployment::Uccx;
    match (at.state, wish) {
        (S::Logout, Wish::Login { .. }) => Ok(Effect::Now(S::NotReady)),
        // LOGIN is forced: whoever is signed in already keeps the state (1.2).
        (_, Wish::Login { .. }) => Ok(Effect::Nothing),
        (S::Logout | S::Unknown, _) => Err(signed_out(ccx)),
        (_, Wish::Logout) => Ok(Effect::Now(S::Logout)),
        (S::NotReady, Wish::Ready) if at.busy_elsewhere => Err(CtiError::invalid_state(33)),
        (S::Ready, Wish::Ready) => Ok(Effect::Nothing),
        (S::NotReady | S::Work | S::WorkReady, Wish::Ready) => Ok(Effect::Now(S::Ready)),
        (S::NotReady, Wish::NotReady) if by == By::Supervisor => Err(CtiError::invalid_state(265)),
        (S::NotReady | S::Ready | S::Work | S::WorkReady, Wish::NotReady) => {
            Ok(Effect::Now(S::NotReady))
        }
        (S::Reserved, _) => Err(CtiError::invalid_state(265)),
        (S::ReservedOutbound | S::ReservedOutboundPreview, _) if ccx => Err(CtiError::internal()),
        (S::ReservedOutbound, Wish::Ready) => Ok(Effect::Now(S::Ready)),
        (S::ReservedOutbound, Wish::NotReady) => Ok(Effect::Now(S::NotReady)),
        (S::ReservedOutboundPreview, Wish::Ready) => Err(CtiError::invalid_state(265)),
        (S::ReservedOutboundPreview, Wish::NotReady) => Ok(Effect::Pending(S::NotReady)),
        (S::Talking | S::Hold, _) if by == By::Supervisor => Err(CtiError::invalid_state(265)),
        (S::Talking | S::Hold, wish) => during_call(ccx, at.asked_during_call, wish),
    }
}

fn signed_out(ccx: bool) -> CtiError {
    CtiError::invalid_state(if ccx { 1010 } else { 257 })
}

fn during_call(ccx: bool, asked: bool, wish: &Wish) -> Result<Effect, CtiError> {
    match wish {
        Wish::Ready if ccx => Err(CtiError::invalid_state(265)),
        Wish::NotReady if ccx && asked => Err(CtiError::invalid_state(265)),
        Wish::Ready => Ok(Effect::Pending(AgentState::Ready)),
        _ => Ok(Effect::Pending(AgentState::NotReady)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(deployment: Deployment, state: AgentState) -> Situation {
        Situation { deployment, state, busy_elsewhere: false, asked_during_call: false }
    }

    fn code(result: Result<Effect, CtiError>) -> String {
        result.expect_err("an asynchronous error").error_data
    }

    #[test]
    fn a_signed_out_agent_fails_with_257_on_cce_and_1010_on_ccx() {
        for wish in [Wish::NotReady, Wish::Ready] {
            let cce = decide(By::Agent, at(Deployment::Ucce, AgentState::Logout), &wish);
            assert_eq!(code(cce), "257");
            let ccx = decide(By::Agent, at(Deployment::Uccx, AgentState::Logout), &wish);
            assert_eq!(code(ccx), "1010");
        }
    }

    #[test]
    fn pending_ready_exists_on_cce_only() {
        let cce = decide(By::Agent, at(Deployment::Ucce, AgentState::Talking), &Wish::Ready);
        assert_eq!(cce, Ok(Effect::Pending(AgentState::Ready)));
        let ccx = decide(By::Agent, at(Deployment::Uccx, AgentState::Talking), &Wish::Ready);
        assert_eq!(code(ccx), "265");
    }

    #[test]
    fn a_second_pending_not_ready_fails_on_ccx_only() {
        for (deployment, fails) in [(Deployment::Ucce, false), (Deployment::Uccx, true)] {
            let mut situation = at(deployment, AgentState::Talking);
            assert!(decide(By::Agent, situation, &Wish::NotReady).is_ok());
            situation.asked_during_call = true;
            assert_eq!(decide(By::Agent, situation, &Wish::NotReady).is_err(), fails);
        }
    }

    #[test]
    fn ready_during_a_call_that_ccx_does_not_show_is_33() {
        let mut situation = at(Deployment::Uccx, AgentState::NotReady);
        situation.busy_elsewhere = true;
        assert_eq!(code(decide(By::Agent, situation, &Wish::Ready)), "33");
    }

    #[test]
    fn an_outbound_reservation_gives_way_on_cce_and_errs_on_ccx() {
        let cce =
            decide(By::Agent, at(Deployment::Ucce, AgentState::ReservedOutbound), &Wish::Ready);
        assert_eq!(cce, Ok(Effect::Now(AgentState::Ready)));
        let ccx =
            decide(By::Agent, at(Deployment::Uccx, AgentState::ReservedOutbound), &Wish::Ready);
        assert_eq!(ccx.expect_err("an error").error_type, "Internal Server Error");
    }

    #[test]
    fn a_preview_keeps_not_ready_until_it_is_over() {
        let preview = at(Deployment::Ucce, AgentState::ReservedOutboundPreview);
        let decided = decide(By::Agent, preview, &Wish::NotReady);
        assert_eq!(decided, Ok(Effect::Pending(AgentState::NotReady)));
    }

    #[test]
    fn wrap_up_ends_at_once_on_request() {
        for state in [AgentState::Work, AgentState::WorkReady] {
            let ready = decide(By::Agent, at(Deployment::Ucce, state), &Wish::Ready);
            assert_eq!(ready, Ok(Effect::Now(AgentState::Ready)));
            let away = decide(By::Agent, at(Deployment::Ucce, state), &Wish::NotReady);
            assert_eq!(away, Ok(Effect::Now(AgentState::NotReady)));
        }
    }

    #[test]
    fn signing_in_again_keeps_the_state() {
        let login = Wish::Login { extension: "4001".to_owned() };
        let again = decide(By::Agent, at(Deployment::Ucce, AgentState::Ready), &login);
        assert_eq!(again, Ok(Effect::Nothing));
        let fresh = decide(By::Agent, at(Deployment::Ucce, AgentState::Logout), &login);
        assert_eq!(fresh, Ok(Effect::Now(AgentState::NotReady)));
    }
}
