use std::time::Duration;

/// What went wrong between us and Finesse, told for the person who must act.
///
/// The variants differ in what the caller may do next, not in HTTP numbers.
#[derive(Debug, thiserror::Error)]
pub enum FinesseError {
    /// 401 `Authorization Failure`: the account is not tried again (five failures lock it).
    #[error("finesse refused the password of account {account}; correct it, it is not tried again")]
    Credential {
        /// The account's user name.
        account: String,
    },
    /// The account failed before; nothing was sent.
    #[error(
        "account {account} was refused before and is not tried again until its password is changed"
    )]
    Stopped {
        /// The account's user name.
        account: String,
    },
    /// None of our supervisors supervises the agent's team; nothing was sent.
    #[error("no configured supervisor supervises team {team}; add one to finesse.supervisors")]
    NoSupervisor {
        /// The team's id.
        team: String,
    },
    /// 401 `Invalid Supervisor` or `Invalid Authorization User Specified`: the agent is not ours
    /// to move, probably because the agent changed teams.
    #[error("finesse says that {account} may not act for agent {agent}: {detail}")]
    NotOurs {
        /// The account's user name.
        account: String,
        /// The agent's loginId.
        agent: String,
        /// Finesse's own words.
        detail: String,
    },
    /// 404: there is no such user or team.
    #[error("finesse knows no {what}")]
    NotFound {
        /// What was asked for.
        what: String,
    },
    /// 400 `Invalid State`: the agent's state does not allow it.
    #[error("finesse refused the change in the agent's present state: {detail}")]
    InvalidState {
        /// Finesse's own words.
        detail: String,
    },
    /// Any other 4xx: a request that Finesse will not take, however often it is sent.
    #[error("finesse refused the request with {status} {kind}: {detail}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// `ErrorType`.
        kind: String,
        /// `ErrorData` and `ErrorMessage`.
        detail: String,
    },
    /// 503, 500 or no connection could be made: certainly (503, connect) or probably not applied.
    #[error("finesse is out of service: {detail}")]
    Unavailable {
        /// Which node said what.
        detail: String,
        /// True when the request certainly did not reach Finesse's queue.
        not_sent: bool,
        /// How long to wait, where the answer said so.
        retry_after: Option<Duration>,
    },
    /// Finesse failed over since the agent was seen: nothing was sent, the agent is seen first.
    #[error("finesse failed over to {node} since the agent was seen; nothing was sent")]
    FailedOver {
        /// The node in use now.
        node: String,
    },
    /// The connection broke or timed out after the request left: it may have been applied.
    #[error("finesse did not answer in time or the connection broke: {detail}")]
    Silent {
        /// What happened.
        detail: String,
    },
    /// An answer that cannot be read: not XML, too large, fields missing.
    #[error("finesse sent an answer that cannot be read: {detail}")]
    Unreadable {
        /// What was wrong.
        detail: String,
    },
    /// Dry run: nothing is ever sent.
    #[error("dry run: nothing was sent to finesse")]
    DryRun,
}

impl FinesseError {
    /// Would another account perhaps be answered?
    pub const fn is_about_rights(&self) -> bool {
        matches!(
            self,
            Self::Credential { .. }
                | Self::Stopped { .. }
                | Self::NoSupervisor { .. }
                | Self::NotOurs { .. }
                | Self::NotFound { .. }
        )
    }

    /// One word for the variant, for metrics and log fields.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Credential { .. } => "credential",
            Self::Stopped { .. } => "stopped",
            Self::NoSupervisor { .. } => "no_supervisor",
            Self::NotOurs { .. } => "not_ours",
            Self::NotFound { .. } => "not_found",
            Self::InvalidState { .. } => "invalid_state",
            Self::Refused { .. } => "refused",
            Self::Unavailable { .. } => "unavailable",
            Self::FailedOver { .. } => "failed_over",
            Self::Silent { .. } => "silent",
            Self::Unreadable { .. } => "unreadable",
            Self::DryRun => "dry_run",
        }
    }
}
