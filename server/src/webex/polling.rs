//! The fall-back: asking the public API for one person after the other (Webex notes 5).

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use lockstep_core::PersonId;
use lockstep_core::presence::{Facts, Kind, Version};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::FeedEvent;
use super::client::Context;
use super::composition::Composition;
use super::outlet::Outlet;
use super::people::Shown;
use super::reaction::End;
use super::rest::RestError;

/// Failed requests in a row after which nothing is known any more.
const MAX_FAILURES: u32 = 5;

/// How fast to ask: "too many requests" halves it, success brings it back slowly.
#[derive(Debug, Clone, PartialEq)]
struct Rate {
    most: f64,
    per_minute: f64,
}

impl Rate {
    fn new(most: u32) -> Self {
        let most = f64::from(most.max(1));
        Self { most, per_minute: most }
    }

    fn throttled(&mut self) {
        self.per_minute = (self.per_minute / 2.0).max(1.0_f64.min(self.most));
    }

    /// A hundred good answers bring it back from nothing.
    fn good(&mut self) {
        self.per_minute = (self.per_minute + self.most / 100.0).min(self.most);
    }

    fn distance(&self) -> Duration {
        Duration::from_secs_f64(60.0 / self.per_minute)
    }

    fn words(&self) -> String {
        format!("{:.0} people are asked for a minute", self.per_minute)
    }

    /// For the operator: how old a status may be.
    fn pace(&self, people: usize) -> String {
        let round = self.distance() * u32::try_from(people).unwrap_or(u32::MAX);
        let seconds = round.as_secs_f64().max(1.0);
        let words = self.words();
        if seconds < 120.0 {
            format!("{words}, so each of {people} every {seconds:.0} s")
        } else {
            format!("{words}, so each of {people} every {:.0} min", seconds / 60.0)
        }
    }
}

/// Where polling stands, kept over its spells.
#[derive(Debug)]
pub(super) struct Polling {
    rate: Rate,
    /// The person who was asked last.
    cursor: Option<PersonId>,
    /// Those whose status is not shown to us: said once, because nothing is known from then on.
    hidden: BTreeSet<PersonId>,
    /// For how many people the pace was told.
    told: Option<usize>,
}

impl Polling {
    pub(super) fn new(most_per_minute: u32) -> Self {
        Self { rate: Rate::new(most_per_minute), cursor: None, hidden: BTreeSet::new(), told: None }
    }

    /// Presence is told in another way again.
    pub(super) fn forget(&mut self) {
        self.hidden.clear();
    }

    /// The engine does not know that presence is polled.
    pub(super) fn untold(&mut self) {
        self.told = None;
    }

    /// Polls for one spell, then comes back so that subscriptions can be tried again. `why` is what
    /// the engine is told, together with the pace.
    pub(super) async fn spell(
        &mut self,
        context: &Context,
        outlet: &Outlet,
        people: &watch::Receiver<Arc<[PersonId]>>,
        why: &str,
    ) -> Result<(), End> {
        let epoch = context.next_epoch();
        self.hidden.retain(|person| people.borrow().contains(person));
        let end = Instant::now() + context.settings.timing.polling_spell;
        let mut next = Instant::now();
        let mut failures = 0;
        while next < end {
            let count = people.borrow().len();
            if self.told != Some(count) {
                self.told = Some(count);
                let why = format!("{why}; {}", self.rate.pace(count));
                outlet.send(FeedEvent::Polling { why }).await?;
            }
            let stopped = || End::Stopped;
            outlet.stop.run_until_cancelled(sleep_until(next)).await.ok_or_else(stopped)?;
            // After a wait, for Webex or for the engine, nothing is made up for in a burst.
            next = next.max(Instant::now()) + self.rate.distance();
            let Some(person) = self.next(&people.borrow()) else { continue };
            let asking = context.rest.status_of(&context.settings.api_url, &person);
            let answer = outlet.stop.run_until_cancelled(asking).await.ok_or_else(stopped)?;
            match answer {
                Ok(shown) => {
                    failures = 0;
                    self.rate.good();
                    self.report(outlet, person, shown, epoch).await?;
                }
                Err(error) => {
                    failures += 1;
                    next = self.after(error, failures, next)?;
                }
            }
        }
        Ok(())
    }

    /// The one after the cursor, round and round.
    fn next(&mut self, people: &[PersonId]) -> Option<PersonId> {
        let after = |cursor: &PersonId| people.iter().filter(|person| *person > cursor).min();
        let person = self.cursor.as_ref().and_then(after).or_else(|| people.iter().min())?;
        self.cursor = Some(person.clone());
        Some(person.clone())
    }

    async fn report(
        &mut self,
        outlet: &Outlet,
        person: PersonId,
        shown: Shown,
        epoch: u64,
    ) -> Result<(), End> {
        match shown {
            Shown::Status(word) => {
                self.hidden.remove(&person);
                let facts = polled(&word);
                let (source_time, version) = (None, Version::new());
                let composition = Composition { person, facts, source_time, version };
                outlet.observed(composition, epoch, Kind::Snapshot).await?;
            }
            Shown::Hidden => {
                if self.hidden.insert(person.clone()) {
                    outlet.gone(person.clone(), epoch).await?;
                    let why = "webex does not show this person's status to this bot".to_owned();
                    outlet.send(FeedEvent::Refused { person, why }).await?;
                }
            }
            Shown::Nobody => outlet.gone(person, epoch).await?,
        }
        Ok(())
    }

    /// When to go on after a failure, or the end of it.
    fn after(&mut self, error: RestError, failures: u32, next: Instant) -> Result<Instant, End> {
        if error.pause().is_some() || error.status() == Some(429) {
            self.rate.throttled();
            tracing::warn!(%error, "webex wants to be asked less often; {}", self.rate.words());
        }
        match error.pause() {
            // Obeying is no failure, however often.
            Some(wait) => Ok(next.max(Instant::now() + wait)),
            None if failures >= MAX_FAILURES || matches!(error, RestError::Token(_)) => {
                Err(error.into())
            }
            None => {
                tracing::warn!(%error, "failed to poll the presence of a person");
                Ok(next)
            }
        }
    }
}

/// The public API says `unknown` of somebody who is merely `busy` (Webex notes 5, 8); the category
/// tells such an `unknown` from one that presence itself reported, so that rules can.
fn polled(word: &str) -> Facts {
    let facts = Facts::new().with("status", word);
    if word == "unknown" { facts.with("category", "polled") } else { facts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_halves_and_comes_back_slowly() {
        let mut rate = Rate::new(120);
        assert_eq!(rate.distance(), Duration::from_millis(500));
        rate.throttled();
        assert_eq!(rate.distance(), Duration::from_secs(1));
        for _ in 0..20 {
            rate.throttled();
        }
        assert_eq!(rate.distance(), Duration::from_mins(1));
        for _ in 0..100 {
            rate.good();
        }
        assert_eq!(rate, Rate::new(120));
    }

    #[test]
    fn the_pace_is_told_in_words() {
        let rate = Rate::new(120);
        let told = [2, 200, 10_000].map(|people| rate.pace(people));
        assert!(told[0].ends_with("120 people are asked for a minute, so each of 2 every 1 s"));
        assert!(told[1].ends_with("each of 200 every 100 s"), "{told:?}");
        assert!(told[2].ends_with("each of 10000 every 83 min"), "{told:?}");
    }

    #[test]
    fn everybody_gets_a_turn_even_while_the_list_changes() {
        let mut polling = Polling::new(1);
        let id = |name: &str| PersonId::new(name);
        let list = [id("c"), id("a"), id("b")];
        let turns: Vec<_> = (0..4).filter_map(|_| polling.next(&list)).collect();
        assert_eq!(turns, [id("a"), id("b"), id("c"), id("a")]);
        assert_eq!(polling.next(&[id("z")]), Some(id("z")));
        assert_eq!(polling.next(&[]), None);
    }
}
