//! What must survive a restart.
//!
//! An intent is in the store before its request leaves (law 1): the engine hands over commits, and
//! their jobs are dispatched only once their entries are written. A burst of commits is one write.

mod database;
mod error;
mod old;
mod people;
mod schema;
mod task;

use std::collections::BTreeMap;
use std::sync::Arc;

use lockstep_core::AgentId;
use lockstep_core::agent::LedgerEntry;

use crate::directory::{KeepNobody, KeepPeople};

pub use database::Database;
pub use error::LedgerError;
pub use task::{Commit, run};

/// All entries that are not empty.
pub type Entries = BTreeMap<AgentId, LedgerEntry>;

/// Where entries survive the end of the process.
pub trait Store: Send + 'static {
    /// All entries, at start.
    fn read(&mut self) -> Result<Entries, LedgerError>;

    /// Writes entries that changed; an empty one is removed. Once it is `Ok` they survive a crash
    /// of the process. After an error the same entries come again with the next write.
    fn write(&mut self, changes: &Entries) -> impl Future<Output = Result<(), LedgerError>> + Send;

    /// Was nothing kept before the entries were read? Then an agent who has none is unknown, and
    /// not known to be free.
    fn is_new(&self) -> bool {
        false
    }

    /// Where persons found in Webex are kept, once the entries were read; by default nowhere.
    fn people(&self) -> Arc<dyn KeepPeople> {
        Arc::new(KeepNobody)
    }
}
