//! Words of the contact centre: deployments, agent states, wishes, who acts.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which contact centre stands behind Finesse; they differ as in Finesse notes 1.10.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Deployment {
    /// Unified Contact Center Express.
    Uccx,
    /// Unified (or Packaged) Contact Center Enterprise.
    Ucce,
}

impl Deployment {
    /// As `SystemInfo` names it.
    pub const fn wire(self) -> &'static str {
        match self {
            Self::Uccx => "UCCX",
            Self::Ucce => "UCCE",
        }
    }
}

/// The state of an agent as the User resource shows it (Finesse notes 1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AgentState {
    /// Signed out.
    Logout,
    /// Signed in, takes no calls.
    NotReady,
    /// In the queue.
    Ready,
    /// A call is ringing.
    Reserved,
    /// Held for a call of an outbound campaign.
    ReservedOutbound,
    /// Shown the customer of a preview campaign, may accept or reject.
    ReservedOutboundPreview,
    /// On a call.
    Talking,
    /// The call is on hold; CCE only.
    Hold,
    /// Wrap-up that ends in `NOT_READY` (on CCX: any wrap-up).
    Work,
    /// Wrap-up that ends in READY; CCE only.
    WorkReady,
    /// Finesse does not know.
    Unknown,
}

impl AgentState {
    /// Every state.
    pub const ALL: [Self; 11] = [
        Self::Logout,
        Self::NotReady,
        Self::Ready,
        Self::Reserved,
        Self::ReservedOutbound,
        Self::ReservedOutboundPreview,
        Self::Talking,
        Self::Hold,
        Self::Work,
        Self::WorkReady,
        Self::Unknown,
    ];

    /// The word on the wire.
    pub const fn wire(self) -> &'static str {
        match self {
            Self::Logout => "LOGOUT",
            Self::NotReady => "NOT_READY",
            Self::Ready => "READY",
            Self::Reserved => "RESERVED",
            Self::ReservedOutbound => "RESERVED_OUTBOUND",
            Self::ReservedOutboundPreview => "RESERVED_OUTBOUND_PREVIEW",
            Self::Talking => "TALKING",
            Self::Hold => "HOLD",
            Self::Work => "WORK",
            Self::WorkReady => "WORK_READY",
            Self::Unknown => "UNKNOWN",
        }
    }

    /// The state of that name, if there is one.
    pub fn from_wire(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.wire() == word)
    }
}

impl fmt::Display for AgentState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.wire())
    }
}

/// What a state change asks for; LOGIN is an action and never a state (Finesse notes 1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Sign in at this extension.
    Login {
        /// The phone's number.
        extension: String,
    },
    /// Take calls.
    Ready,
    /// Take no calls.
    NotReady,
    /// Sign out.
    Logout,
}

impl Wish {
    /// The word in the request's `state` element.
    pub(crate) const fn wire(&self) -> &'static str {
        match self {
            Self::Login { .. } => "LOGIN",
            Self::Ready => "READY",
            Self::NotReady => "NOT_READY",
            Self::Logout => "LOGOUT",
        }
    }
}

/// In which capacity somebody changes an agent's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The agent on themself.
    Agent,
    /// A supervisor on a member of one of their teams.
    Supervisor,
    /// The contact centre: calls, timers, failures. Bound by no rule.
    System,
}

/// By which road a change came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// A request to the REST API: the product, or a desktop.
    Api,
    /// The control API or the library: the script playing a human.
    Control,
    /// A call.
    Call,
    /// A wrap-up timer.
    Timer,
    /// A fail-over of the contact centre.
    Failover,
}
