//! Persons found in Webex, kept over a restart: 10,000 look-ups are 10,000 requests, one address
//! each (Webex notes 5), and no start should have to wait for them twice.

use std::fmt::Debug;
use std::future::ready;

use futures_util::future::BoxFuture;
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

/// What [`KeepPeople`] answers, in its own time.
pub type Kept<T> = BoxFuture<'static, Result<T, LedgerError>>;

/// Where they are kept; what cannot be kept is looked up again.
pub trait KeepPeople: Debug + Send + Sync + 'static {
    /// Everybody kept.
    fn read(&self) -> Kept<Vec<Known>>;

    /// Keeps what changed.
    fn write(&self, changes: Vec<Known>) -> Kept<()>;
}

/// Keeps nobody.
#[derive(Debug, Default)]
pub struct KeepNobody;

impl KeepPeople for KeepNobody {
    fn read(&self) -> Kept<Vec<Known>> {
        Box::pin(ready(Ok(Vec::new())))
    }

    fn write(&self, _: Vec<Known>) -> Kept<()> {
        Box::pin(ready(Ok(())))
    }
}
