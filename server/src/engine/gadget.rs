//! What the gadgets say, and what they are told: carried between them and the ledger, never judged.
//!
//! For an agent whose gadget acts the server decides nothing. It tells the gadgets what is wanted,
//! and takes the writer's account, with its term, for what is recorded and shown.

use std::time::Duration;

use lockstep_core::agent::{Decision, Input, LedgerEntry};
use lockstep_core::presence::Want;
use lockstep_core::protocol::{self, Report, ToGadget, VERSION};
use lockstep_core::writer::{Link, Notice};
use lockstep_core::{AgentId, Time};

use super::decider::{Account, Decider};
use super::message::{FromGadget, Said};
use super::report::{self, Taken};
use super::tabs::{ACK_WITHIN, Outbox};
use super::task::Engine;

/// How long the server waits for the gadget to come back before it acts itself (`mode = "auto"`):
/// a desktop that is loaded anew takes some seconds.
pub(super) const GRACE: Duration = Duration::from_secs(15);
/// Characters of a gadget's sentence that are told; ours are shorter.
const LONGEST_SENTENCE: usize = 300;

impl Engine {
    pub(super) fn gadget(&mut self, message: FromGadget) {
        let FromGadget { agent, link, said } = message;
        match said {
            Said::Hello { outbox } => self.welcome(&agent, link, &outbox),
            Said::Gone => self.gadget_gone(&agent, link),
            Said::Report(report) => self.take_report(&agent, link, *report),
            Said::Snooze { until } => {
                self.relay(&agent, link, &ToGadget::Snooze { until }, Input::Snooze { until });
            }
            Said::Unsnooze => self.relay(&agent, link, &ToGadget::Unsnooze, Input::Unsnooze),
        }
        self.schedule(&agent);
    }

    fn welcome(&mut self, id: &AgentId, link: Link, outbox: &Outbox) {
        let now = self.clock.now();
        let policy = self.policy.for_gadget();
        let Some(slot) = self.slots.get_mut(id) else {
            let message = format!("agent {id} is not watched: an administrator has to add them");
            let _ = outbox.try_send(Box::new(ToGadget::Bye { message }));
            return;
        };
        let welcome = ToGadget::Welcome { version: VERSION, agent: id.clone(), now, policy };
        let notices = match slot.tabs.join(link, outbox.clone()) {
            Ok(notices) => notices,
            Err(too_many) => {
                let _ = outbox.try_send(Box::new(ToGadget::Bye { message: too_many.to_string() }));
                return;
            }
        };
        let mut stuck = Vec::new();
        slot.tabs.send(link, welcome, &mut stuck);
        if let Some(since) = slot.person.lost_since() {
            slot.tabs.send(link, ToGadget::Stale { since: Some(since) }, &mut stuck);
        }
        self.notify(id, notices, &mut stuck);
        self.hand_over(id, &mut stuck);
        self.drop_stuck(id, stuck);
    }

    /// In `mode = "auto"` a gadget that is there acts, once what the server asked for is done.
    fn hand_over(&mut self, id: &AgentId, stuck: &mut Vec<Link>) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        let Decider::Server(agent) = &slot.decider else { return };
        if !self.policy.gadget.mode.has_gadget() || !slot.tabs.writers.has_healthy() {
            return;
        }
        // One request at a time per agent, whoever asks for it (law 4).
        if agent.is_busy() {
            return;
        }
        slot.decider.hand_over();
        let notices = slot.tabs.writers.set_open(true);
        report::handed_over(&slot.watched, "gadget");
        self.notify(id, notices, stuck);
    }

    pub(super) fn gadget_gone(&mut self, id: &AgentId, link: Link) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        let notices = slot.tabs.leave(link);
        let mut stuck = Vec::new();
        self.notify(id, notices, &mut stuck);
        self.drop_stuck(id, stuck);
    }

    /// Carries out what was chosen, in its order.
    fn notify(&mut self, id: &AgentId, notices: Vec<Notice>, stuck: &mut Vec<Link>) {
        let now = self.clock.now();
        let known = self.known_ledger(id);
        let Some(slot) = self.slots.get_mut(id) else { return };
        for notice in notices {
            match notice {
                Notice::Grant { link, term } => {
                    // What it is to act on comes before the right to act, numbered anew, so that
                    // its acknowledgement proves that it heard both.
                    slot.tabs.unanswered = None;
                    if let Some(want) = slot.decider.want().cloned() {
                        slot.tabs.want_of(link, &want, stuck);
                        slot.tabs.await_writer(now);
                    }
                    let grant = ToGadget::Grant { term, ledger: known.clone() };
                    slot.tabs.send(link, grant, stuck);
                    report::granted(&slot.watched, term);
                }
                Notice::Revoke { link, term } => {
                    slot.tabs.send(link, ToGadget::Revoke { term }, stuck);
                }
                Notice::Show { link } => {
                    if let Some(want) = slot.decider.want().cloned() {
                        slot.tabs.want_of(link, &want, stuck);
                    }
                    if let Some(shown) = slot.tabs.shown.clone() {
                        slot.tabs.send(link, ToGadget::Shown(shown), stuck);
                    }
                }
                Notice::Dismiss { link } => {
                    let message = "another tab of this agent took its place".to_owned();
                    slot.tabs.send(link, ToGadget::Bye { message }, stuck);
                    slot.tabs.drop_outbox(link);
                }
            }
        }
        let tabs = &mut slot.tabs;
        if tabs.writers.has_healthy() {
            tabs.alone_since = None;
        } else {
            tabs.unanswered = None;
            tabs.alone_since = tabs.alone_since.or(Some(now));
        }
    }

    /// A connection that takes nothing any more is given up; that may make another the writer.
    fn drop_stuck(&mut self, id: &AgentId, stuck: Vec<Link>) {
        // Each round takes a tab away, and there are few.
        let mut stuck = stuck;
        while let Some(link) = stuck.pop() {
            let Some(slot) = self.slots.get_mut(id) else { return };
            if slot.tabs.has(link) {
                report::stuck(&slot.watched);
                let notices = slot.tabs.leave(link);
                self.notify(id, notices, &mut stuck);
            }
        }
    }

    // === reports ===

    fn take_report(&mut self, id: &AgentId, link: Link, report: Report) {
        let mut stuck = Vec::new();
        self.acknowledged(id, link, report.wanted, &mut stuck);
        let Some(slot) = self.slots.get_mut(id) else { return };
        if !slot.tabs.has(link) {
            return;
        }
        let taken = match (report.term, slot.tabs.writers.writer()) {
            (None, _) => Taken::Watching,
            (Some(term), Some(writer)) if writer == (link, term) => Taken::Kept,
            (Some(term), _) => {
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
        self.drop_stuck(id, stuck);
    }

    /// Whoever acknowledges what is wanted runs.
    fn acknowledged(
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
    fn keep(&mut self, id: &AgentId, link: Link, report: Report, stuck: &mut Vec<Link>) {
        let now = self.clock.now();
        let Some(slot) = self.slots.get_mut(id) else { return };
        let Decider::Gadget(account) = &mut slot.decider else { return };
        if let Some(view) = &report.view {
            account.view = Some(view.clone());
            account.seen_at = Some(now);
        }
        let ledger_changed = account.ledger != report.ledger;
        account.ledger.clone_from(&report.ledger);
        if let Some(decision) = &report.decision {
            let decision = told(now, account, decision);
            account.decided = Some(decision.code);
            slot.why.clone_from(&decision.text);
            self.decided.push((id.clone(), decision));
        }
        slot.tabs.send_others(Some(link), &ToGadget::Shown(Box::new(report.clone())), stuck);
        let entry = report.ledger.clone();
        slot.tabs.shown = Some(Box::new(report));
        if ledger_changed || (self.ledger_gone && !self.ledger.contains_key(id)) {
            self.record_of_gadget(id, entry);
        }
    }

    /// What the ledger says of somebody; `None` only where it is gone, and nothing was heard since.
    fn known_ledger(&self, id: &AgentId) -> Option<LedgerEntry> {
        let nothing = (!self.ledger_gone).then(LedgerEntry::default);
        self.ledger.get(id).cloned().or(nothing)
    }

    /// An entry is kept although it is empty: that it is known forbids to adopt anything (law 1).
    fn record_of_gadget(&mut self, id: &AgentId, entry: LedgerEntry) {
        self.record(id, entry.clone());
        self.ledger.insert(id.clone(), entry);
    }

    /// What one tab wishes is the writer's to do; where none acts, the ledger takes it.
    fn relay(&mut self, id: &AgentId, link: Link, message: &ToGadget, input: Input) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        if !slot.tabs.has(link) {
            return;
        }
        let mut stuck = Vec::new();
        match (slot.tabs.writer(), &mut slot.decider) {
            (Some(writer), _) if writer == link => {}
            (Some(writer), _) => slot.tabs.send(writer, message.clone(), &mut stuck),
            (None, Decider::Server(_)) => self.step(id, input),
            (None, Decider::Gadget(account)) => {
                match input {
                    Input::Snooze { until } => account.ledger.snooze(until),
                    _ => account.ledger.unsnooze(None),
                }
                let entry = account.ledger.clone();
                self.record_of_gadget(id, entry);
            }
        }
        self.drop_stuck(id, stuck);
    }

    // === what follows from the rest of the engine ===

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
            }
            Input::Seen { view, asked_at, .. }
                if account.seen_at.is_none_or(|seen| asked_at > seen) =>
            {
                account.view = Some(view);
                account.seen_at = Some(asked_at);
            }
            Input::OtherPerson => account.want = None,
            // Whoever is made anew under the same id is somebody else to an old request (law 1).
            Input::NotKnown => self.forget_claim(id),
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
        if decisions.is_empty() {
            slot.tabs.show(view, ledger, None, &mut stuck);
        } else {
            for decision in decisions {
                slot.tabs.show(view.clone(), ledger.clone(), Some(decision), &mut stuck);
            }
        }
        self.drop_stuck(id, stuck);
    }

    /// What is due about the gadgets: an acknowledgement that did not come, a gadget that did not
    /// come back, a hand-over that waited.
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
        self.drop_stuck(id, stuck);
        self.take_over(id, now);
    }

    /// After the grace the server acts, in `mode = "auto"`.
    fn take_over(&mut self, id: &AgentId, now: Time) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        let alone = slot.tabs.alone_since.is_some_and(|since| since.after(GRACE) <= now);
        if !alone {
            return;
        }
        slot.tabs.alone_since = None;
        if !self.policy.gadget.mode.has_server() {
            return;
        }
        slot.tabs.writers.set_open(false);
        slot.tabs.shown = None;
        if matches!(slot.decider, Decider::Server(_)) {
            return;
        }
        report::handed_over(&slot.watched, "server");
        let want = slot.decider.take_over(self.policy.agent.clone());
        self.step(id, want.map_or(Input::Wake, Input::Want));
    }

    /// A hand-over may have waited for the server's own request.
    pub(super) fn hand_over_when_idle(&mut self, id: &AgentId) {
        let mut stuck = Vec::new();
        self.hand_over(id, &mut stuck);
        self.drop_stuck(id, stuck);
    }

    /// Every gadget comes back with the policy that applies now.
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

impl super::Policy {
    /// As much of it as a gadget must know.
    pub(super) fn for_gadget(&self) -> protocol::Policy {
        let grace = u64::try_from(self.agent.call_grace.as_millis()).unwrap_or(u64::MAX);
        protocol::Policy {
            deployment: self.agent.deployment,
            call_grace_ms: grace,
            labels: self.gadget.labels.clone(),
            adopt: self.gadget.adopt,
            dry_run: self.gadget.dry_run,
            default_reason: self.gadget.default_reason.clone(),
        }
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
