use serde::{Deserialize, Serialize};

use super::Deployment;

/// The reason that Finesse shows beside `NOT_READY`; any part may be absent (Finesse notes 1.1).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReasonSeen {
    /// The database id (`reasonCodeId`); differs from system to system. `-1` is read as none.
    pub id: Option<String>,
    /// The platform's number, such as 999 or 32767.
    pub code: Option<i64>,
    /// The label, at most 40 characters.
    pub label: Option<String>,
}

impl ReasonSeen {
    /// Is it the generic reason that the platform stamps when a supervisor acts?
    ///
    /// It may as well be a human supervisor's, so it never proves a hold by itself.
    pub fn is_supervisor(&self, deployment: Deployment) -> bool {
        self.code == Some(supervisor_code(deployment))
    }

    /// Is it one that only the platform or a supervisor gives (Finesse notes 1.6)? One without a
    /// code may be the agent's own.
    pub fn is_platforms(&self, deployment: Deployment) -> bool {
        self.is_supervisor(deployment) || self.code.is_some_and(|code| code >= FIRST_OF_PLATFORM)
    }

    /// Is the label `label`: trimmed, exact or differing in case only (Finesse notes 6, 23)?
    pub fn has_label(&self, label: &str) -> bool {
        self.label.as_deref().is_some_and(|seen| seen.trim().eq_ignore_ascii_case(label.trim()))
    }
}

/// The platform's own codes begin here on CCE; on CCX all of a site's are below 1,000.
const FIRST_OF_PLATFORM: i64 = 20_001;

/// The code that the platform stamps on a supervisor's `NOT_READY` (Finesse notes 1.10).
pub const fn supervisor_code(deployment: Deployment) -> i64 {
    match deployment {
        Deployment::Cce => 999,
        Deployment::Ccx => 33,
    }
}
