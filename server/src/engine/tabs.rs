//! The gadgets of one agent: how they are reached, and what they were told.

use std::time::Duration;

use lockstep_core::Time;
use lockstep_core::agent::{Decision, LedgerEntry};
use lockstep_core::finesse::AgentView;
use lockstep_core::presence::Want;
use lockstep_core::protocol::{Report, Term, ToGadget};
use lockstep_core::writer::{Link, Notice, TooMany, Writers};

use super::report;
use crate::mailbox::Sender;

/// Messages that may wait for one gadget's connection, which takes them as they come; when this
/// many wait the connection is stuck and is given up.
pub const OUTBOX: usize = 32;
/// The writer takes in what is wanted at once, a hidden tab too; one that has not within this does
/// not run, and another tab acts.
pub(super) const ACK_WITHIN: Duration = Duration::from_secs(10);
/// How long the last account of a gadget whose turn ends is awaited. One that runs answers at once, over
/// the slowest network within a second or so; one that does not told what it asked for before it fell
/// silent. Nobody acts for the agent meanwhile.
pub(super) const LAST_WORD_WITHIN: Duration = Duration::from_secs(3);

/// How a gadget is reached.
pub type Outbox = Sender<Box<ToGadget>>;

/// The gadgets of one agent.
#[derive(Debug)]
pub(super) struct Tabs {
    pub(super) writers: Writers,
    reached: Vec<Reached>,
    /// Of the last `wanted`; one count for all of the agent's links grows on each of them.
    sequence: u64,
    /// The writer has yet to acknowledge this.
    pub(super) unanswered: Option<Unanswered>,
    /// Until when the last account of a gadget whose turn ended is awaited.
    pub(super) last_word_by: Option<Time>,
    /// Every gadget is sent away, because of this, once that account is there.
    pub(super) parting: Option<&'static str>,
    /// Since when no gadget is there that could act.
    pub(super) alone_since: Option<Time>,
    /// Since when presence is lost, as the gadgets were told.
    pub(super) told_lost: Option<Time>,
    /// What all but the writer show.
    pub(super) shown: Option<Box<Report>>,
}

/// One of them, and how it is reached.
#[derive(Debug)]
struct Reached {
    link: Link,
    outbox: Outbox,
    /// Of the last `wanted` that it was sent.
    sequence: u64,
}

/// A `wanted` that the writer was sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unanswered {
    pub(super) sequence: u64,
    pub(super) sent_at: Time,
    /// When it is overdue.
    pub(super) by: Time,
}

impl Tabs {
    pub(super) fn new(now: Time, open: bool, after: Term) -> Self {
        Self {
            writers: Writers::new(now, open).after(after),
            reached: Vec::new(),
            sequence: 0,
            unanswered: None,
            last_word_by: None,
            parting: None,
            alone_since: None,
            told_lost: None,
            shown: None,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.reached.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.reached.len()
    }

    pub(super) fn join(&mut self, link: Link, outbox: Outbox) -> Result<Vec<Notice>, TooMany> {
        let notices = self.writers.join(link)?;
        if self.reached.iter().all(|tab| tab.link != link) {
            self.reached.push(Reached { link, outbox, sequence: 0 });
        }
        Ok(notices)
    }

    /// Forgets how the gadget is reached, which ends its connection, and that it was there.
    pub(super) fn leave(&mut self, link: Link) -> Vec<Notice> {
        self.drop_outbox(link);
        self.writers.leave(link)
    }

    pub(super) fn drop_outbox(&mut self, link: Link) {
        self.reached.retain(|tab| tab.link != link);
    }

    /// Is it there?
    pub(super) fn has(&self, link: Link) -> bool {
        self.writers.has(link)
    }

    /// The writer's link.
    pub(super) fn writer(&self) -> Option<Link> {
        self.writers.writer().map(|(link, _)| link)
    }

    /// Sends to one; whoever cannot take it is stuck, and named in `stuck`.
    pub(super) fn send(&self, link: Link, message: ToGadget, stuck: &mut Vec<Link>) {
        if let Some(tab) = self.reached.iter().find(|tab| tab.link == link) {
            tab.send(message, stuck);
        }
    }

    /// Sends to all but one.
    pub(super) fn send_others(&self, but: Option<Link>, message: &ToGadget, stuck: &mut Vec<Link>) {
        for tab in self.reached.iter().filter(|tab| Some(tab.link) != but) {
            tab.send(message.clone(), stuck);
        }
    }

    /// Tells everybody what is wanted, and awaits the writer's acknowledgement.
    pub(super) fn want(&mut self, now: Time, want: &Want, stuck: &mut Vec<Link>) {
        if self.is_empty() {
            return;
        }
        self.sequence += 1;
        let sequence = self.sequence;
        for tab in &mut self.reached {
            tab.sequence = sequence;
            tab.send(ToGadget::Wanted { sequence, want: want.clone() }, stuck);
        }
        report::wanted_sent(self.reached.len());
        self.await_writer(now);
    }

    /// Tells one what is wanted.
    pub(super) fn want_of(&mut self, link: Link, want: &Want, stuck: &mut Vec<Link>) {
        self.sequence += 1;
        let sequence = self.sequence;
        if let Some(tab) = self.reached.iter_mut().find(|tab| tab.link == link) {
            tab.sequence = sequence;
            tab.send(ToGadget::Wanted { sequence, want: want.clone() }, stuck);
            report::wanted_sent(1);
        }
    }

    /// Shows everybody what the server knows and did; nothing where that is no news.
    pub(super) fn show(
        &mut self,
        view: Option<AgentView>,
        ledger: LedgerEntry,
        decision: Option<Decision>,
        stuck: &mut Vec<Link>,
    ) {
        let before = self.shown.as_deref();
        let news = decision.is_some()
            || before.is_none_or(|before| before.view != view || before.ledger != ledger);
        if !news {
            return;
        }
        let number = before.map_or(1, |before| before.number.saturating_add(1));
        let decision = decision.or_else(|| before.and_then(|before| before.decision.clone()));
        let (term, wanted, last) = (None, None, false);
        let shown = Box::new(Report { number, term, wanted, view, ledger, decision, last });
        self.send_others(None, &ToGadget::Shown(shown.clone()), stuck);
        self.shown = Some(shown);
    }

    /// The writer is to acknowledge the last `wanted` from now on.
    pub(super) fn await_writer(&mut self, now: Time) {
        let sequence = self.sequence;
        self.unanswered = match (self.writer(), self.unanswered) {
            (None, _) => None,
            // Who did not answer the one before has no more time for this.
            (Some(_), Some(before)) => Some(Unanswered { sequence, sent_at: now, ..before }),
            (Some(_), None) => {
                Some(Unanswered { sequence, sent_at: now, by: now.after(ACK_WITHIN) })
            }
        };
    }

    /// When something about the gadgets is due.
    pub(super) fn next_due(&self, grace: Duration) -> Option<Time> {
        let alone = self.alone_since.map(|since| since.after(grace));
        let last_word = self.last_word_by.filter(|_| self.writers.is_waiting());
        self.unanswered
            .map(|unanswered| unanswered.by)
            .into_iter()
            .chain(alone)
            .chain(last_word)
            .min()
    }

    /// Is this the newest of what this gadget was sent?
    pub(super) fn is_newest(&self, link: Link, sequence: u64) -> bool {
        self.reached.iter().any(|tab| tab.link == link && sequence >= tab.sequence)
    }
}

impl Reached {
    fn send(&self, message: ToGadget, stuck: &mut Vec<Link>) {
        if self.outbox.put(Box::new(message)).is_err() {
            stuck.push(self.link);
        }
    }
}
