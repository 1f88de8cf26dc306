//! The agent's machine takes a step; what comes out is carried out, kept and reported.

use super::{Desk, MOST_DECISIONS};
use crate::Time;
use crate::agent::{Answer, Decision, Input, LedgerEntry, Output, Request};
use crate::desk::DeskOutput;
use crate::protocol::{Report, ToServer};

impl Desk {
    pub(super) fn act(&mut self, now: Time, input: Input) {
        let Some(agent) = &mut self.agent else { return };
        if self.unconfirmed.is_some() {
            return self.hold_back(input);
        }
        let outputs = agent.step(now, input);
        let mut dry = Vec::new();
        for output in outputs {
            match output {
                Output::Record(ledger) => self.record(ledger),
                Output::Decided(decision) => self.decided(decision),
                Output::Look(_) => self.outputs.push(DeskOutput::Look),
                Output::Send(request) => dry.extend(self.send(request)),
            }
        }
        for request in dry {
            self.act(now, Input::Answered { request, answer: Answer::DryRun });
        }
    }

    /// Sends, or tells the number of a request that a dry run does not send.
    fn send(&mut self, request: Request) -> Option<u64> {
        if self.policy.as_ref().is_some_and(|policy| policy.dry_run) {
            return Some(request.number);
        }
        // The server knows of the intent before Finesse does (law 1).
        if std::mem::take(&mut self.to_report) {
            self.report(None, false);
        }
        match self.reason_of(&request) {
            Ok(reason) => self.set(request, reason),
            Err(()) => self.read_reasons_for(request),
        }
        None
    }

    pub(super) fn set(&mut self, request: Request, reason: Option<String>) {
        let (number, target) = (request.number, request.target);
        self.asked = Some(request);
        self.outputs.push(DeskOutput::Set { request: number, target, reason });
    }

    fn record(&mut self, ledger: LedgerEntry) {
        self.kept = Some(ledger.clone());
        self.outputs.push(DeskOutput::Keep(Box::new(ledger)));
        self.to_report = true;
    }

    fn decided(&mut self, decision: Decision) {
        self.remember(decision.clone());
        self.to_report = false;
        self.report(Some(decision), false);
    }

    pub(super) fn remember(&mut self, decision: Decision) {
        self.decisions.truncate(MOST_DECISIONS - 1);
        self.decisions.push_front(decision);
    }

    pub(super) fn report(&mut self, decision: Option<Decision>, last: bool) {
        let Some(agent) = &self.agent else { return };
        self.reports += 1;
        let report = Report {
            number: self.reports,
            term: self.term,
            wanted: self.acknowledges,
            view: agent.view().cloned(),
            ledger: agent.ledger().clone(),
            decision,
            last,
        };
        self.tell(ToServer::Report(Box::new(report)));
    }

    pub(super) fn tell(&mut self, message: ToServer) {
        self.outputs.push(DeskOutput::Tell(message));
    }
}
