use lockstep_core::agent::LedgerEntry;
use lockstep_core::finesse::AgentView;
use lockstep_core::presence::Want;
use lockstep_core::{AgentId, Time};
use serde::Serialize;

/// One agent as people see them.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// `loginId`.
    pub agent: AgentId,
    /// `loginName`.
    pub login_name: String,
    /// First and last name.
    pub name: String,
    /// The home team's name.
    pub team: String,
    /// Is the same human known in Webex?
    pub in_webex: bool,
    /// What is wanted, and from which presence.
    pub want: Option<Want>,
    /// What Finesse showed last.
    pub view: Option<AgentView>,
    /// Hold, snooze and the like.
    pub ledger: LedgerEntry,
    /// Since when nothing is known of the person.
    pub lost_since: Option<Time>,
    /// Is what is shown older than it may be?
    pub stale: bool,
    /// The last decision.
    pub decided: Option<&'static str>,
    /// Its sentence.
    pub why: String,
    /// How many of the agent's gadgets are connected.
    pub gadgets: usize,
    /// Does one of them act?
    pub by_gadget: bool,
}
