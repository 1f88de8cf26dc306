//! Persons found in Webex, kept over a restart: 10,000 look-ups are 10,000 requests, one address
//! each (Webex notes 5), and no start should have to wait for them twice.

use std::fmt::Debug;

use lockstep_core::{PersonId, Time};

use crate::ledger::LedgerError;

/// What a look-up brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The addresses that were tried, in order.
    pub addresses: Vec<String>,
    /// Who was found; nobody means that nothing is to be kept any more.
    pub person: Option<PersonId>,
    /// When Webex said so.
    pub checked: Time,
}

/// Where they are kept. Both calls may block; what cannot be kept is looked up again.
pub trait KeepPeople: Debug + Send + Sync + 'static {
    /// Everybody kept.
    fn read(&self) -> Result<Vec<Known>, LedgerError>;

    /// Keeps what changed.
    fn write(&self, changes: &[Known]) -> Result<(), LedgerError>;
}

/// Keeps nobody.
#[derive(Debug, Default)]
pub struct KeepNobody;

impl KeepPeople for KeepNobody {
    fn read(&self) -> Result<Vec<Known>, LedgerError> {
        Ok(Vec::new())
    }

    fn write(&self, _: &[Known]) -> Result<(), LedgerError> {
        Ok(())
    }
}
