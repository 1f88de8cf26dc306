//! What the gadgets say, and what they are told: carried between them and the ledger, never judged.
//!
//! For an agent whose gadget acts the server decides nothing. It tells the gadgets what is wanted,
//! and takes the writer's account, with its term, for what is recorded and shown.

use std::time::Duration;

use lockstep_core::AgentId;
use lockstep_core::agent::Input;
use lockstep_core::protocol::{self, ToGadget, VERSION};
use lockstep_core::writer::{Link, Notice};

use super::decider::Decider;
use super::message::{FromGadget, Said};
use super::report::{self};
use super::tabs::{LAST_WORD_WITHIN, Outbox};
use super::task::Engine;

/// How long the server waits for the gadget to come back before it acts itself (`mode = "auto"`):
/// a desktop that is loaded anew takes some seconds.
pub(super) const GRACE: Duration = Duration::from_secs(15);

impl Engine {
    pub(super) fn gadget(&mut self, message: FromGadget) {
        let FromGadget { agent, link, said } = message;
        match said {
            Said::Hello { outbox } => self.welcome(&agent, link, &outbox),
            Said::Gone => self.gadget_gone(&agent, link),
            Said::Report(report) => self.take_report(&agent, link, *report),
            Said::Snooze { until } => {
                let Some(until) = self.allowed_snooze(&agent, until) else { return };
                self.relay(&agent, link, &ToGadget::Snooze { until }, Input::Snooze { until });
            }
            Said::Unsnooze => self.relay(&agent, link, &ToGadget::Unsnooze, Input::Unsnooze),
        }
        self.schedule(&agent);
    }

    fn welcome(&mut self, id: &AgentId, link: Link, outbox: &Outbox) {
        let now = self.clock.now();
        let Some(slot) = self.slots.get_mut(id) else {
            let message = format!("agent {id} is not watched: an administrator has to add them");
            let _ = outbox.put(Box::new(ToGadget::Bye { message }));
            return;
        };
        let policy = slot.policy.for_gadget();
        let welcome = ToGadget::Welcome { version: VERSION, agent: id.clone(), now, policy };
        let notices = match slot.tabs.join(link, outbox.clone()) {
            Ok(notices) => notices,
            Err(too_many) => {
                let _ = outbox.put(Box::new(ToGadget::Bye { message: too_many.to_string() }));
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

    /// A gadget that is there acts in `mode = "auto"`, and nobody else in `mode = "gadget"`, once what
    /// the server asked for is done.
    pub(super) fn hand_over(&mut self, id: &AgentId, stuck: &mut Vec<Link>) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        let Decider::Server(agent) = &slot.decider else { return };
        let mode = slot.policy.gadget.mode;
        let may_act = mode.has_gadget() && slot.tabs.writers.has_healthy();
        if !may_act && mode.has_server() {
            return;
        }
        // One request at a time per agent, whoever asks for it (law 4); the effect of ours, should it
        // come late, would be a human supervisor's choice to the gadget.
        if agent.is_busy() || slot.own_claim_until(self.clock.now()).is_some() {
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
        self.part_if_told(id);
    }

    /// Carries out what was chosen, in its order.
    pub(super) fn notify(&mut self, id: &AgentId, notices: Vec<Notice>, stuck: &mut Vec<Link>) {
        let now = self.clock.now();
        let known = self.known_ledger(id);
        let Some(slot) = self.slots.get_mut(id) else { return };
        for notice in notices {
            match notice {
                Notice::Grant { link, term } => {
                    // What it is to act on comes before the right to act, numbered anew, so that
                    // its acknowledgement proves that it heard both.
                    slot.tabs.unanswered = None;
                    if let Decider::Gadget(account) = &mut slot.decider {
                        account.wished = None; // it is in what this one begins with
                    }
                    if let Some(want) = slot.decider.want().cloned() {
                        slot.tabs.want_of(link, &want, stuck);
                        slot.tabs.await_writer(now);
                    }
                    let grant = ToGadget::Grant { term, ledger: known.clone() };
                    slot.tabs.send(link, grant, stuck);
                    report::granted(&slot.watched, term);
                }
                Notice::Revoke { link, term } => {
                    slot.tabs.unanswered = None;
                    slot.tabs.last_word_by = Some(now.after(LAST_WORD_WITHIN));
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
    pub(super) fn drop_stuck(&mut self, id: &AgentId, stuck: Vec<Link>) {
        if stuck.is_empty() {
            return;
        }
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
        self.part_if_told(id);
    }
}

impl super::Policy {
    /// As much of it as a gadget must know.
    pub(super) fn for_gadget(&self) -> protocol::Policy {
        protocol::Policy {
            deployment: self.agent.deployment,
            call_grace_ms: millis(self.agent.call_grace),
            labels: self.gadget.labels.clone(),
            adopt: self.gadget.adopt,
            dry_run: self.gadget.dry_run,
            default_reason: self.gadget.default_reason.clone(),
            longest_snooze_ms: self.gadget.longest_snooze.map(millis),
        }
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
