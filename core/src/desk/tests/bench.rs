//! A desk, and what became of it.

use std::sync::Arc;

use crate::AgentId;
use crate::Time;
use crate::agent::{Code, Decision, Hold, LedgerEntry};
use crate::desk::{Desk, DeskInput, DeskOutput, Listed, Reply};
use crate::finesse::{AgentState, AgentView, Deployment, ReasonSeen, Target};
use crate::presence::{Facts, Want};
use crate::protocol::{Policy, Report, Term, ToGadget, ToServer, VERSION};
use crate::rules::Wanted;

pub(crate) const START: Time = Time::from_millis(1_000_000);
pub(crate) const DND: &str = "Webex DND";

/// A desk with a clock, and everything it has put out.
pub(crate) struct Bench {
    pub(crate) desk: Desk,
    pub(crate) now: Time,
    pub(crate) out: Vec<DeskOutput>,
    seq: u64,
}

impl Bench {
    /// Nothing has happened yet.
    pub(crate) fn new(kept: Option<LedgerEntry>) -> Self {
        Self { desk: Desk::new(kept), now: START, out: Vec::new(), seq: 0 }
    }

    /// Linked, the agent seen READY and the reasons read; not the writer.
    pub(crate) fn watching() -> Self {
        let mut bench = Self::new(None);
        bench.links(policy());
        bench.lists(&[("7", DND), ("8", "Webex Meeting")]);
        bench.sees(view(AgentState::Ready, None, 1));
        bench
    }

    /// The same as the writer.
    pub(crate) fn writing() -> Self {
        let mut bench = Self::watching();
        bench.hears(grant(1, Some(LedgerEntry::default())));
        bench
    }

    /// The same, held for DND.
    pub(crate) fn held() -> Self {
        let mut bench = Self::writing();
        bench.wants("dnd");
        let request = bench.request();
        bench.replies(request, 202, "", "");
        bench.sees(view(AgentState::NotReady, Some(DND), 2));
        assert!(bench.decisions().contains(&Code::Taken));
        bench.out.clear();
        bench
    }

    pub(crate) fn step(&mut self, input: DeskInput) {
        self.now = Time::from_millis(self.now.as_millis() + 10);
        let out = self.desk.step(self.now, input);
        self.out.extend(out);
    }

    /// Lets time pass, and wakes the desk when it asked to be.
    pub(crate) fn waits(&mut self, millis: u64) {
        let end = Time::from_millis(self.now.as_millis() + millis);
        while let Some(at) = self.desk.next_wake().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.step(DeskInput::Wake);
        }
        self.now = end.max(self.now);
    }

    pub(crate) fn hears(&mut self, message: ToGadget) {
        self.step(DeskInput::Heard(message));
    }

    pub(crate) fn links(&mut self, policy: Policy) {
        self.step(DeskInput::LinkUp);
        let (agent, now) = (AgentId::new("1"), self.now);
        self.hears(ToGadget::Welcome { version: VERSION, agent, now, policy });
    }

    pub(crate) fn lists(&mut self, reasons: &[(&str, &str)]) {
        let one = |(id, label): &(&str, &str)| Listed {
            id: (*id).to_owned(),
            label: (*label).to_owned(),
            system: false,
        };
        self.step(DeskInput::Reasons(reasons.iter().map(one).collect()));
    }

    pub(crate) fn wants(&mut self, status: &str) {
        self.seq += 1;
        let want = want(self.seq, status, self.now);
        self.hears(ToGadget::Wanted { sequence: self.seq, want });
    }

    pub(crate) fn sees(&mut self, view: AgentView) {
        let asked_at = self.now;
        self.step(DeskInput::Seen { view, asked_at, clock_ahead_ms: 0 });
    }

    pub(crate) fn replies(&mut self, request: u64, status: u16, kind: &str, data: &str) {
        let reply = Reply { status, kind: kind.to_owned(), data: data.to_owned() };
        self.step(DeskInput::Replied { request, reply });
    }

    // === what became of it ===

    /// Every change that was asked for, with the reason's id.
    pub(crate) fn sets(&self) -> Vec<(Target, Option<&str>)> {
        let set = |output| match output {
            &DeskOutput::Set { target, ref reason, .. } => Some((target, reason.as_deref())),
            _ => None,
        };
        self.out.iter().filter_map(set).collect()
    }

    /// The number of the last request.
    pub(crate) fn request(&self) -> u64 {
        let number = |output: &DeskOutput| match output {
            DeskOutput::Set { request, .. } => Some(*request),
            _ => None,
        };
        self.out.iter().rev().find_map(number).expect("nothing was asked for")
    }

    pub(crate) fn count(&self, is_it: impl Fn(&DeskOutput) -> bool) -> usize {
        self.out.iter().filter(|output| is_it(output)).count()
    }

    pub(crate) fn decisions(&self) -> Vec<Code> {
        self.reports().filter_map(|report| Some(report.decision.as_ref()?.code)).collect()
    }

    pub(crate) fn reports(&self) -> impl Iterator<Item = &Report> {
        self.out.iter().filter_map(|output| match output {
            DeskOutput::Tell(ToServer::Report(report)) => Some(&**report),
            _ => None,
        })
    }

    pub(crate) fn last_code(&self) -> Option<Code> {
        self.desk.decisions.front().map(|decision: &Decision| decision.code)
    }

    pub(crate) fn hold(&self) -> Option<&Hold> {
        self.desk.ledger()?.hold.as_ref()
    }
}

pub(crate) fn policy() -> Policy {
    Policy {
        deployment: Deployment::Cce,
        call_grace_ms: 5_000,
        labels: vec![Arc::from(DND), Arc::from("Webex Meeting")],
        adopt: true,
        dry_run: false,
        default_reason: None,
        longest_snooze_ms: None,
    }
}

pub(crate) fn grant(term: u64, ledger: Option<LedgerEntry>) -> ToGadget {
    ToGadget::Grant { term: Term::from_number(term), ledger }
}

pub(crate) fn want(seq: u64, status: &str, at: Time) -> Want {
    let wanted = match status {
        "dnd" => Wanted::not_ready(DND),
        "meeting" => Wanted::not_ready("Webex Meeting"),
        "call" => Wanted::not_ready("Webex Call"),
        "active" => Wanted::Free,
        _ => Wanted::Ignore,
    };
    Want {
        seq,
        wanted,
        rule: Arc::from(status),
        facts: Facts::new().with("status", status),
        since: at,
        at,
        may_be_contact_call: status == "call",
        spared: false,
    }
}

/// What Finesse shows; `changed` in seconds after the start.
pub(crate) fn view(state: AgentState, label: Option<&str>, changed: u64) -> AgentView {
    AgentView {
        state,
        pending: None,
        reason: label.map(|label| ReasonSeen { id: None, code: None, label: Some(label.into()) }),
        changed_at: Some(Time::from_millis(START.as_millis() + changed * 1_000)),
        busy_elsewhere: None,
    }
}
