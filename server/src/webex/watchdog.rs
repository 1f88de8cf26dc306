//! Notices a feed that lives and tells nothing: pings are answered, and presence changes unheard.
//!
//! Everybody is read now and then. What a reading says that no event said, not even a little later,
//! was missed. One missed event is cured by the reading; many mean that the feed is deaf.

use std::collections::{BTreeMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use lockstep_core::{PersonId, Time};
use tokio::time::Instant;

use super::composition::Composition;

/// This many missed events within the window are bad luck: an event may get lost now and then.
const FEW: usize = 3;
/// Of many people, one in so many may be missed.
const SHARE: usize = 100;

/// What was said of everybody last, in this connection.
#[derive(Debug)]
pub(super) struct Watchdog {
    /// How much later than a reading an event may come.
    grace: Duration,
    /// How long a missed event counts.
    window: Duration,
    marks: BTreeMap<PersonId, Mark>,
    /// People whose change no event told so far, and until when it may.
    suspects: BTreeMap<PersonId, Instant>,
    /// The same in the order of time; it keeps those who are suspects no more until their time.
    order: VecDeque<(Instant, PersonId)>,
    missed: VecDeque<Instant>,
}

/// What was said of one person, as little of it as tells a change.
#[derive(Debug, Clone, Copy)]
struct Mark {
    facts: u64,
    /// The sum of the counters: each only grows, so a newer statement has the greater sum.
    version: u64,
    at: Option<Time>,
    /// The last event.
    heard: Option<Instant>,
    /// Something is known to have been missed: the next reading may differ.
    excused: bool,
}

impl Mark {
    fn of(composition: &Composition) -> Self {
        let mut hasher = DefaultHasher::new(); // its keys are fixed
        composition.facts.hash(&mut hasher);
        let version =
            composition.version.values().fold(0_u64, |sum, count| sum.saturating_add(*count));
        Self {
            facts: hasher.finish(),
            version,
            at: composition.source_time,
            heard: None,
            excused: false,
        }
    }

    /// Is this newer than `other`? `None` when neither counters nor clocks can tell.
    fn newer_than(&self, other: &Self) -> Option<bool> {
        if self.version > 0 && other.version > 0 {
            return Some(self.version > other.version);
        }
        Some(self.at? > other.at?)
    }
}

impl Watchdog {
    pub(super) const fn new(grace: Duration, window: Duration) -> Self {
        Self {
            grace,
            window,
            marks: BTreeMap::new(),
            suspects: BTreeMap::new(),
            order: VecDeque::new(),
            missed: VecDeque::new(),
        }
    }

    /// An event told something.
    pub(super) fn heard(&mut self, composition: &Composition, now: Instant) {
        self.suspects.remove(&composition.person);
        let mut mark = Mark::of(composition);
        if let Some(known) = self.marks.get(&composition.person)
            && mark.newer_than(known) == Some(false)
        {
            mark = *known;
        }
        mark.heard = Some(now);
        self.marks.insert(composition.person.clone(), mark);
    }

    /// A reading told something.
    pub(super) fn read(&mut self, composition: &Composition, now: Instant) {
        let mut mark = Mark::of(composition);
        if let Some(known) = self.marks.get(&composition.person).copied() {
            // An event that overtook the reading is newer than it; without stamps it is one that
            // came lately.
            let lately = known.heard.is_some_and(|heard| now < heard + self.grace);
            let newer = mark.newer_than(&known).unwrap_or(!lately);
            if !newer && mark.facts != known.facts {
                return;
            }
            if mark.facts != known.facts && !known.excused {
                self.suspect(&composition.person, now + self.grace);
            }
            mark.heard = known.heard;
        }
        self.marks.insert(composition.person.clone(), mark);
    }

    /// Again only after an event cleared them: readings are seconds apart, so what waits is bounded.
    fn suspect(&mut self, person: &PersonId, until: Instant) {
        if !self.suspects.contains_key(person) {
            self.suspects.insert(person.clone(), until);
            self.order.push_back((until, person.clone()));
        }
    }

    /// Events are known to be missing: what the next readings find does not count.
    pub(super) fn excuse(&mut self) {
        self.suspects.clear();
        self.order.clear();
        for mark in self.marks.values_mut() {
            mark.excused = true;
        }
    }

    /// Forgets everybody who is not watched any more.
    pub(super) fn retain(&mut self, watched: impl Fn(&PersonId) -> bool) {
        self.marks.retain(|person, _| watched(person));
        self.suspects.retain(|person, _| watched(person));
    }

    /// When [`due`](Self::due) may have something new to say.
    pub(super) fn next(&self) -> Option<Instant> {
        self.order.front().map(|(until, _)| *until)
    }

    /// The people whose event is missed by now.
    pub(super) fn due(&mut self, now: Instant) -> Vec<PersonId> {
        let mut due = Vec::new();
        while let Some((until, person)) = self.order.pop_front_if(|(until, _)| *until <= now) {
            // Told meanwhile, or told and suspected again.
            if self.suspects.get(&person) == Some(&until) {
                self.suspects.remove(&person);
                self.missed.push_back(now);
                due.push(person);
            }
        }
        // One more than may be missed is enough to know.
        let most = self.limit() + 1;
        while self.missed.len() > most
            || self.missed.front().is_some_and(|at| now >= *at + self.window)
        {
            self.missed.pop_front();
        }
        due
    }

    /// How many events were missed lately, when that is too many.
    pub(super) fn deaf(&self) -> Option<usize> {
        (self.missed.len() > self.limit()).then_some(self.missed.len())
    }

    fn limit(&self) -> usize {
        FEW.max(self.marks.len() / SHARE)
    }
}

#[cfg(test)]
#[path = "watchdog_tests.rs"]
mod tests;
