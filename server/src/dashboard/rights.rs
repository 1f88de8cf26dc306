//! Who somebody is to the page, and which teams they may see.

use std::collections::BTreeSet;

use lockstep_core::{AgentId, TeamId};
use serde::Serialize;

use crate::directory::Everybody;

/// Somebody who proved to Finesse who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Account {
    /// An administrator, by name. No user of the contact centre.
    Administrator(String),
    /// A user; what they supervise is looked up each time, because it may change.
    User(AgentId),
}

/// What somebody may see. A right that is lost is lost at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scope {
    /// Everybody.
    All,
    /// Agents whose home team is one of these.
    Teams(BTreeSet<TeamId>),
}

/// The word for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Role {
    /// Sees everybody, and may reload.
    Administrator,
    /// Sees the teams that they supervise.
    Supervisor,
}

/// What an account is now.
#[derive(Debug, Clone)]
pub(super) struct Rights {
    pub(super) role: Role,
    pub(super) name: String,
    pub(super) scope: Scope,
}

impl Account {
    /// As Finesse and the journal name them.
    pub(super) fn user(&self) -> &str {
        match self {
            Self::Administrator(name) => name,
            Self::User(id) => id.as_str(),
        }
    }

    /// What the account may, as Finesse's list has it now; `None`: nothing.
    pub(super) fn rights(&self, everybody: &Everybody) -> Option<Rights> {
        match self {
            Self::Administrator(name) => {
                Some(Rights { role: Role::Administrator, name: name.clone(), scope: Scope::All })
            }
            Self::User(id) => everybody.supervisor(id).map(|supervisor| Rights {
                role: Role::Supervisor,
                name: supervisor.name.clone(),
                scope: Scope::Teams(supervisor.teams.iter().cloned().collect()),
            }),
        }
    }
}

impl Scope {
    /// Is this team in it?
    pub(super) fn sees(&self, team: &TeamId) -> bool {
        match self {
            Self::All => true,
            Self::Teams(teams) => teams.contains(team),
        }
    }
}
