//! What must survive a restart, in one file that is replaced as a whole.
//!
//! An intent is in the file before its request leaves (law 1): the engine hands over commits, and
//! their jobs are dispatched only once their entries are written. A burst of commits is one write.

mod file;
mod task;

pub use file::{LedgerError, LedgerFile};
pub use task::{Commit, run};
