/// How Finesse is doing, as far as the last requests tell; costs nothing to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Scheme, host and port of the node in use; `None` before the first call and while no node
    /// is in service.
    pub in_use: Option<String>,
    /// Every node, in the order of the configuration.
    pub nodes: Vec<NodeHealth>,
    /// Accounts that Finesse refused and that are not tried again.
    pub stopped_accounts: Vec<String>,
}

/// How one node is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeHealth {
    /// Scheme, host and port.
    pub node: String,
    /// It said so when the nodes were last compared.
    pub in_service: bool,
    /// What it said then, in words.
    pub detail: String,
}

impl Health {
    /// A node is in use and no account is stopped.
    pub fn is_good(&self) -> bool {
        self.in_use.is_some() && self.stopped_accounts.is_empty()
    }
}
