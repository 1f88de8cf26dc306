//! One person's subscription: what an answer does to it.

use std::time::Duration;

use lockstep_core::PersonId;
use tokio::time::Instant;

use super::composition::Composition;
use super::presence::Item;

/// A person left out of an answer, or refused without a reason that people must cure, is tried
/// again after this.
pub(super) const PUZZLED: Duration = Duration::from_mins(1);
/// No person is tried more often than this, whatever Webex's answer says.
pub(super) const LEAST: Duration = Duration::from_secs(5);
/// No person is tried less often than this.
const MOST: Duration = Duration::from_hours(1);
/// How long things last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Life of a subscription that we ask for.
    pub(super) ttl: Duration,
    /// Everybody's status is read at least this often.
    pub(super) reconcile_every: Duration,
    /// A refused person is tried again after this.
    pub(super) refused_retry: Duration,
}

/// What an answer means for one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The status as of now.
    Status(Composition),
    /// Webex knows no presence of this person.
    Gone(PersonId),
    /// This person is not pushed to us, and why.
    Refused(PersonId, String),
}

/// One person in the book.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) stage: Stage,
    /// When to subscribe (again).
    pub(super) due: Instant,
    /// When the subscription ends, if there is one.
    pub(super) lapses: Option<Instant>,
    /// Asked at least once, with an answer.
    pub(super) settled: bool,
    /// The status is wanted once more after the request that is under way.
    pub(super) again: bool,
    /// Never in one request with others: a batch with this one in it was refused.
    pub(super) alone: bool,
    pub(super) reads: u8,
    /// The refusal that was reported.
    pub(super) said: Option<String>,
}

/// Where the next request for a person stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Waiting,
    Subscribing,
    ToRead(Instant),
    Reading,
}

impl Entry {
    pub(super) const fn new(now: Instant) -> Self {
        Self {
            stage: Stage::Waiting,
            due: now,
            lapses: None,
            settled: false,
            again: false,
            alone: false,
            reads: 0,
            said: None,
        }
    }

    pub(super) fn read_due(&self, now: Instant) -> bool {
        matches!(self.stage, Stage::ToRead(at) if at <= now)
    }

    pub(super) fn granted(
        &mut self,
        now: Instant,
        renew_in: Duration,
        ttl: Duration,
        status: Option<Composition>,
    ) -> Option<Outcome> {
        self.lapses = Some(now + ttl);
        self.due = now + renew_in;
        self.said = None;
        if status.is_some() {
            self.settle(now);
        } else {
            self.stage = Stage::ToRead(now);
        }
        status.map(Outcome::Status)
    }

    pub(super) fn denied(
        &mut self,
        person: &PersonId,
        item: &Item,
        now: Instant,
        pace: &Pace,
    ) -> Option<Outcome> {
        self.lapses = None;
        let (meaning, retry) = match item.code {
            401 => ("no access to this person's presence", pace.refused_retry),
            403 => ("this person, or this bot, has no presence", pace.refused_retry),
            409 => {
                ("no more subscriptions for this bot now", item.retry.unwrap_or(pace.refused_retry))
            }
            _ => ("not subscribed", PUZZLED),
        };
        self.settle(now);
        self.due = now + retry.clamp(LEAST, MOST);
        if item.code == 409 {
            self.stage = Stage::ToRead(now); // not pushed, but perhaps readable
        }
        let words = if item.message.is_empty() { "no message" } else { &item.message };
        self.say(person, format!("{}: {meaning} ({words})", item.code))
    }

    pub(super) fn left_out(&mut self, person: &PersonId, now: Instant) -> Option<Outcome> {
        self.lapses = None;
        self.due = now + PUZZLED;
        self.stage = Stage::ToRead(now);
        self.say(person, "webex left this person out of its answer".to_owned())
    }

    pub(super) fn evicted(&mut self, person: &PersonId, due: Instant) -> Option<Outcome> {
        self.lapses = None;
        self.due = due;
        self.say(person, "409: webex dropped this subscription for another one".to_owned())
    }

    /// The request that was under way is answered.
    pub(super) fn settle(&mut self, now: Instant) {
        self.stage = Stage::Waiting;
        self.settled = true;
        self.reads = 0;
        if std::mem::take(&mut self.again) {
            self.due = now;
        }
    }

    /// Reports a refusal, once.
    pub(super) fn say(&mut self, person: &PersonId, why: String) -> Option<Outcome> {
        if self.said.as_ref() == Some(&why) {
            return None;
        }
        self.said = Some(why.clone());
        Some(Outcome::Refused(person.clone(), why))
    }
}
