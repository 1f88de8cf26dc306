use std::collections::BTreeSet;
use std::time::Duration;

use lockstep_core::PersonId;
use serde_json::Value;
use tokio::time::Instant;

use super::{assert_bounded, assert_tellable, written};
use crate::webex::composition::Composition;
use crate::webex::entry::{LEAST, Outcome, Pace};
use crate::webex::presence::{BATCH, Item, items, statuses};
use crate::webex::subscriptions::{Book, Task};

/// As in a default configuration.
const PACE: Pace = Pace {
    ttl: Duration::from_mins(10),
    reconcile_every: Duration::from_mins(5),
    refused_retry: Duration::from_mins(5),
};
/// Times that the same answer comes again.
const ROUNDS: usize = 4;
/// People watched at most; two batches and a rest.
const PEOPLE: usize = 2 * BATCH + 3;

/// The answer to a subscription or to a reading, given to a book of the people it names.
///
/// It never makes the book ask without end or at once again, and speaks of nobody who was not
/// asked for.
pub fn replies(bytes: &[u8]) {
    let Ok(reply) = serde_json::from_slice::<Value>(bytes) else { return };
    let (items, statuses) = (items(&reply), statuses(&reply));
    for item in &items {
        assert!(item.message.chars().count() <= 200);
        assert!(!item.message.contains(char::is_control));
        item.status.iter().for_each(assert_bounded);
    }
    for status in &statuses {
        assert_bounded(status);
        assert_eq!(Composition::read(&written(status)).as_ref(), Some(status), "written again");
    }
    let named = items.iter().map(|item| &item.person);
    let named = named.chain(statuses.iter().map(|status| &status.person)).take(PEOPLE).cloned();
    let people: BTreeSet<PersonId> = named.chain([PersonId::new("nobody")]).collect();
    let people: Vec<PersonId> = people.into_iter().collect();
    let (mut book, mut now) = (Book::new(PACE), Instant::now());
    book.set_people(&people, now);
    for _ in 0..ROUNDS {
        if book.lapsed(now) {
            return; // a life shorter than the pace of renewals ends the connection
        }
        answer_all(&mut book, &people, &items, &statuses, now);
        assert!(book.complete(), "everybody was asked for, with an answer");
        let wake = book.wake().expect("there are people to renew");
        assert!(wake > now, "nothing is due at once after an answer");
        now = wake;
    }
}

/// Answers every request that is due now, always the same.
fn answer_all(
    book: &mut Book,
    people: &[PersonId],
    items: &[Item],
    statuses: &[Composition],
    now: Instant,
) {
    // Each is subscribed once, and read at most once for that.
    let most = 2 * people.len() + 2;
    for _ in 0..most {
        let (batch, outcomes) = match book.take(now) {
            None => return,
            Some(Task::Subscribe(batch)) => {
                let outcomes = book.subscribed(&batch, items.to_vec(), now, |span| span);
                (batch, outcomes)
            }
            Some(Task::Read(batch)) => {
                let outcomes = book.read(&batch, statuses.to_vec(), now);
                (batch, outcomes)
            }
            Some(Task::Unsubscribe(_)) => panic!("nobody left"),
        };
        assert!(!batch.is_empty() && batch.len() <= BATCH);
        for outcome in outcomes {
            let person = match &outcome {
                Outcome::Status(composition) => &composition.person,
                Outcome::Gone(person) => person,
                Outcome::Refused(person, why) => {
                    assert_tellable(why, "\0");
                    person
                }
            };
            assert!(people.contains(person), "{outcome:?} is of a stranger");
        }
    }
    panic!("more than {most} requests for {} people within {LEAST:?}", people.len());
}
