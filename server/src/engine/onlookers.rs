//! What the gadgets are told of what happens elsewhere, and what is due about them.

use lockstep_core::agent::{Code, Decision, Input, LedgerEntry};
use lockstep_core::presence::Want;
use lockstep_core::protocol::ToGadget;
use lockstep_core::writer::Link;
use lockstep_core::{AgentId, Time};

use super::decider::Decider;
use super::gadget::GRACE;
use super::report;
use super::task::Engine;

impl Engine {
    /// An input for an agent for whom the server decides nothing: what it tells is kept and passed on.
    pub(super) fn note(&mut self, id: &AgentId, input: Input) {
        let now = self.clock.now();
        let Some(slot) = self.slots.get_mut(id) else { return };
        let Decider::Gadget(account) = &mut slot.decider else { return };
        let mut stuck = Vec::new();
        match input {
            Input::Want(want) => {
                account.want = Some(want.clone());
                slot.tabs.want(now, &want, &mut stuck);
                if let (Some(trace), Some(_)) = (&mut slot.trace, slot.tabs.unanswered) {
                    trace.handed(now);
                }
            }
            Input::Seen { view, asked_at, .. }
                if account.seen_at.is_none_or(|seen| asked_at > seen) =>
            {
                account.view = Some(view);
                account.seen_at = Some(asked_at);
            }
            Input::OtherPerson => account.want = None,
            // Whoever is made anew under the same id is somebody else to an old request (law 1).
            Input::NotKnown => {
                let before = account.ledger.clone();
                account.ledger =
                    LedgerEntry { hold: None, claim: None, lent: None, ..before.clone() };
                if account.ledger != before {
                    account.ledger.term = slot.tabs.writers.own_turn();
                    let entry = account.ledger.clone();
                    self.record_of_gadget(id, entry);
                }
            }
            Input::Reconcile { since } => {
                let unseen = account.seen_at.is_none_or(|seen| seen < since);
                if unseen && slot.tabs.writer().is_none() {
                    self.look(id);
                }
            }
            _ => {}
        }
        self.drop_stuck(id, stuck);
    }

    /// Tells the gadgets since when presence is lost, or that it is known again.
    pub(super) fn tell_loss(&mut self, id: &AgentId) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        let since = slot.person.lost_since();
        if slot.tabs.told_lost == since {
            return;
        }
        slot.tabs.told_lost = since;
        let mut stuck = Vec::new();
        slot.tabs.send_others(None, &ToGadget::Stale { since }, &mut stuck);
        self.drop_stuck(id, stuck);
    }

    /// The server decides, and gadgets look on: they are told what is wanted, and shown what a
    /// gadget that acts would report.
    pub(super) fn show(&mut self, id: &AgentId, want: Option<Want>, decisions: Vec<Decision>) {
        let now = self.clock.now();
        let Some(slot) = self.slots.get_mut(id) else { return };
        let mut stuck = Vec::new();
        if let Some(want) = want {
            slot.tabs.want(now, &want, &mut stuck);
        }
        let (view, ledger) = (slot.decider.view().cloned(), slot.decider.ledger().clone());
        let dry = matches!(slot.decider, Decider::Rehearsed(_));
        if decisions.is_empty() {
            slot.tabs.show(view, ledger, None, &mut stuck);
        } else {
            for mut decision in decisions {
                if dry && decision.code.acts() {
                    decision.code = Code::DryRun;
                }
                slot.tabs.show(view.clone(), ledger.clone(), Some(decision), &mut stuck);
            }
        }
        self.drop_stuck(id, stuck);
    }

    /// What is due about the gadgets: an acknowledgement or a last account that did not come, a gadget
    /// that did not come back, a hand-over that waited.
    pub(super) fn gadgets_due(&mut self, id: &AgentId) {
        let now = self.clock.now();
        let mut stuck = Vec::new();
        if let Some(slot) = self.slots.get_mut(id)
            && let Some(unanswered) = slot.tabs.unanswered
            && unanswered.by <= now
        {
            slot.tabs.unanswered = None;
            if let Some(link) = slot.tabs.writer() {
                report::not_acknowledged(&slot.watched);
                let notices = slot.tabs.writers.set_healthy(link, false);
                self.notify(id, notices, &mut stuck);
            }
        }
        if let Some(slot) = self.slots.get_mut(id)
            && slot.tabs.last_word_by.is_some_and(|by| by <= now)
        {
            slot.tabs.last_word_by = None;
            let notices = slot.tabs.writers.wait_no_longer();
            self.notify(id, notices, &mut stuck);
        }
        self.drop_stuck(id, stuck);
        self.part_if_told(id);
        self.take_over(id, now);
    }

    /// After the grace the server acts, in `mode = "auto"`.
    pub(super) fn take_over(&mut self, id: &AgentId, now: Time) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        let alone = slot.tabs.alone_since.is_some_and(|since| since.after(GRACE) <= now);
        if !alone {
            return;
        }
        slot.tabs.alone_since = None;
        if !slot.policy.gadget.mode.has_server() {
            return;
        }
        slot.tabs.writers.set_open(false);
        slot.tabs.shown = None;
        if !matches!(slot.decider, Decider::Gadget(_)) {
            return;
        }
        report::handed_over(&slot.watched, "server");
        let want = slot.decider.take_over(slot.policy.agent.clone());
        self.step(id, want.map_or(Input::Wake, Input::Want));
    }

    /// A hand-over may have waited for the server's own request.
    pub(super) fn hand_over_when_idle(&mut self, id: &AgentId) {
        let mut stuck = Vec::new();
        self.hand_over(id, &mut stuck);
        self.drop_stuck(id, stuck);
    }

    /// Another policy applies: whoever acts tells its last account first, as at every hand-over, so
    /// that nothing it asked for is nobody's. Then every gadget is sent away, and comes back with the
    /// policy that applies now.
    pub(super) fn part_from_gadgets(&mut self, id: &AgentId, why: &'static str) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        slot.tabs.parting = Some(why);
        let notices = slot.tabs.writers.close();
        let mut stuck = Vec::new();
        self.notify(id, notices, &mut stuck);
        self.drop_stuck(id, stuck);
        self.part_if_told(id);
    }

    /// The last account is there, or will not come.
    pub(super) fn part_if_told(&mut self, id: &AgentId) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        if slot.tabs.writers.is_waiting() {
            return;
        }
        let Some(why) = slot.tabs.parting.take() else { return };
        self.send_gadgets_away(id, why);
        if let Some(slot) = self.slots.get_mut(id) {
            // Whoever comes back may act as before, unless another side decides now.
            slot.tabs.writers.set_open(matches!(slot.decider, Decider::Gadget(_)));
        }
        self.change_sides(id);
    }

    /// Ends the connection of every gadget.
    pub(super) fn send_gadgets_away(&mut self, id: &AgentId, why: &str) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        let bye = ToGadget::Bye { message: why.to_owned() };
        slot.tabs.send_others(None, &bye, &mut Vec::new());
        let links: Vec<Link> = slot.tabs.writers.links().collect();
        for link in links {
            self.gadget_gone(id, link);
        }
    }
}
