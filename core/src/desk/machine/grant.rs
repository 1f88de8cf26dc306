//! A turn begins, with what is known of the agent, or ends.

use super::{Desk, Seen};
use crate::Time;
use crate::agent::{Agent, Input, LedgerEntry};
use crate::protocol::Term;

impl Desk {
    /// The tab's own ledger is the newer one where nobody has acted since: the last reports may have
    /// been lost with the link, or with the server.
    pub(super) fn on_grant(&mut self, now: Time, term: Term, journal: Option<LedgerEntry>) {
        let Some(policy) = &self.policy else { return };
        let since = journal.as_ref().map(|journal| journal.term);
        let own = self.kept.take().filter(|kept| Some(kept.term) >= since);
        let known = own.or(journal);
        let settings = policy.settings(known.is_some(), self.reasons.are_configured());
        let ledger = LedgerEntry { term, ..known.unwrap_or_default() };
        let hold = ledger.hold.clone();
        self.rest();
        self.term = Some(term);
        self.shown = None;
        self.kept = Some(ledger.clone());
        self.agent = Some(Agent::new(settings, ledger).numbered_after(self.last_request));
        self.to_report = true;
        if self.may_have_slept(now) {
            self.doubt_turn();
        }
        // What denies the hold may be older than the hold, and what was seen before the server told its
        // time may be on another clock: then the agent is looked at first.
        let denied =
            |seen: &&Seen| hold.as_ref().is_some_and(|hold| hold.is_in(&seen.view) == Some(false));
        let current = self.seen.as_ref().filter(|_| self.seen_by_its_clock);
        let seen = current.filter(|seen| !denied(seen)).cloned();
        if let Some(Seen { view, asked_at, clock_ahead_ms, .. }) = seen {
            // A server that comes back may have another clock.
            let asked_at = asked_at.min(now);
            self.act(now, Input::Seen { view, asked_at, clock_ahead_ms });
        }
        if let Some(want) = self.want.clone() {
            let want = self.resolved(want);
            self.act(now, Input::Want(want));
        }
    }

    /// Somebody else acts, or nobody.
    pub(super) fn rest(&mut self) {
        if let Some(agent) = self.agent.take() {
            self.last_request = agent.last_number();
        }
        self.term = None;
        self.unconfirmed = None;
        self.held_back.clear();
        self.waiting = None;
        self.asked = None;
        self.to_report = false;
    }
}
