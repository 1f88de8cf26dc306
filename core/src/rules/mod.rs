//! Data that turns a source's facts into what is wanted.
//!
//! [`Rules::parse`] reads a rules file and reports every problem of it at once; [`Rules::check`]
//! finds what reads well and still is wrong: a rule that is never reached, a field that the mode
//! cannot carry, a value that Webex is not known to send. [`Rules::evaluate`] then never fails.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

mod check;
mod condition;
mod cover;
mod mode;
mod parse;
mod place;
mod problem;
mod read;
mod rule;
#[cfg(test)]
mod tests;
mod vocabulary;

pub use condition::{Condition, Test};
pub use mode::Mode;
pub use parse::{MAX_CONDITIONS, MAX_FILE_BYTES, MAX_ID_LENGTH, MAX_RULES, MAX_VALUES};
pub use place::{Place, Places};
pub use problem::{RuleProblem, Severity, nearest};
pub use rule::{DEFAULT, MAX_REASON_LENGTH, Matched, Rule, Rules};
pub use vocabulary::{FACTS, Fact, OTHER, known_presences};

/// What the rules ask for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Wanted {
    /// The person is busy: `NOT_READY`, for this reason.
    NotReady {
        /// Label of the reason; server mode keeps it to itself (Finesse notes 0.2).
        reason: Arc<str>,
    },
    /// The person is free: a hold is released, nothing else.
    Free,
    /// Leave alone: neither take nor release.
    Ignore,
}

impl Wanted {
    /// `NOT_READY` for this reason.
    pub fn not_ready(reason: &str) -> Self {
        Self::NotReady { reason: Arc::from(reason) }
    }

    /// Is `NOT_READY` wanted?
    pub const fn is_busy(&self) -> bool {
        matches!(self, Self::NotReady { .. })
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotReady { reason } => write!(f, "Not Ready: {reason}"),
            Self::Free => f.write_str("free"),
            Self::Ignore => f.write_str("leave alone"),
        }
    }
}
