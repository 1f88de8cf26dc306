//! One agent takes one step, and what comes out is carried away.

use lockstep_core::agent::{Input, LedgerEntry, Output};
use lockstep_core::finesse::AgentView;
use lockstep_core::{AgentId, Time};

use super::dispatch::{Job, Task};
use super::report;
use super::task::Engine;

impl Engine {
    pub(super) fn seen(&mut self, id: &AgentId, asked_at: Time, view: AgentView) {
        let clock_ahead_ms = self.clock_ahead_ms;
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
        let was_settled = matches!(input, Input::Seen { .. }) && slot.agent.is_settled();
        let outputs = slot.agent.step(now, input);
        if was_settled && outputs.iter().any(|output| matches!(output, Output::Send(_))) {
            report::repair();
        }
        for output in outputs {
            self.carry_out(id, output);
        }
        self.schedule(id);
    }

    fn carry_out(&mut self, id: &AgentId, output: Output) {
        match output {
            Output::Record(entry) => self.record(id, entry),
            Output::Send(request) => {
                let seen_at = self.slots.get(id).and_then(|slot| slot.agent.seen_at());
                let seen_at = seen_at.unwrap_or_default();
                self.push(id, Task::Change { request, seen_at });
            }
            Output::Look(why) => {
                report::look(why);
                self.push(id, Task::Look);
            }
            Output::Decided(decision) => {
                if let Some(slot) = self.slots.get_mut(id) {
                    slot.why.clone_from(&decision.text);
                    self.decided.push((id.clone(), decision));
                }
            }
        }
    }

    /// Tells what was decided; after it was handed on, because nobody waits for a line in the log.
    pub(super) fn tell(&mut self) {
        for (id, decision) in self.decided.drain(..) {
            if let Some(slot) = self.slots.get(&id) {
                report::decision(&slot.watched, &decision);
            }
        }
    }

    pub(super) fn record(&mut self, id: &AgentId, entry: LedgerEntry) {
        self.commit.entries.push((id.clone(), entry.clone()));
        if entry.is_empty() {
            self.ledger.remove(id);
        } else {
            self.ledger.insert(id.clone(), entry);
        }
    }

    fn push(&mut self, id: &AgentId, task: Task) {
        if let Some(slot) = self.slots.get(id) {
            let team = slot.watched.team.clone();
            self.commit.jobs.push(Job { agent: id.clone(), team, task });
        }
    }
}
