//! The state machine of one agent: holds, one request in flight, verification, retry, and an
//! explanation of everything.
//!
//! [`Agent::step`] takes an [`Input`] and "now" and yields [`Output`]s in the order in which the
//! shell must carry them out; [`Agent::next_wake`] tells when it wants a [`Input::Wake`]. The shell
//! decides nothing. The laws that the architecture numbers are kept here, and each has its
//! assertion in `tests/`.

mod call;
mod crossed;
mod decision;
mod explain;
mod flight;
mod held;
mod input;
mod ledger;
mod machine;
mod rehearsal;
mod seen;
mod settings;
mod settle;
mod snooze;
#[cfg(any(test, feature = "agree"))]
mod tests;
mod verify;

pub use decision::{Code, Decision};
pub use input::{Answer, Input, LookFor, Output, Request};
pub use ledger::{Claim, Hold, LedgerEntry};
pub use machine::Agent;
pub use rehearsal::Rehearsal;
pub use settings::AgentSettings;
pub use snooze::Snooze;

/// Never in what ships: histories by number, for builds to be held against each other.
#[cfg(feature = "agree")]
pub use tests::agree::history;
