use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Time;
use crate::finesse::{AgentState, AgentView, ReasonSeen};
use crate::protocol::Term;
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
    /// `None` when nobody can tell: Finesse shows no time where it showed one before, or no state
    /// that we know.
    pub fn is_in(&self, view: &AgentView) -> Option<bool> {
        if view.state == AgentState::Unknown {
            return None;
        }
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
    /// When the last of them was sent. A ledger from before this was kept has none.
    #[serde(default)]
    pub last: Time,
    /// Until when its effect counts as ours.
    pub until: Time,
    /// The state before it, as seen last.
    pub from: AgentState,
    /// `stateChangeTime` before it.
    pub before: Option<Time>,
    /// How far Finesse's clock was ahead of ours then; our machine's clock may be set while we are
    /// down, and Finesse's tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_ahead_ms: Option<i64>,
}

impl Claim {
    /// The same moments on our clock as it goes now, with Finesse's so far ahead of it.
    pub(super) fn on_clock(mut self, clock_ahead_ms: i64) -> Self {
        if let Some(then) = self.clock_ahead_ms.replace(clock_ahead_ms) {
            let set_by = then.saturating_sub(clock_ahead_ms);
            self.since = self.since.shifted(set_by);
            self.last = self.last.shifted(set_by);
            self.until = self.until.shifted(set_by);
        }
        self
    }
}

/// What must survive a restart, of one agent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// The turn that it is of: of two ledgers of one agent the one of the greater term is newer. Zero
    /// where no gadget ever acted.
    #[serde(default, skip_serializing_if = "Term::is_zero")]
    pub term: Term,
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
    /// The hold that the snooze gave to the agent: theirs, unless they take the snooze back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lent: Option<Box<Hold>>,
}

impl LedgerEntry {
    /// The agent is left alone until then: what was held is theirs again. What is only pending is
    /// taken back when it lands.
    pub fn snooze(&mut self, until: Time) {
        self.snoozed_until = Some(until);
        if let Some(hold) = self.hold.take_if(|hold| !hold.pending) {
            self.lent = Some(Box::new(hold));
        }
    }

    /// The agent takes the snooze back, and everything is as it was: what was lent is a hold again
    /// (law 1: only while `view` shows that very `NOT_READY`). Without a view the first look tells.
    pub fn unsnooze(&mut self, view: Option<&AgentView>) {
        self.snoozed_until = None;
        let lent = self.lent.take().map(|lent| *lent);
        if self.hold.is_none() && self.quiet.is_none() {
            self.hold = lent.filter(|lent| view.is_none_or(|view| lent.is_in(view) == Some(true)));
        }
    }

    /// The snooze is over by itself: what was lent stays the agent's.
    pub(super) fn end_snooze(&mut self) {
        self.snoozed_until = None;
        self.lent = None;
    }

    /// Does it say nothing of the agent?
    pub fn is_empty(&self) -> bool {
        *self == Self { term: self.term, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(code: Option<i64>, label: Option<&str>) -> ReasonSeen {
        ReasonSeen { id: None, code, label: label.map(str::to_owned) }
    }

    fn view(ms: Option<u64>, reason: impl Into<Option<ReasonSeen>>) -> AgentView {
        AgentView {
            state: AgentState::NotReady,
            pending: None,
            reason: reason.into(),
            changed_at: ms.map(Time::from_millis),
            busy_elsewhere: None,
        }
    }

    fn hold(ms: Option<u64>) -> Hold {
        Hold {
            reason: Arc::from("Webex DND"),
            since: Time::from_millis(1),
            from: AgentState::Ready,
            changed_at: ms.map(Time::from_millis),
            shown: Some(shown(Some(7), Some("Webex DND"))),
            pending: false,
        }
    }

    /// Law 1: the time of the change and the reason must both be the same.
    #[test]
    fn a_hold_is_in_what_nobody_changed() {
        let same = shown(Some(7), Some("Webex DND"));
        assert_eq!(hold(Some(5)).is_in(&view(Some(5), same.clone())), Some(true));
        assert_eq!(hold(Some(5)).is_in(&view(Some(6), same.clone())), Some(false));
        assert_eq!(hold(Some(5)).is_in(&view(Some(5), shown(Some(8), None))), Some(false));
        assert_eq!(hold(None).is_in(&view(None, shown(None, Some("Lunch")))), Some(false));
        let ready = AgentView { state: AgentState::Ready, ..view(Some(5), same) };
        assert_eq!(hold(Some(5)).is_in(&ready), Some(false));
    }

    /// The Team API shows less of the reason than the User API.
    #[test]
    fn parts_that_are_not_shown_do_not_differ() {
        assert_eq!(hold(Some(5)).is_in(&view(Some(5), None)), Some(true));
        assert_eq!(hold(Some(5)).is_in(&view(Some(5), shown(Some(7), None))), Some(true));
    }

    /// Without a time nobody can tell.
    #[test]
    fn a_time_that_is_no_longer_shown_proves_nothing() {
        let same = shown(Some(7), Some("Webex DND"));
        assert_eq!(hold(Some(5)).is_in(&view(None, same.clone())), None);
        assert_eq!(hold(None).is_in(&view(None, same.clone())), Some(true));
        assert_eq!(hold(None).is_in(&view(Some(5), same)), Some(false));
    }
}
