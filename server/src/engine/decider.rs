//! Who decides for one agent: the server's own machine, or a gadget whose account the server keeps.

use lockstep_core::Time;
use lockstep_core::agent::{Agent, AgentSettings, Code, LedgerEntry};
use lockstep_core::finesse::AgentView;
use lockstep_core::presence::Want;
use lockstep_core::why::Side;

/// Who decides.
#[derive(Debug)]
pub(super) enum Decider {
    /// The server.
    Server(Box<Agent>),
    /// A gadget, or nobody while none is there.
    Gadget(Box<Account>),
}

/// What is known of an agent for whom the server decides nothing.
#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) want: Option<Want>,
    pub(super) view: Option<AgentView>,
    /// When the view was asked for, or reported.
    pub(super) seen_at: Option<Time>,
    pub(super) ledger: LedgerEntry,
    pub(super) decided: Option<Code>,
    /// The number of the last request that the server's machine made, should it decide again.
    pub(super) last_number: u64,
}

impl Account {
    /// What the server's machine knew when it handed over.
    fn of(agent: &Agent) -> Self {
        Self {
            want: agent.want().cloned(),
            view: agent.view().cloned(),
            seen_at: agent.seen_at(),
            ledger: agent.ledger().clone(),
            decided: agent.last_code(),
            last_number: agent.last_number(),
        }
    }
}

impl Decider {
    /// Which side that is.
    pub(super) const fn side(&self) -> Side {
        match self {
            Self::Server(_) => Side::Server,
            Self::Gadget(_) => Side::Gadget,
        }
    }

    pub(super) fn want(&self) -> Option<&Want> {
        match self {
            Self::Server(agent) => agent.want(),
            Self::Gadget(account) => account.want.as_ref(),
        }
    }

    pub(super) fn view(&self) -> Option<&AgentView> {
        match self {
            Self::Server(agent) => agent.view(),
            Self::Gadget(account) => account.view.as_ref(),
        }
    }

    pub(super) fn seen_at(&self) -> Option<Time> {
        match self {
            Self::Server(agent) => agent.seen_at(),
            Self::Gadget(account) => account.seen_at,
        }
    }

    pub(super) fn ledger(&self) -> &LedgerEntry {
        match self {
            Self::Server(agent) => agent.ledger(),
            Self::Gadget(account) => &account.ledger,
        }
    }

    pub(super) fn last_code(&self) -> Option<Code> {
        match self {
            Self::Server(agent) => agent.last_code(),
            Self::Gadget(account) => account.decided,
        }
    }

    pub(super) fn last_number(&self) -> u64 {
        match self {
            Self::Server(agent) => agent.last_number(),
            Self::Gadget(account) => account.last_number,
        }
    }

    /// Has the server a request under way that is not answered?
    pub(super) fn is_asking(&self) -> bool {
        match self {
            Self::Server(agent) => agent.is_asking(),
            Self::Gadget(_) => false,
        }
    }

    pub(super) fn next_wake(&self) -> Option<Time> {
        match self {
            Self::Server(agent) => agent.next_wake(),
            Self::Gadget(_) => None,
        }
    }

    pub(super) fn set_settings(&mut self, settings: AgentSettings) {
        if let Self::Server(agent) = self {
            agent.set_settings(settings);
        }
    }

    /// From now on a gadget decides.
    pub(super) fn hand_over(&mut self) {
        if let Self::Server(agent) = self {
            *self = Self::Gadget(Box::new(Account::of(agent)));
        }
    }

    /// From now on the server decides, as after a restart: the ledger is what it knows. Tells what
    /// is wanted, which its machine must hear anew.
    pub(super) fn take_over(&mut self, settings: AgentSettings) -> Option<Want> {
        let Self::Gadget(account) = self else { return None };
        let account = std::mem::take(&mut **account);
        let agent = Agent::new(settings, account.ledger).numbered_after(account.last_number);
        *self = Self::Server(Box::new(agent));
        account.want
    }
}
