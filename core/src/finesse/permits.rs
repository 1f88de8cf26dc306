//! Who may do what: the tables of the Finesse notes, sections 1.3 and 1.10, as one table.

use serde::{Deserialize, Serialize};

use super::{AgentState, Deployment};

/// CTI refuses the work mode: a READY or a second `NOT_READY` during a call, on CCX.
const INVALID_WORKMODE: i64 = 265;
/// CTI finds the resource busy: a call outside the contact centre, on CCX.
const RESOURCE_BUSY: i64 = 33;

/// Who asks for the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// The agent for themselves (gadget mode). May carry a reason.
    Agent,
    /// A supervisor for a member of their team (server mode). Never carries a reason.
    Supervisor,
}

/// The state asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Target {
    /// `READY`
    Ready,
    /// `NOT_READY`
    NotReady,
    /// `LOGOUT`; in the table for completeness, Lockstep never asks for it.
    Logout,
}

impl Target {
    /// Every target, for tables and tests.
    pub const ALL: [Self; 3] = [Self::Ready, Self::NotReady, Self::Logout];

    /// Finesse's word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "READY",
            Self::NotReady => "NOT_READY",
            Self::Logout => "LOGOUT",
        }
    }
}

/// All that the answer depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Situation {
    /// CCE or CCX.
    pub deployment: Deployment,
    /// The agent's state.
    pub state: AgentState,
    /// CCX: on a call outside the contact centre, which the state does not show.
    pub busy_elsewhere: bool,
    /// A `NOT_READY` was already asked for during this call.
    pub pending_spent: bool,
}

/// What Finesse will do with the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Accepted, and the state changes.
    Applies,
    /// Accepted; nothing changes.
    NoChange,
    /// Accepted, and applied when the call is over (`pendingState`).
    Pends,
    /// Refused at once with 400 `Invalid State`.
    Refused,
    /// Accepted with 202, then failing at CTI with this number; `None` where no number is known.
    FailsLater(Option<i64>),
    /// The documents do not say, or only hint: Lockstep holds back.
    Untold,
}

impl Verdict {
    /// Is it right to send the request? What would be refused is not sent (law 8).
    pub const fn may_send(self) -> bool {
        matches!(self, Self::Applies | Self::Pends)
    }
}

/// What happens when `actor` asks for `target` in this `situation`.
pub const fn verdict(actor: Actor, target: Target, situation: Situation) -> Verdict {
    match actor {
        Actor::Agent => for_agent(target, situation),
        Actor::Supervisor => for_supervisor(target, situation),
    }
}

#[expect(clippy::match_same_arms, reason = "one row per state, as in the documents")]
const fn for_agent(target: Target, situation: Situation) -> Verdict {
    use AgentState as S;
    use Deployment::{Cce, Ccx};
    use Target as T;
    use Verdict::{Applies, FailsLater, NoChange, Pends, Refused, Untold};

    match (situation.state, target, situation.deployment) {
        (S::Logout, T::Ready | T::NotReady, Cce) => FailsLater(Some(257)),
        (S::Logout, T::Ready | T::NotReady, Ccx) => FailsLater(Some(1010)),
        (S::Logout, T::Logout, _) => Refused,

        (S::NotReady, T::Ready, Ccx) if situation.busy_elsewhere => FailsLater(Some(RESOURCE_BUSY)),
        (S::NotReady, _, _) => Applies,

        (S::Ready, T::Ready, _) => NoChange,
        (S::Ready, T::NotReady, _) | (S::Ready, T::Logout, Ccx) => Applies,
        (S::Ready, T::Logout, Cce) => Refused,

        (S::Reserved | S::ReservedOutbound | S::ReservedOutboundPreview, T::Logout, _) => Refused,
        (S::ReservedOutbound, _, Cce) => Applies,
        (S::ReservedOutbound, _, Ccx) => FailsLater(None),
        (S::ReservedOutboundPreview, T::NotReady, Cce) => Pends,

        (S::Talking | S::Hold, T::Ready, Cce) => Pends,
        (S::Talking | S::Hold, T::Ready, Ccx) => FailsLater(Some(INVALID_WORKMODE)),
        (S::Talking | S::Hold, T::NotReady, Ccx) if situation.pending_spent => {
            FailsLater(Some(INVALID_WORKMODE))
        }
        (S::Talking | S::Hold, T::NotReady, _) => Pends,

        (S::Work, T::Ready | T::NotReady, _) | (S::WorkReady, T::Ready | T::NotReady, Cce) => {
            Applies
        }
        _ => Untold,
    }
}

const fn for_supervisor(target: Target, situation: Situation) -> Verdict {
    use AgentState as S;
    use Target as T;
    use Verdict::{Applies, FailsLater, Refused, Untold};

    match (situation.state, target) {
        (S::NotReady, T::Ready)
            if situation.busy_elsewhere && matches!(situation.deployment, Deployment::Ccx) =>
        {
            FailsLater(Some(RESOURCE_BUSY))
        }
        (S::NotReady | S::Work | S::WorkReady, T::Ready)
        | (S::Ready | S::Work | S::WorkReady, T::NotReady) => Applies,
        (S::Logout | S::Unknown, T::Logout) | (_, T::NotReady) => Refused,
        (_, T::Logout) => Applies,
        (_, T::Ready) => Untold,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(deployment: Deployment, state: AgentState) -> Situation {
        Situation { deployment, state, busy_elsewhere: false, pending_spent: false }
    }

    #[test]
    fn a_supervisor_sets_not_ready_from_ready_and_wrap_up_only() {
        for deployment in [Deployment::Cce, Deployment::Ccx] {
            for state in AgentState::ALL {
                let expected = match state {
                    AgentState::Ready | AgentState::Work | AgentState::WorkReady => {
                        Verdict::Applies
                    }
                    _ => Verdict::Refused,
                };
                let got = verdict(Actor::Supervisor, Target::NotReady, at(deployment, state));
                assert_eq!(got, expected, "{deployment} {state}");
            }
        }
    }

    #[test]
    fn a_pending_ready_is_cce_only() {
        let talking = |d| verdict(Actor::Agent, Target::Ready, at(d, AgentState::Talking));
        assert_eq!(talking(Deployment::Cce), Verdict::Pends);
        assert_eq!(talking(Deployment::Ccx), Verdict::FailsLater(Some(265)));
    }

    #[test]
    fn ccx_takes_a_pending_not_ready_once_per_call() {
        let mut situation = at(Deployment::Ccx, AgentState::Talking);
        assert_eq!(verdict(Actor::Agent, Target::NotReady, situation), Verdict::Pends);
        situation.pending_spent = true;
        assert_eq!(
            verdict(Actor::Agent, Target::NotReady, situation),
            Verdict::FailsLater(Some(265))
        );
        situation.deployment = Deployment::Cce;
        assert_eq!(verdict(Actor::Agent, Target::NotReady, situation), Verdict::Pends);
    }

    #[test]
    fn a_call_outside_the_contact_centre_blocks_ready_on_ccx() {
        for actor in [Actor::Agent, Actor::Supervisor] {
            let mut situation = at(Deployment::Ccx, AgentState::NotReady);
            situation.busy_elsewhere = true;
            assert_eq!(verdict(actor, Target::Ready, situation), Verdict::FailsLater(Some(33)));
            situation.deployment = Deployment::Cce;
            assert_eq!(verdict(actor, Target::Ready, situation), Verdict::Applies);
        }
    }
}
