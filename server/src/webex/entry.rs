//! One person's subscription: what an answer does to it.

use std::time::Duration;

use lockstep_core::PersonId;
use tokio::time::Instant;

use super::composition::Composition;
use super::presence::{BATCH, Item};

/// A person left out of an answer, or refused without a reason that people must cure, is tried
/// again after this.
pub(super) const PUZZLED: Duration = Duration::from_mins(1);
/// No person is tried more often than this, whatever Webex's answer says.
pub(super) const LEAST: Duration = Duration::from_secs(5);
/// No person is tried less often than this.
const MOST: Duration = Duration::from_hours(1);
/// Failures of the requests with one person in them after which fewer are asked for together, or,
/// alone already, the person counts as refused for now.
const STRUGGLES: u8 = 4;

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
    /// People that may be in one request with this one; fewer after a batch was refused.
    pub(super) company: usize,
    /// Failed requests in a row.
    struggles: u8,
    pub(super) reads: u8,
    /// Who is not pushed to us but can be read is read again then.
    look: Option<Instant>,
    /// Webex was found to know no presence of this person.
    gone: bool,
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
            company: BATCH,
            struggles: 0,
            reads: 0,
            look: None,
            gone: false,
            said: None,
        }
    }

    pub(super) fn read_due(&self, now: Instant) -> bool {
        self.reads_at().is_some_and(|at| at <= now)
    }

    /// When to read this person's status.
    fn reads_at(&self) -> Option<Instant> {
        match self.stage {
            Stage::ToRead(at) => Some(at),
            // Not where subscribing is due too, which brings the status.
            Stage::Waiting => self.look.filter(|look| *look < self.due),
            Stage::Subscribing | Stage::Reading => None,
        }
    }

    /// When something is due.
    pub(super) fn wake(&self, unsubscribing: bool) -> Option<Instant> {
        let due = (self.stage == Stage::Waiting && !unsubscribing).then_some(self.due);
        [due, self.reads_at(), self.lapses].into_iter().flatten().min()
    }

    pub(super) fn granted(
        &mut self,
        now: Instant,
        renew_in: Duration,
        ttl: Duration,
        status: Option<Composition>,
    ) -> Option<Outcome> {
        // One that is too short to be renewed in time has gaps, which each renewal closes.
        self.lapses = Some(now + ttl.max(2 * LEAST));
        self.due = now + renew_in;
        self.said = None;
        self.look = None;
        self.company = BATCH;
        if status.is_some() {
            self.gone = false;
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
            409 => ("no more subscriptions for this bot now", pace.refused_retry),
            _ => ("not subscribed", PUZZLED),
        };
        self.settle(now);
        self.due = now + item.retry.unwrap_or(retry).clamp(LEAST, MOST);
        if item.code == 409 {
            self.stage = Stage::ToRead(now); // not pushed, but perhaps readable
        }
        let words = if item.message.is_empty() { "no message" } else { &item.message };
        self.say(person, format!("{}: {meaning} ({words})", item.code))
    }

    /// Webex's answer says nothing of this person; a reading will tell.
    pub(super) fn left_out(&mut self, now: Instant) {
        self.lapses = None;
        self.due = now + PUZZLED;
        self.stage = Stage::ToRead(now);
    }

    pub(super) fn evicted(
        &mut self,
        person: &PersonId,
        now: Instant,
        pace: &Pace,
    ) -> Option<Outcome> {
        self.lapses = None;
        self.due = now + pace.refused_retry;
        if self.stage == Stage::Waiting {
            self.stage = Stage::ToRead(now);
        }
        self.say(person, "409: webex dropped this subscription for another one".to_owned())
    }

    /// The reading found a status: told by it alone where there is no subscription.
    pub(super) fn found(
        &mut self,
        person: &PersonId,
        status: Composition,
        now: Instant,
    ) -> [Option<Outcome>; 2] {
        self.settle(now);
        self.gone = false;
        let mut said = None;
        if self.lapses.is_none() {
            self.look = Some(now + PUZZLED);
            if self.said.is_none() {
                let why = "webex left this person out of its answer; reading the presence instead";
                said = self.say(person, why.to_owned());
            }
        }
        [said, Some(Outcome::Status(status))]
    }

    /// The reading found nothing; said once.
    pub(super) fn missing(&mut self, person: &PersonId, now: Instant) -> [Option<Outcome>; 2] {
        self.settle(now);
        self.look = None;
        if std::mem::replace(&mut self.gone, true) {
            return [None, None];
        }
        let why = "webex knows no presence of this person".to_owned();
        [Some(Outcome::Gone(person.clone())), self.say(person, why)]
    }

    /// A request of `company` people, this one among them, failed and is worth another try at
    /// `retry_at`. `others_fare_well`: it may be somebody in it.
    pub(super) fn struggle(
        &mut self,
        person: &PersonId,
        company: usize,
        why: &str,
        retry_at: Instant,
        others_fare_well: bool,
    ) -> Option<Outcome> {
        self.stage = Stage::Waiting;
        self.due = retry_at;
        self.struggles += 1;
        if self.struggles < STRUGGLES || !others_fare_well {
            self.struggles = self.struggles.min(STRUGGLES);
            return None;
        }
        self.struggles = 0;
        if company > 1 {
            self.company = company.div_ceil(2);
            return None;
        }
        self.settled = true;
        self.say(person, format!("not subscribed: {why}"))
    }

    /// Readings of this person fail.
    pub(super) fn unreadable(
        &mut self,
        person: &PersonId,
        why: &str,
        now: Instant,
    ) -> Option<Outcome> {
        self.settle(now);
        self.due = self.due.min(now + PUZZLED);
        self.look = self.look.map(|_| now + PUZZLED);
        self.say(person, format!("presence could not be read: {why}"))
    }

    /// The request that was under way is answered.
    pub(super) fn settle(&mut self, now: Instant) {
        self.stage = Stage::Waiting;
        self.settled = true;
        self.reads = 0;
        self.struggles = 0;
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
