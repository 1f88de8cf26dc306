use lockstep_core::agent::LedgerEntry;
use lockstep_core::board::Writer;
use lockstep_core::finesse::AgentView;
use lockstep_core::presence::Want;
use lockstep_core::rules::Mode;
use lockstep_core::{AgentId, TeamId, Time};

/// One agent as people see them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "facts about one agent, each by itself")]
pub struct Row {
    /// `loginId`.
    pub agent: AgentId,
    /// `loginName`.
    pub login_name: String,
    /// First and last name.
    pub name: String,
    /// The home team.
    pub team_id: TeamId,
    /// The home team's name.
    pub team: String,
    /// Is the same human known in Webex?
    pub in_webex: bool,
    /// What is wanted, and from which presence.
    pub want: Option<Want>,
    /// What Finesse showed last.
    pub view: Option<AgentView>,
    /// Since when Finesse shows that, on our clock.
    pub changed_at: Option<Time>,
    /// Hold, snooze and the like.
    pub ledger: LedgerEntry,
    /// Since when nothing is known of the person.
    pub lost_since: Option<Time>,
    /// Is what is shown older than it may be?
    pub stale: bool,
    /// When it will be.
    pub stale_at: Option<Time>,
    /// The last decision.
    pub decided: Option<&'static str>,
    /// Its sentence.
    pub why: String,
    /// How many of the agent's gadgets are connected.
    pub gadgets: usize,
    /// Does one of them act?
    pub by_gadget: bool,
    /// Who acts.
    pub writer: Writer,
    /// By which way, as the policy has it.
    pub mode: Mode,
    /// Is nothing touched, only told?
    pub dry_run: bool,
    /// Is the whole team left alone for a while?
    pub paused: bool,
    /// How long the last request took from its decision to Finesse's acceptance, in milliseconds.
    pub latency_ms: Option<u64>,
}
