use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Time;
use crate::finesse::{AgentState, AgentView, ReasonSeen};
use crate::rules::Wanted;

/// Our mark that we put this agent into `NOT_READY`. Only a hold may be released (law 1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Why, in our own words (the label of the reason).
    pub reason: Arc<str>,
    /// Since when, on our clock.
    pub since: Time,
    /// The state that we took the agent from.
    pub from: AgentState,
    /// `stateChangeTime` of our `NOT_READY`: another one means that somebody changed it.
    pub changed_at: Option<Time>,
    /// The reason that Finesse showed with it.
    pub shown: Option<ReasonSeen>,
    /// It is only pending: the call is not over (agent's own requests only).
    pub pending: bool,
}

impl Hold {
    /// Is what `view` shows still our own `NOT_READY`, unchanged by anybody?
    ///
    /// `None` when Finesse shows no time where it showed one before: then nobody can tell.
    pub fn is_in(&self, view: &AgentView) -> Option<bool> {
        if view.state != AgentState::NotReady
            || !same_reason(self.shown.as_ref(), view.reason.as_ref())
        {
            return Some(false);
        }
        match (self.changed_at, view.changed_at) {
            (Some(ours), Some(theirs)) => Some(ours == theirs),
            (None, None) => Some(true),
            (Some(_), None) => None,
            (None, Some(_)) => Some(false),
        }
    }
}

/// Parts that both sides show must agree; Team and User API show different parts.
fn same_reason(one: Option<&ReasonSeen>, other: Option<&ReasonSeen>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return true };
    agree(one.code.as_ref(), other.code.as_ref())
        && agree(one.id.as_ref(), other.id.as_ref())
        && agree(one.label.as_ref(), other.label.as_ref())
}

fn agree<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> bool {
    one.is_none() || other.is_none() || one == other
}

/// A request of ours whose effect may yet show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Did we ask for `READY`? Otherwise for `NOT_READY`.
    pub ready: bool,
    /// The reason, of a `NOT_READY`.
    pub reason: Arc<str>,
    /// When the first of these requests was sent, on our clock.
    pub since: Time,
    /// Until when its effect counts as ours.
    pub until: Time,
    /// The state before it, as seen last.
    pub from: AgentState,
    /// `stateChangeTime` before it.
    pub before: Option<Time>,
}

/// What must survive a restart, of one agent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// The hold, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// The request that is under way or not yet seen to have had an effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<Claim>,
    /// What a human disagreed with: we stay quiet until something else is wanted (law 10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<Wanted>,
    /// Until when the agent wants to be left alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snoozed_until: Option<Time>,
}

impl LedgerEntry {
    /// Is there nothing to keep?
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
