use std::fmt;

use serde::{Deserialize, Serialize};

/// Which contact centre stands behind Finesse; `deploymentType` of `SystemInfo`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Deployment {
    /// Unified CCE and Packaged CCE, `UCCE`.
    #[serde(rename = "UCCE")]
    Cce,
    /// Unified CCX, `UCCX`.
    #[serde(rename = "UCCX")]
    Ccx,
}

impl Deployment {
    /// Reads `deploymentType`; anything but the two known words is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().to_ascii_uppercase().as_str() {
            "UCCE" | "PCCE" => Some(Self::Cce),
            "UCCX" => Some(Self::Ccx),
            _ => None,
        }
    }
}

impl fmt::Display for Deployment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cce => "UCCE",
            Self::Ccx => "UCCX",
        })
    }
}

/// The state that Finesse reports for an agent (voice).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AgentState {
    /// Not signed in.
    Logout,
    /// Signed in, takes no calls.
    NotReady,
    /// Waits for a call.
    Ready,
    /// A call rings.
    Reserved,
    /// Reserved for an outbound campaign.
    ReservedOutbound,
    /// Looks at an outbound campaign's preview.
    ReservedOutboundPreview,
    /// On a call.
    Talking,
    /// On a call that is on hold; CCE only.
    Hold,
    /// Wrap-up, then `NOT_READY`.
    Work,
    /// Wrap-up, then `READY`; CCE only.
    WorkReady,
    /// `UNKNOWN`, nothing at all, or a word that we do not know.
    Unknown,
}

impl AgentState {
    /// Every state, for tables and tests.
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

    /// Reads Finesse's word; an unknown one is [`AgentState::Unknown`].
    pub fn parse(text: &str) -> Self {
        let word = text.trim();
        Self::ALL
            .into_iter()
            .find(|state| state.as_str().eq_ignore_ascii_case(word))
            .unwrap_or(Self::Unknown)
    }

    /// Finesse's word for it.
    pub const fn as_str(self) -> &'static str {
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

    /// Is a call at the agent: ringing, talking, held or reserved for outbound (law 5)?
    pub const fn is_on_call(self) -> bool {
        matches!(
            self,
            Self::Reserved
                | Self::ReservedOutbound
                | Self::ReservedOutboundPreview
                | Self::Talking
                | Self::Hold
        )
    }

    /// Is the agent in wrap-up?
    pub const fn is_wrap_up(self) -> bool {
        matches!(self, Self::Work | Self::WorkReady)
    }
}

impl fmt::Display for AgentState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
