//! One agent takes one step, and what comes out is carried away.

use lockstep_core::agent::{Decision, Input, LedgerEntry, Output};
use lockstep_core::finesse::{AgentState, AgentView};
use lockstep_core::{AgentId, Time};

use super::dispatch::{Job, Task};
use super::report;
use super::task::Engine;
use crate::journal::Record;
use crate::traces::Leg;

impl Engine {
    pub(super) fn seen(&mut self, id: &AgentId, asked_at: Time, view: AgentView) {
        let clock_ahead_ms = self.clock_ahead_ms;
        self.staff_before(id, asked_at, &view);
        self.step(id, Input::Seen { view, asked_at, clock_ahead_ms });
    }

    pub(super) fn step_all(&mut self, input: &Input) {
        for id in self.ids() {
            self.step(&id, input.clone());
        }
    }

    pub(super) fn step(&mut self, id: &AgentId, input: Input) {
        let now = self.clock.now();
        let Some(slot) = self.slots.get_mut(id) else { return };
        let Some(agent) = slot.decider.machine() else {
            self.note(id, input);
            self.staff(id);
            return self.schedule(id);
        };
        let was_settled = matches!(input, Input::Seen { .. }) && agent.is_settled();
        let watched = !slot.tabs.is_empty();
        let want = if let (Input::Want(want), true) = (&input, watched) {
            Some(want.clone())
        } else {
            None
        };
        let outputs = slot.decider.step(now, input).unwrap_or_default();
        if was_settled && outputs.iter().any(|output| matches!(output, Output::Send(_))) {
            report::repair();
        }
        let decisions = if watched { decided(&outputs) } else { Vec::new() };
        for output in outputs {
            self.carry_out(id, output);
        }
        if watched {
            self.show(id, want, decisions);
        }
        self.hand_over_when_idle(id);
        self.staff(id);
        self.schedule(id);
    }

    fn carry_out(&mut self, id: &AgentId, output: Output) {
        match output {
            Output::Record(entry) => self.record_own(id, entry),
            Output::Send(request) => {
                let Some(slot) = self.slots.get_mut(id) else { return };
                let seen_at = slot.decider.seen_at().unwrap_or_default();
                let leg = slot.trace.as_mut().map(|trace| trace.leg());
                self.push(id, Task::Change { request, seen_at }, leg);
            }
            Output::Look(why) => {
                report::look(why);
                self.look(id);
            }
            Output::Decided(decision) => {
                self.keep_decision(id, decision, None);
            }
        }
    }

    /// Tells what was decided; after it was handed on, because nobody waits for a line in the log.
    pub(super) fn tell(&mut self) {
        for record in self.decided.drain(..) {
            match &record {
                Record::Decided(decided) => {
                    let by = if decided.trial { "dry run" } else { decided.side.as_str() };
                    report::decision(&decided.who, by, &decided.decision);
                }
                Record::Deed(deed) => report::deed(deed),
                Record::Answered(_) => {}
            }
            self.journal.put(record);
        }
    }

    /// What the server itself did, which no gadget's account from before counts more than. That a hold is
    /// not to be seen any more is nobody's doing: the tab that made it may know what became of it, where
    /// the server died before it was told.
    pub(super) fn record_own(&mut self, id: &AgentId, mut entry: LedgerEntry) {
        let before = self.ledger.get(id);
        let view = self.slots.get(id).and_then(|slot| slot.decider.view());
        let not_ready = view.is_some_and(|view| view.state == AgentState::NotReady);
        let lost = |before: &&LedgerEntry| has_only_lost_its_hold(before, &entry, not_ready);
        if let Some(before) = before.filter(lost) {
            entry.term = before.term;
        } else if let Some(slot) = self.slots.get_mut(id)
            && slot.policy.gadget.mode.has_gadget()
        {
            entry.term = slot.tabs.writers.own_turn();
        }
        self.record(id, entry);
    }

    /// One that says nothing but whose it was is kept, too: a tab may know an older one.
    pub(super) fn record(&mut self, id: &AgentId, entry: LedgerEntry) {
        self.commit.entries.push((id.clone(), entry.clone()));
        if entry == LedgerEntry::default() {
            self.ledger.remove(id);
        } else {
            self.ledger.insert(id.clone(), entry);
        }
    }

    pub(super) fn look(&mut self, id: &AgentId) {
        self.push(id, Task::Look, None);
    }

    fn push(&mut self, id: &AgentId, task: Task, leg: Option<Box<Leg>>) {
        if let Some(slot) = self.slots.get(id) {
            let team = slot.watched.team.clone();
            self.commit.jobs.push(Job { agent: id.clone(), team, task, leg });
        }
    }
}

/// What is still Not Ready may be the tab's doing although it looks like a human's: only READY is surely
/// somebody's choice.
fn has_only_lost_its_hold(before: &LedgerEntry, entry: &LedgerEntry, not_ready: bool) -> bool {
    let quiet = if not_ready { &entry.quiet } else { &before.quiet };
    let (quiet, term) = (quiet.clone(), entry.term);
    let lost = LedgerEntry { hold: None, quiet, term, ..before.clone() };
    before.hold.is_some() && lost == *entry
}

fn decided(outputs: &[Output]) -> Vec<Decision> {
    let decided = outputs.iter().filter_map(|output| match output {
        Output::Decided(decision) => Some(decision.clone()),
        _ => None,
    });
    decided.collect()
}
