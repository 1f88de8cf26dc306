//! A gadget, as the engine sees it.

use lockstep_core::agent::{Decision, Hold};
use lockstep_core::finesse::AgentView;
use lockstep_core::presence::Want;
use lockstep_core::protocol::{Report, Term, ToGadget};
use lockstep_core::writer::Link;

use super::*;
use crate::engine::{FromGadget, OUTBOX, Said};
use crate::mailbox::{Inbox, mailbox};

/// One gadget, as the engine sees it.
pub(super) struct Tab {
    pub(super) agent: AgentId,
    pub(super) link: Link,
    engine: Handle,
    inbox: Inbox<Box<ToGadget>>,
    /// Of the last want that came.
    pub(super) sequence: u64,
    pub(super) want: Option<Want>,
    pub(super) term: Option<Term>,
    pub(super) ledger: Option<LedgerEntry>,
    number: u64,
    /// It is to tell its last account.
    pub(super) is_revoked: bool,
}

impl Tab {
    pub(super) async fn open(bench: &Bench, agent: &str, link: u64) -> Self {
        let (outbox, inbox) = mailbox(OUTBOX);
        let (agent, link, engine) = (AgentId::new(agent), Link(link), bench.engine.clone());
        let (sequence, want, term, ledger, number) = (0, None, None, None, 0);
        let is_revoked = false;
        let tab =
            Self { agent, link, engine, inbox, sequence, want, term, ledger, number, is_revoked };
        tab.say(Said::Hello { outbox }).await;
        tab
    }

    pub(super) async fn say(&self, said: Said) {
        let (agent, link) = (self.agent.clone(), self.link);
        self.engine.send(Message::Gadget(FromGadget { agent, link, said })).await;
    }

    /// The next message; what it says is kept, as a gadget would.
    pub(super) async fn next(&mut self) -> Option<ToGadget> {
        let message = *self.inbox.next().await?;
        match &message {
            ToGadget::Wanted { sequence, want } => {
                assert!(*sequence > self.sequence, "wants grow: {message:?}");
                self.sequence = *sequence;
                self.want = Some(want.clone());
            }
            ToGadget::Grant { term, ledger } => {
                assert!(Some(*term) > self.term, "terms grow");
                self.term = Some(*term);
                self.ledger.clone_from(ledger);
            }
            ToGadget::Revoke { term } => self.is_revoked = self.term == Some(*term),
            _ => {}
        }
        Some(message)
    }

    /// All that has come by now.
    pub(super) async fn all(&mut self) -> Vec<ToGadget> {
        self.engine.rows().await; // what was sent so far is taken in
        let mut all = Vec::new();
        while !self.inbox.is_empty() {
            all.extend(self.next().await);
        }
        all
    }

    /// Answers that its turn is over.
    pub(super) async fn yields(&mut self, ledger: LedgerEntry) {
        assert!(self.all().await.iter().any(|told| matches!(told, ToGadget::Revoke { .. })));
        self.report(ledger, None).await;
    }

    /// Reports as the writer that it believes to be.
    pub(super) async fn report(&mut self, ledger: LedgerEntry, decision: Option<Decision>) {
        self.number += 1;
        let wanted = (self.sequence > 0).then_some(self.sequence);
        let (number, term) = (self.number, self.term);
        let view = Some(view(AgentState::NotReady));
        let last = std::mem::take(&mut self.is_revoked);
        let report = Report { number, term, wanted, view, ledger, decision, last };
        self.say(Said::Report(Box::new(report))).await;
    }
}

pub(super) fn view(state: AgentState) -> AgentView {
    AgentView { state, pending: None, reason: None, changed_at: None, busy_elsewhere: None }
}

pub(super) fn held() -> LedgerEntry {
    let hold = Hold {
        reason: Arc::from("Webex DND"),
        since: Time::from_millis(1_000_000),
        from: AgentState::Ready,
        changed_at: Some(Time::from_millis(1_000_000)),
        shown: None,
        pending: false,
    };
    LedgerEntry { hold: Some(hold), ..LedgerEntry::default() }
}

/// The same, as it is kept when it was told in this term.
pub(super) fn of(term: Option<Term>) -> LedgerEntry {
    LedgerEntry { term: term.unwrap_or_default(), ..held() }
}

pub(super) fn kinds(messages: &[ToGadget]) -> Vec<&'static str> {
    messages
        .iter()
        .map(|message| match message {
            ToGadget::Welcome { .. } => "welcome",
            ToGadget::Wanted { .. } => "wanted",
            ToGadget::Grant { .. } => "grant",
            ToGadget::Revoke { .. } => "revoke",
            ToGadget::Received { .. } => "received",
            ToGadget::Shown(_) => "shown",
            ToGadget::Snooze { .. } => "snooze",
            ToGadget::Unsnooze => "unsnooze",
            ToGadget::Stale { .. } => "stale",
            ToGadget::Bye { .. } => "bye",
            _ => "other",
        })
        .collect()
}
