use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Decision, LedgerEntry};
use crate::Time;
use crate::finesse::{AgentView, Target};
use crate::presence::Want;

/// All that can happen to an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Something else is wanted.
    Want(Want),
    /// Finesse was seen to say this of the agent.
    Seen {
        /// What it said.
        view: AgentView,
        /// When the question was sent: the view is at least as new as that.
        asked_at: Time,
        /// How far Finesse's clock is ahead of ours, in milliseconds.
        clock_ahead_ms: i64,
    },
    /// A look that we asked for brought nothing.
    LookFailed,
    /// Finesse does not know the agent, so nothing that was asked for can have an effect any more:
    /// whoever is made anew under the same id is somebody else to it (law 1).
    NotKnown,
    /// Finesse speaks through another node since then, or is back after it was gone: what was seen
    /// before says nothing any more, and what was asked for may be lost (Finesse notes 1.9).
    FailedOver {
        /// Views that were asked for before this do not count.
        at: Time,
    },
    /// What became of a request.
    Answered {
        /// The request's number.
        request: u64,
        /// The answer.
        answer: Answer,
    },
    /// The agent wants to be left alone until then.
    Snooze {
        /// Until when; [`Snooze`](super::Snooze) knows the times that stand for something else.
        until: Time,
    },
    /// The agent takes the snooze back.
    Unsnooze,
    /// Another human is behind this agent from now on: what was wanted, or disagreed with, was
    /// somebody else's. A hold is kept until something is heard of the new one.
    OtherPerson,
    /// Drift is looked for: whoever was not seen since then is looked at.
    Reconcile {
        /// An older view is looked at again.
        since: Time,
    },
    /// What kept us from acting may be gone: teams were read again, a credential was mended.
    TryAgain,
    /// The time asked for by `next_wake` has come.
    Wake,
}

/// What became of a request, as far as the shell can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Any 2xx: queued, not done (law 7).
    Accepted,
    /// The agent's state did not allow it.
    InvalidState,
    /// We may not act for this agent: another team, or a credential that was refused.
    NotPermitted,
    /// Finesse does not know the agent.
    NotKnown,
    /// Finesse will not take the request as it is: a reason that is missing, not valid or not
    /// allowed, or anything else that repetition does not mend.
    Refused,
    /// Finesse lists no such reason for this agent, so it was not asked.
    ReasonMissing,
    /// It certainly did not reach Finesse: out of service, no connection.
    NotSent,
    /// It may have been applied: a time-out, a broken connection, a 500.
    Unknown,
    /// Dry run: it would have been sent.
    DryRun,
}

impl Answer {
    /// Every answer, for reading one.
    pub const ALL: [Self; 9] = [
        Self::Accepted,
        Self::InvalidState,
        Self::NotPermitted,
        Self::NotKnown,
        Self::Refused,
        Self::ReasonMissing,
        Self::NotSent,
        Self::Unknown,
        Self::DryRun,
    ];

    /// The word, as in journals.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::InvalidState => "invalid_state",
            Self::NotPermitted => "not_permitted",
            Self::NotKnown => "not_known",
            Self::Refused => "refused",
            Self::ReasonMissing => "reason_missing",
            Self::NotSent => "not_sent",
            Self::Unknown => "unknown",
            Self::DryRun => "dry_run",
        }
    }

    /// Reads the word; one of a later release is `None`.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|answer| answer.as_str() == word)
    }
}

/// What the shell must do, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Keep this for the agent, durably, before anything that follows is done (law 1).
    Record(LedgerEntry),
    /// Ask Finesse for this change and report by [`Input::Answered`].
    Send(Request),
    /// Look at the agent and report by [`Input::Seen`] or [`Input::LookFailed`].
    Look(LookFor),
    /// Tell this (law 11).
    Decided(Decision),
}

/// What a look is good for; nothing is looked at without a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookFor {
    /// Nothing was seen of the agent yet.
    Unseen,
    /// What was seen last is known to be out of date: a refusal, an effect that never came.
    Outdated,
    /// READY is sent after a look that is younger than a second (law 1).
    Ready,
    /// So is what a `call` asks for (law 6).
    Call,
    /// Has our request had its effect (law 7)?
    Effect,
}

impl LookFor {
    /// As metrics name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unseen => "unseen",
            Self::Outdated => "outdated",
            Self::Ready => "ready",
            Self::Call => "call",
            Self::Effect => "effect",
        }
    }
}

/// A change to ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Grows with every request for this agent.
    pub number: u64,
    /// The state.
    pub target: Target,
    /// The reason's label. The agent's own request carries it; a supervisor's cannot.
    pub reason: Option<Arc<str>>,
}
