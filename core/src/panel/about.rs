//! What the sentences are about, read off a desk once.

use std::sync::Arc;

use super::{Face, Glimpse, SnoozeOffer, words};
use crate::Time;
use crate::agent::{Code, Decision, Hold, LedgerEntry, Snooze};
use crate::desk::{Desk, Link};
use crate::finesse::{AgentState, AgentView};
use crate::presence::Want;
use crate::rules::Wanted;

/// One look at a desk.
pub(super) struct About<'a> {
    pub(super) desk: &'a Desk,
    pub(super) view: Option<&'a AgentView>,
    pub(super) want: Option<&'a Want>,
    pub(super) ledger: Option<&'a LedgerEntry>,
    clock: &'a dyn Fn(Time) -> String,
}

impl<'a> About<'a> {
    pub(super) fn new(desk: &'a Desk, glimpse: &Glimpse<'a>) -> Self {
        Self {
            desk,
            view: desk.seen.as_ref().map(|seen| &seen.view),
            want: desk.want.as_ref(),
            ledger: desk.ledger(),
            clock: glimpse.clock,
        }
    }

    pub(super) fn state(&self) -> Option<AgentState> {
        self.view.map(|view| view.state)
    }

    /// Since when the state is what it is.
    pub(super) fn since(&self) -> String {
        if self.desk.finesse_gone && self.view.is_some() {
            return words::LAST_KNOWN.to_owned();
        }
        let changed = self.view.and_then(|view| view.changed_at);
        changed.map_or_else(String::new, |changed| words::since(&self.time(changed)))
    }

    pub(super) fn time(&self, time: Time) -> String {
        (self.clock)(time)
    }

    pub(super) fn hold(&self) -> Option<&'a Hold> {
        self.ledger.and_then(|ledger| ledger.hold.as_ref())
    }

    pub(super) fn snoozed(&self) -> Option<Snooze> {
        self.ledger.and_then(|ledger| ledger.snoozed_until).map(Snooze::of)
    }

    /// The label that is wanted.
    pub(super) fn wanted_reason(&self) -> Option<&'a Arc<str>> {
        match self.want.map(|want| &want.wanted) {
            Some(Wanted::NotReady { reason }) => Some(reason),
            _ => None,
        }
    }

    pub(super) fn is_busy(&self) -> bool {
        self.want.is_some_and(|want| want.wanted.is_busy())
    }

    /// The last decision, where it still is about what is seen and wanted.
    pub(super) fn decided(&self) -> Option<Code> {
        let Decision { code, want, .. } = self.desk.decisions.front()?;
        let same_want = want.as_ref().map(|want| want.seq) == self.want.map(|want| want.seq);
        same_want.then_some(*code)
    }

    /// Is a request under way?
    fn is_asking(&self) -> bool {
        let claim = self.ledger.and_then(|ledger| ledger.claim.as_ref());
        claim.is_some() && matches!(self.decided(), Some(Code::Taking | Code::Releasing))
    }

    /// The face of a desk whose link is open.
    pub(super) fn face(&self) -> Face {
        let Some(state) = self.state() else { return Face::Starting };
        if matches!(state, AgentState::Logout | AgentState::Unknown) {
            return Face::SignedOut;
        }
        if self.snoozed().is_some() {
            return Face::Snoozed;
        }
        match self.decided() {
            Some(Code::ReasonMissing) => return Face::ReasonMissing,
            Some(Code::NotPermitted | Code::RefusedForGood | Code::NoEffect) => {
                return Face::Refused;
            }
            _ => {}
        }
        if self.desk.stale_since.is_some() {
            return Face::Stale;
        }
        if self.want.is_none() {
            return Face::Starting;
        }
        self.face_of(state)
    }

    fn face_of(&self, state: AgentState) -> Face {
        let hold = self.hold();
        let waits = self.is_busy() || hold.is_some_and(|hold| hold.pending);
        match state {
            _ if self.decided() == Some(Code::IgnoredContactCall) && state.is_on_call() => {
                Face::OnCall
            }
            _ if state.is_on_call() && waits && !self.is_quiet() => Face::Pending,
            _ if state.is_on_call() => Face::OnCall,
            _ if state.is_wrap_up() && waits && !self.is_quiet() => Face::WrapUp,
            _ if self.is_asking() => Face::Changing,
            AgentState::NotReady if hold.is_some() => Face::Held,
            AgentState::NotReady => Face::LeftAlone,
            _ if self.is_busy() || self.is_quiet() => Face::LeftAlone,
            _ => Face::Free,
        }
    }

    /// Did a human choose otherwise than what is wanted?
    pub(super) fn is_quiet(&self) -> bool {
        self.ledger.is_some_and(|ledger| ledger.quiet.is_some())
    }

    /// Does the policy grant any?
    fn may_snooze(&self) -> bool {
        self.desk.policy.as_ref().is_none_or(|policy| policy.longest_snooze_ms != Some(0))
    }

    pub(super) fn snooze_offer(&self) -> SnoozeOffer {
        match self.snoozed() {
            _ if self.desk.link != Link::Live || self.desk.incompatible.is_some() => {
                SnoozeOffer::None
            }
            Some(snooze) => SnoozeOffer::Running(snooze),
            None if self.ledger.is_some() && self.may_snooze() => SnoozeOffer::Offered,
            None => SnoozeOffer::None,
        }
    }
}
