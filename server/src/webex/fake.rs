//! A scripted Webex: says what a test lets it say, and fails at what nobody foresaw.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lockstep_core::presence::{Facts, Kind, Observation, Version};
use lockstep_core::{PersonId, Time};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{FeedEvent, LookupError, PresenceSource};

/// Events that a script may be ahead of the engine.
const AHEAD: usize = 1024;

/// What a lookup answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// This person.
    Person(PersonId),
    /// Nobody of that address.
    Nobody,
    /// The token is refused.
    Token,
    /// Webex cannot be asked.
    Unavailable,
}

/// The scripted source. It lives in the product so that every crate's tests share it.
pub struct FakePresence {
    script: Arc<Script>,
    said: tokio::sync::Mutex<mpsc::Receiver<FeedEvent>>,
}

/// The test's hand on a [`FakePresence`].
#[derive(Clone)]
pub struct Hand {
    script: Arc<Script>,
    say: mpsc::Sender<FeedEvent>,
    watched: watch::Receiver<Arc<[PersonId]>>,
}

struct Script {
    lookups: Mutex<BTreeMap<String, Lookup>>,
    watched: watch::Sender<Arc<[PersonId]>>,
}

/// A source and the hand that leads it.
pub fn scripted() -> (FakePresence, Hand) {
    let (watched_in, watched) = watch::channel(Arc::from([]));
    let (say, said) = mpsc::channel(AHEAD);
    let script = Arc::new(Script { lookups: Mutex::default(), watched: watched_in });
    let fake = FakePresence { script: Arc::clone(&script), said: tokio::sync::Mutex::new(said) };
    (fake, Hand { script, say, watched })
}

// === impl FakePresence ===

impl PresenceSource for FakePresence {
    /// # Panics
    ///
    /// When the script says nothing about `address`: nobody foresaw the question.
    async fn person(&self, address: &str) -> Result<Option<PersonId>, LookupError> {
        let lookups = self.script.lookups.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match lookups.get(address) {
            Some(Lookup::Person(person)) => Ok(Some(person.clone())),
            Some(Lookup::Nobody) => Ok(None),
            Some(Lookup::Token) => Err(LookupError::Token { detail: "scripted".into() }),
            Some(Lookup::Unavailable) => {
                Err(LookupError::Unavailable { detail: "scripted".into() })
            }
            None => panic!("nobody said who {address} is"),
        }
    }

    async fn watch(
        &self,
        mut people: watch::Receiver<Arc<[PersonId]>>,
        events: mpsc::Sender<FeedEvent>,
        stop: CancellationToken,
    ) {
        let mut said = self.said.lock().await;
        self.script.watched.send_replace(people.borrow_and_update().clone());
        loop {
            tokio::select! {
                biased; // one order, so that a simulation repeats
                () = stop.cancelled() => return,
                Ok(()) = people.changed() => {
                    self.script.watched.send_replace(people.borrow_and_update().clone());
                }
                event = said.recv() => match event {
                    Some(event) => if events.send(event).await.is_err() { return },
                    // The script is over; the feed stays as it is, as a silent one does.
                    None => return stop.cancelled().await,
                },
            }
        }
    }
}

// === impl Hand ===

impl Hand {
    /// From now on a lookup of `address` answers so.
    pub fn knows(&self, address: &str, answer: Lookup) {
        let mut lookups = self.script.lookups.lock().unwrap_or_else(PoisonError::into_inner);
        lookups.insert(address.to_owned(), answer);
    }

    /// The feed says `event`.
    ///
    /// # Panics
    ///
    /// When the source is gone.
    pub async fn say(&self, event: FeedEvent) {
        self.say.send(event).await.expect("the fake source is still there");
    }

    /// The feed is live in generation `epoch`.
    pub async fn live(&self, epoch: u64) {
        self.say(FeedEvent::Live { epoch }).await;
    }

    /// The feed is lost.
    pub async fn lost(&self) {
        self.say(FeedEvent::Lost { why: "scripted".to_owned() }).await;
    }

    /// The person has this status, as part of a snapshot of generation `epoch`.
    pub async fn snapshot(&self, person: &PersonId, epoch: u64, status: &str) {
        self.say(observed(person, epoch, Kind::Snapshot, None, status)).await;
    }

    /// The person's status changed at `time`, says generation `epoch`.
    pub async fn delta(&self, person: &PersonId, epoch: u64, time: Time, status: &str) {
        self.say(observed(person, epoch, Kind::Delta, Some(time), status)).await;
    }

    /// Waits until the list of watched people is as wanted.
    ///
    /// # Panics
    ///
    /// When that does not happen within `patience`; the message shows the list.
    pub async fn watches(&mut self, patience: Duration, wanted: impl Fn(&[PersonId]) -> bool) {
        let came = timeout(patience, self.watched.wait_for(|list| wanted(list))).await;
        let came = came.is_ok_and(|came| came.is_ok());
        assert!(came, "the list never was as wanted: {:?}", self.watched.borrow());
    }
}

fn observed(
    person: &PersonId,
    epoch: u64,
    kind: Kind,
    source_time: Option<Time>,
    status: &str,
) -> FeedEvent {
    let observation = Observation {
        device: None,
        epoch,
        version: Version::new(),
        source_time,
        kind,
        facts: Some(Facts::new().with("status", status)),
    };
    FeedEvent::Observed { person: person.clone(), observation }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_says_what_the_script_says_and_shows_whom_it_watches() {
        let (fake, mut hand) = scripted();
        let person = PersonId::new("p");
        hand.knows("a@example.com", Lookup::Person(person.clone()));
        assert_eq!(fake.person("a@example.com").await.unwrap(), Some(person.clone()));
        let (people, list) = watch::channel(Arc::from([]));
        let (events_in, mut events) = mpsc::channel(8);
        let stop = CancellationToken::new();
        let story = async {
            hand.snapshot(&person, 1, "active").await;
            hand.live(1).await;
            assert!(matches!(events.recv().await, Some(FeedEvent::Observed { .. })));
            assert_eq!(events.recv().await, Some(FeedEvent::Live { epoch: 1 }));
            people.send_replace([person.clone()].into());
            hand.watches(Duration::from_secs(5), |list| list.len() == 1).await;
            stop.cancel();
        };
        tokio::join!(fake.watch(list, events_in, stop.clone()), story);
    }

    #[tokio::test]
    #[should_panic(expected = "nobody said who b@example.com is")]
    async fn a_question_nobody_foresaw_fails_the_test() {
        let (fake, _hand) = scripted();
        let _ = fake.person("b@example.com").await;
    }
}
