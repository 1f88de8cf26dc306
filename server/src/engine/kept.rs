//! What the journal is told of a decision: as it was when that fell, not when it is written.

use lockstep_core::AgentId;
use lockstep_core::agent::{Code, Decision};
use lockstep_core::protocol::Term;

use super::task::Engine;
use crate::journal::{Decided, Record};

impl Engine {
    /// Takes down a decision, to be told and kept; `term` is that of a gadget.
    pub(super) fn keep_decision(&mut self, id: &AgentId, decision: Decision, term: Option<Term>) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        let trial = slot.policy.gadget.dry_run || decision.code == Code::DryRun;
        slot.why.clone_from(&decision.text);
        let decider = &slot.decider;
        if let Some(trace) = &mut slot.trace {
            trace.decided(self.clock.now(), &decision, term.is_some(), trial);
        }
        let asks = matches!(decision.code, Code::Taking | Code::Releasing) && term.is_none();
        if asks {
            slot.asked_at = Some(decision.at);
        }
        self.decided.push(Record::Decided(Box::new(Decided {
            who: slot.watched.clone(),
            side: decider.side(),
            term,
            trial,
            view: decider.view().cloned(),
            seen_at: decider.seen_at(),
            hold: decider.ledger().hold.clone(),
            request: asks.then(|| decider.last_number()),
            decision,
        })));
    }
}
