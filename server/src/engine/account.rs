//! What a gadget that acts reports: taken for the row and the ledger, by its term.

use lockstep_core::agent::{Decision, Input, LedgerEntry};
use lockstep_core::presence::Want;
use lockstep_core::protocol::{Report, ToGadget};
use lockstep_core::writer::Link;
use lockstep_core::{AgentId, Time};

use super::decider::{Account, Decider, Wish};
use super::report::{self, Taken};
use super::tabs::ACK_WITHIN;
use super::task::Engine;

/// Characters of a gadget's sentence that are told; ours are shorter.
const LONGEST_SENTENCE: usize = 300;

impl Engine {
    pub(super) fn take_report(&mut self, id: &AgentId, link: Link, report: Report) {
        let mut stuck = Vec::new();
        let Some(slot) = self.slots.get_mut(id) else { return };
        if !slot.tabs.has(link) {
            return;
        }
        let (wanted, last) = (report.wanted, report.last);
        let taken = match report.term {
            None => Taken::Watching,
            Some(term) if slot.tabs.writers.is_newest(link, term) => Taken::Kept,
            Some(term) => {
                slot.tabs.send(link, ToGadget::Revoke { term }, &mut stuck);
                Taken::Outdated
            }
        };
        report::taken(taken);
        if taken != Taken::Outdated {
            slot.tabs.send(link, ToGadget::Received { report: report.number }, &mut stuck);
        }
        if taken == Taken::Kept {
            self.keep(id, link, report, &mut stuck);
        }
        // What it tells comes first: whoever acts next begins with that.
        self.acknowledged(id, link, wanted, &mut stuck);
        if taken == Taken::Kept && last {
            self.answered_last(id, link, &mut stuck);
        }
        self.drop_stuck(id, stuck);
        self.part_if_told(id);
    }

    /// A gadget whose turn ended has told its last account: the next one may act.
    fn answered_last(&mut self, id: &AgentId, link: Link, stuck: &mut Vec<Link>) {
        if let Some(slot) = self.slots.get_mut(id) {
            let notices = slot.tabs.writers.answered(link);
            self.notify(id, notices, stuck);
        }
    }

    /// Whoever acknowledges what is wanted runs.
    pub(super) fn acknowledged(
        &mut self,
        id: &AgentId,
        link: Link,
        wanted: Option<u64>,
        stuck: &mut Vec<Link>,
    ) {
        let now = self.clock.now();
        let (Some(slot), Some(wanted)) = (self.slots.get_mut(id), wanted) else { return };
        let tabs = &mut slot.tabs;
        if tabs.writer() == Some(link)
            && let Some(unanswered) = &mut tabs.unanswered
        {
            if wanted >= unanswered.sequence {
                report::round_trip(now.since(unanswered.sent_at));
                tabs.unanswered = None;
                if let Some(trace) = &mut slot.trace {
                    trace.acknowledged(now);
                }
            } else {
                unanswered.by = now.after(ACK_WITHIN);
            }
        }
        if tabs.is_newest(link, wanted) {
            let notices = tabs.writers.set_healthy(link, true);
            self.notify(id, notices, stuck);
            self.hand_over(id, stuck);
        }
    }

    /// The writer's account is the row and the ledger from now on.
    fn keep(&mut self, id: &AgentId, link: Link, mut report: Report, stuck: &mut Vec<Link>) {
        let now = self.clock.now();
        self.limit_last_snooze(id, &mut report.ledger);
        let Some(slot) = self.slots.get_mut(id) else { return };
        let Decider::Gadget(account) = &mut slot.decider else { return };
        // A turn that changed nothing is not kept; what a gadget says of its term is not believed.
        report.ledger.term = account.ledger.term;
        if let Some(view) = &report.view {
            account.view = Some(view.clone());
            account.seen_at = Some(now);
        }
        let ledger_changed = account.ledger != report.ledger;
        let before = account.ledger.snoozed_until;
        if ledger_changed {
            report.ledger.term = report.term.unwrap_or_default();
            account.ledger.clone_from(&report.ledger);
            if let Some(wish) = account.wished {
                wish.apply(&mut account.ledger);
            }
        }
        let entry = account.ledger.clone();
        if let Some(decision) = &report.decision {
            let decision = told(now, account, decision);
            account.decided = Some(decision.code);
            self.keep_decision(id, decision, report.term);
        }
        let Some(slot) = self.slots.get_mut(id) else { return };
        slot.tabs.send_others(Some(link), &ToGadget::Shown(Box::new(report.clone())), stuck);
        let (snoozed, was_snoozed) = (entry.snoozed_until, before);
        slot.tabs.shown = Some(Box::new(report));
        if ledger_changed || (self.ledger_gone && !self.ledger.contains_key(id)) {
            self.record_of_gadget(id, entry);
        }
        self.staff(id);
        if let Some(until) = snoozed.filter(|_| snoozed != was_snoozed) {
            self.limit_own_snooze(id, link, until, stuck);
        }
    }

    /// As long as the policy lets the agent be left alone; `None` where it offers no snooze.
    pub(super) fn allowed_snooze(&self, id: &AgentId, until: Time) -> Option<Time> {
        let Some(longest) = self.slots.get(id).and_then(|slot| slot.policy.gadget.longest_snooze)
        else {
            return Some(until);
        };
        (!longest.is_zero()).then(|| until.min(self.clock.now().after(longest)))
    }

    /// The gadget that acts has snoozed by itself, for longer than it may: it is told how long.
    fn limit_own_snooze(&self, id: &AgentId, link: Link, until: Time, stuck: &mut Vec<Link>) {
        let Some(slot) = self.slots.get(id) else { return };
        match self.allowed_snooze(id, until) {
            Some(allowed) if allowed < until => {
                slot.tabs.send(link, ToGadget::Snooze { until: allowed }, stuck);
            }
            Some(_) => {}
            None => slot.tabs.send(link, ToGadget::Unsnooze, stuck),
        }
    }

    /// Whoever tells its last account is told nothing any more: what it snoozed is limited here.
    fn limit_last_snooze(&self, id: &AgentId, ledger: &mut LedgerEntry) {
        let Some(slot) = self.slots.get(id).filter(|slot| slot.tabs.writer().is_none()) else {
            return;
        };
        let known = slot.decider.ledger().snoozed_until;
        if let Some(until) = ledger.snoozed_until.filter(|until| known != Some(*until)) {
            match self.allowed_snooze(id, until) {
                Some(allowed) => ledger.snoozed_until = Some(allowed),
                None => ledger.unsnooze(None),
            }
        }
    }

    /// What the ledger says of somebody; `None` only where it is gone, and nothing was heard since.
    pub(super) fn known_ledger(&self, id: &AgentId) -> Option<LedgerEntry> {
        let nothing = (!self.ledger_gone).then(LedgerEntry::default);
        self.ledger.get(id).cloned().or(nothing)
    }

    /// An entry is kept although it is empty: that it is known forbids to adopt anything (law 1).
    pub(super) fn record_of_gadget(&mut self, id: &AgentId, entry: LedgerEntry) {
        self.record(id, entry.clone());
        self.ledger.insert(id.clone(), entry);
    }

    /// What one tab wishes is the writer's to do; where none acts, the ledger takes it.
    pub(super) fn relay(&mut self, id: &AgentId, link: Link, message: &ToGadget, input: Input) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        if !slot.tabs.has(link) {
            return;
        }
        let mut stuck = Vec::new();
        match (slot.tabs.writer(), &mut slot.decider) {
            (Some(writer), _) if writer == link => {}
            (Some(writer), _) => slot.tabs.send(writer, message.clone(), &mut stuck),
            (None, Decider::Server(_) | Decider::Rehearsed(_)) => self.step(id, input),
            (None, Decider::Gadget(account)) => {
                let wish = match input {
                    Input::Snooze { until } => Wish::Snooze(until),
                    _ => Wish::Unsnooze,
                };
                wish.apply(&mut account.ledger);
                account.wished = Some(wish);
                account.ledger.term = slot.tabs.writers.own_turn();
                let entry = account.ledger.clone();
                self.record_of_gadget(id, entry);
            }
        }
        self.drop_stuck(id, stuck);
    }
}

/// A gadget's decision as it is told: its sentence without what a log could be forged with, and the
/// want as we know it ourselves.
fn told(now: Time, account: &Account, decision: &Decision) -> Decision {
    let text = decision.text.chars().filter(|c| !c.is_control()).take(LONGEST_SENTENCE).collect();
    let ours = |want: &&Want| decision.want.as_ref().is_some_and(|of| of.seq == want.seq);
    let want = account.want.as_ref().filter(ours).cloned();
    Decision { at: now, text, want, ..decision.clone() }
}
