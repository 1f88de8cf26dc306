//! Finesse's words, and who may do what.
//!
//! Facts come from the Finesse notes, sections 1.1, 1.3, 1.6 and 1.10. What is marked inferred or
//! unknown there is one row of a table here, so that it can be changed in one place.

pub mod labels;
mod permits;
mod reason;
mod state;
mod view;

pub use permits::{Actor, Situation, Target, Verdict, verdict};
pub use reason::{ReasonSeen, supervisor_code};
pub use state::{AgentState, Deployment};
pub use view::AgentView;
