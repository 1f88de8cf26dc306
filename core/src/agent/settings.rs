use std::sync::Arc;
use std::time::Duration;

use crate::finesse::{Actor, Deployment};

/// How one agent is handled. The defaults are those of server mode on CCE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentSettings {
    /// CCE or CCX.
    pub deployment: Deployment,
    /// Whose rights we act with.
    pub actor: Actor,
    /// How long a Webex call must outlive the customer's call to count (law 6).
    pub call_grace: Duration,
    /// How long before the customer's call its Webex echo may begin (law 6).
    pub call_lead: Duration,
    /// A look older than this is repeated before READY is sent, before a call is honoured and before
    /// anything is asked for during one (laws 1, 5 and 6): what is pushed comes late, too.
    pub look_lasts: Duration,
    /// How long an accepted request may take to show; state events were seen 14 s late.
    pub verify_for: Duration,
    /// Reason codes are configured, so that the agent's own `NOT_READY` always shows one.
    pub reasons_configured: bool,
    /// The labels that our own requests carry.
    pub labels: Vec<Arc<str>>,
    /// `NOT_READY` with one of our labels and no ledger counts as held (law 1). The generic reason
    /// of server mode is never adopted. The shell sets it where the ledger is gone: an entry that
    /// was read and is empty cannot be told from none.
    pub adopt: bool,
}

impl Default for AgentSettings {
    fn default() -> Self {
        Self {
            deployment: Deployment::Cce,
            actor: Actor::Supervisor,
            call_grace: Duration::from_secs(5),
            call_lead: Duration::from_secs(2),
            look_lasts: Duration::from_secs(1),
            verify_for: Duration::from_secs(20),
            reasons_configured: true,
            labels: Vec::new(),
            adopt: false,
        }
    }
}
