//! Who is subscribed until when: bookkeeping only, no clock and no network.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use lockstep_core::PersonId;
use tokio::time::Instant;

use super::composition::Composition;
use super::entry::{Entry, LEAST, Outcome, Pace, Stage};
use super::presence::{BATCH, Item};

/// Failed readings after which a person counts as refused.
const MAX_READS: u8 = 3;

/// A request to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Task {
    Subscribe(Vec<PersonId>),
    Read(Vec<PersonId>),
    Unsubscribe(Vec<PersonId>),
}

/// Everybody who is to be watched.
#[derive(Debug)]
pub(super) struct Book {
    pace: Pace,
    entries: BTreeMap<PersonId, Entry>,
    leaving: BTreeSet<PersonId>,
    /// While people are being unsubscribed nobody is subscribed: the two must not overtake each
    /// other for somebody who comes back.
    unsubscribing: bool,
    /// Somebody was subscribed in this connection.
    fares_well: bool,
    /// Something changed since [`wake`](Self::wake) looked.
    changed: bool,
    /// What it found: nothing is due before.
    wakes_at: Option<Instant>,
}

impl Book {
    pub(super) const fn new(pace: Pace) -> Self {
        Self {
            pace,
            entries: BTreeMap::new(),
            leaving: BTreeSet::new(),
            unsubscribing: false,
            fares_well: false,
            changed: true,
            wakes_at: None,
        }
    }

    pub(super) fn watches(&self, person: &PersonId) -> bool {
        self.entries.contains_key(person)
    }

    /// Takes over the list of people; new ones are due at once.
    pub(super) fn set_people(&mut self, people: &[PersonId], now: Instant) {
        self.changed = true;
        let wanted: BTreeSet<&PersonId> = people.iter().collect();
        let left: Vec<PersonId> =
            self.entries.keys().filter(|person| !wanted.contains(person)).cloned().collect();
        for person in left {
            let entry = self.entries.remove(&person);
            // Not while a request to subscribe is under way, which could arrive after it.
            if entry.is_some_and(|e| e.lapses.is_some() && e.stage != Stage::Subscribing) {
                self.leaving.insert(person);
            }
        }
        for person in wanted {
            self.leaving.remove(person);
            self.entries.entry(person.clone()).or_insert_with(|| Entry::new(now));
        }
    }

    /// The next request that is due; the people in it count as under way.
    pub(super) fn take(&mut self, now: Instant) -> Option<Task> {
        if !self.changed && self.wakes_at.is_none_or(|at| now < at) {
            return None; // so that an event costs the same however many people there are
        }
        self.changed = true;
        if !self.unsubscribing && !self.leaving.is_empty() {
            let batch: Vec<PersonId> = self.leaving.iter().take(BATCH).cloned().collect();
            self.leaving.retain(|person| !batch.contains(person));
            self.unsubscribing = true;
            return Some(Task::Unsubscribe(batch));
        }
        let read = self.batch(Stage::Reading, |entry| entry.read_due(now));
        if !read.is_empty() {
            return Some(Task::Read(read));
        }
        if self.unsubscribing {
            return None;
        }
        let subscribe = self
            .batch(Stage::Subscribing, |entry| entry.stage == Stage::Waiting && entry.due <= now);
        (!subscribe.is_empty()).then_some(Task::Subscribe(subscribe))
    }

    fn batch(&mut self, stage: Stage, due: impl Fn(&Entry) -> bool) -> Vec<PersonId> {
        let mut batch = Vec::new();
        let mut most = BATCH;
        for (person, entry) in self.entries.iter_mut().filter(|(_, entry)| due(entry)) {
            if entry.company <= batch.len() {
                continue;
            }
            most = most.min(entry.company);
            entry.stage = stage;
            batch.push(person.clone());
            if batch.len() >= most {
                break;
            }
        }
        batch
    }

    /// When [`take`](Self::take) or [`lapsed`](Self::lapsed) may have something new to say.
    pub(super) fn wake(&mut self) -> Option<Instant> {
        if std::mem::take(&mut self.changed) {
            let moments = self.entries.values().filter_map(|entry| entry.wake(self.unsubscribing));
            self.wakes_at = moments.min();
        }
        self.wakes_at
    }

    /// Has a subscription ended without being renewed? Then nothing is pushed for that person any
    /// more, and nobody would notice.
    pub(super) fn lapsed(&self, now: Instant) -> bool {
        self.entries.values().any(|entry| entry.lapses.is_some_and(|lapses| lapses <= now))
    }

    /// Has everybody been asked for, with an answer?
    pub(super) fn complete(&self) -> bool {
        self.entries.values().all(|entry| entry.settled)
    }

    /// People who are subscribed, and people who are refused.
    pub(super) fn counts(&self) -> (usize, usize) {
        let count = |is: fn(&Entry) -> bool| self.entries.values().filter(|e| is(e)).count();
        (count(|entry| entry.lapses.is_some()), count(|entry| entry.said.is_some()))
    }

    /// Everybody's status is wanted now: something was missed. Refused people keep their pace.
    pub(super) fn resync(&mut self, now: Instant) {
        self.changed = true;
        for entry in self.entries.values_mut().filter(|entry| entry.said.is_none()) {
            entry.due = entry.due.min(now);
            entry.again = entry.stage != Stage::Waiting;
        }
    }

    /// The answer to [`Task::Subscribe`]. `nearly` shortens a time a little, at random.
    pub(super) fn subscribed(
        &mut self,
        batch: &[PersonId],
        items: Vec<Item>,
        now: Instant,
        nearly: impl Fn(Duration) -> Duration,
    ) -> Vec<Outcome> {
        self.changed = true;
        let mut items: BTreeMap<PersonId, Item> =
            items.into_iter().map(|item| (item.person.clone(), item)).collect();
        let mut outcomes = Vec::new();
        // One draw for the batch, so that it stays together.
        let renewal = |ttl: Duration| nearly((ttl / 2).min(self.pace.reconcile_every)).max(LEAST);
        let asked = self.pace;
        let renew_in = renewal(asked.ttl);
        let mut evicted = Vec::new();
        for person in batch {
            let item = items.remove(person);
            evicted.extend(item.as_ref().and_then(|item| item.evicted.clone()));
            let Some(entry) = self.entries.get_mut(person) else {
                // No longer wanted: they left the list while the request was under way.
                if item.is_some_and(|item| item.code == 200) {
                    self.leaving.insert(person.clone());
                }
                continue;
            };
            let outcome = match item {
                Some(item) if item.code == 200 => {
                    self.fares_well = true;
                    let ttl = item.ttl.filter(|ttl| !ttl.is_zero()).unwrap_or(asked.ttl);
                    let ttl = ttl.min(asked.ttl);
                    let renew_in = renew_in.min((ttl / 2).max(LEAST));
                    entry.granted(now, renew_in, ttl, item.status)
                }
                Some(item) => entry.denied(person, &item, now, &asked),
                None => {
                    entry.left_out(now);
                    None
                }
            };
            outcomes.extend(outcome);
        }
        outcomes.extend(
            evicted
                .iter()
                .filter_map(|person| self.entries.get_mut(person)?.evicted(person, now, &asked)),
        );
        outcomes
    }

    /// The answer to [`Task::Read`].
    pub(super) fn read(
        &mut self,
        batch: &[PersonId],
        compositions: Vec<Composition>,
        now: Instant,
    ) -> Vec<Outcome> {
        self.changed = true;
        let mut found: BTreeMap<PersonId, Composition> =
            compositions.into_iter().map(|found| (found.person.clone(), found)).collect();
        let mut outcomes = Vec::new();
        for person in batch {
            let Some(entry) = self.entries.get_mut(person) else { continue };
            outcomes.extend(match found.remove(person) {
                Some(status) => entry.found(person, status, now),
                None => entry.missing(person, now),
            });
        }
        outcomes.into_iter().flatten().collect()
    }

    /// [`Task::Subscribe`] failed as a whole and is worth another try.
    pub(super) fn subscribe_failed(
        &mut self,
        batch: &[PersonId],
        why: &str,
        retry_at: Instant,
    ) -> Vec<Outcome> {
        self.changed = true;
        let mut outcomes = Vec::new();
        for person in batch {
            let Some(entry) = self.entries.get_mut(person) else { continue };
            let well = self.fares_well;
            outcomes.extend(entry.struggle(person, batch.len(), why, retry_at, well));
        }
        outcomes
    }

    /// Webex cannot make sense of the request: it is halved until whoever causes that is alone, and
    /// refused.
    pub(super) fn subscribe_rejected(
        &mut self,
        batch: &[PersonId],
        why: &str,
        now: Instant,
    ) -> Vec<Outcome> {
        self.changed = true;
        let single = batch.len() == 1;
        let mut outcomes = Vec::new();
        for person in batch {
            let Some(entry) = self.entries.get_mut(person) else { continue };
            entry.company = batch.len().div_ceil(2);
            entry.settled |= single;
            entry.stage = Stage::Waiting;
            entry.due = if single { now + self.pace.refused_retry } else { now };
            if single {
                outcomes.extend(entry.say(person, why.to_owned()));
            }
        }
        outcomes
    }

    /// [`Task::Read`] failed as a whole.
    pub(super) fn read_failed(
        &mut self,
        batch: &[PersonId],
        why: &str,
        now: Instant,
        retry_in: Duration,
    ) -> Vec<Outcome> {
        self.changed = true;
        let mut outcomes = Vec::new();
        for person in batch {
            let Some(entry) = self.entries.get_mut(person) else { continue };
            entry.reads += 1;
            if entry.reads < MAX_READS {
                entry.stage = Stage::ToRead(now + retry_in);
            } else {
                outcomes.extend(entry.unreadable(person, why, now));
            }
        }
        outcomes
    }

    /// [`Task::Unsubscribe`] is over, one way or the other.
    pub(super) fn unsubscribed(&mut self) {
        self.changed = true;
        self.unsubscribing = false;
    }
}

#[cfg(test)]
#[path = "subscriptions_tests.rs"]
mod tests;
