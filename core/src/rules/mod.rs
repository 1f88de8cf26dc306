//! Data that turns a source's facts into what is wanted.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

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
