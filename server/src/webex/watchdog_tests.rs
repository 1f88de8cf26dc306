use lockstep_core::presence::{Facts, Version};

use super::*;

const S: Duration = Duration::from_secs(1);
const WINDOW: Duration = Duration::from_mins(10);

fn said(person: u32, status: &str, version: u64) -> Composition {
    Composition {
        person: PersonId::new(format!("p{person}")),
        facts: Facts::new().with("status", status),
        source_time: None,
        version: if version == 0 { Version::new() } else { [("dc".to_owned(), version)].into() },
    }
}

fn watchdog() -> Watchdog {
    Watchdog::new(10 * S, WINDOW)
}

#[test]
fn a_change_that_no_event_told_is_missed_after_the_grace() {
    let (mut dog, now) = (watchdog(), Instant::now());
    dog.read(&said(1, "active", 1), now);
    assert_eq!(dog.next(), None, "the first reading is not a change");
    dog.read(&said(1, "active", 2), now + 300 * S);
    assert_eq!(dog.next(), None, "nothing changed that anybody would have to be told");
    dog.read(&said(1, "dnd", 3), now + 600 * S);
    assert_eq!(dog.next(), Some(now + 610 * S));
    assert!(dog.due(now + 609 * S).is_empty());
    assert_eq!(dog.due(now + 610 * S), [PersonId::new("p1")]);
    assert_eq!(dog.deaf(), None, "one is bad luck");
    dog.read(&said(1, "dnd", 3), now + 900 * S);
    assert_eq!(dog.next(), None, "told once");
}

/// S0-23: the reading and the event that says the same may come in either order.
#[test]
fn an_event_that_races_with_the_reading_is_not_missed() {
    let (mut dog, now) = (watchdog(), Instant::now());
    dog.read(&said(1, "active", 1), now);
    dog.read(&said(1, "dnd", 2), now + 300 * S);
    dog.heard(&said(1, "dnd", 2), now + 309 * S);
    assert!(dog.due(now + 400 * S).is_empty());
    // The reading was made before the event and arrives after it.
    dog.heard(&said(1, "active", 3), now + 600 * S);
    dog.read(&said(1, "dnd", 2), now + 600 * S);
    dog.read(&said(1, "active", 3), now + 900 * S);
    assert_eq!(dog.next(), None);
}

#[test]
fn a_suspect_who_is_cleared_and_suspected_again_gets_the_whole_grace_again() {
    let (mut dog, now) = (watchdog(), Instant::now());
    dog.read(&said(1, "active", 1), now);
    dog.read(&said(1, "dnd", 2), now);
    dog.heard(&said(1, "dnd", 2), now + 2 * S);
    dog.read(&said(1, "call", 3), now + 4 * S);
    assert!(dog.due(now + 10 * S).is_empty());
    assert_eq!(dog.due(now + 14 * S), [PersonId::new("p1")]);
    assert_eq!(dog.next(), None);
}

#[test]
fn without_counters_a_reading_right_after_an_event_proves_nothing() {
    let (mut dog, now) = (watchdog(), Instant::now());
    dog.read(&said(1, "active", 0), now);
    dog.heard(&said(1, "dnd", 0), now + 300 * S);
    dog.read(&said(1, "active", 0), now + 301 * S);
    assert_eq!(dog.next(), None);
    dog.read(&said(1, "active", 0), now + 600 * S);
    assert_eq!(dog.next(), Some(now + 610 * S));
}

#[test]
fn a_late_event_of_the_past_hides_nothing() {
    let (mut dog, now) = (watchdog(), Instant::now());
    dog.read(&said(1, "active", 5), now);
    dog.heard(&said(1, "dnd", 4), now + S);
    dog.read(&said(1, "active", 5), now + 300 * S);
    assert_eq!(dog.next(), None, "the reading says what was known before");
}

#[test]
fn what_follows_a_known_gap_does_not_count() {
    let (mut dog, now) = (watchdog(), Instant::now());
    dog.read(&said(1, "active", 1), now);
    dog.read(&said(2, "active", 1), now);
    dog.read(&said(2, "dnd", 2), now + S);
    dog.excuse();
    dog.read(&said(1, "dnd", 2), now + 2 * S);
    assert_eq!(dog.next(), None);
    dog.read(&said(1, "active", 3), now + 300 * S);
    assert_eq!(dog.next(), Some(now + 310 * S), "excused once");
}

#[test]
fn more_than_a_few_missed_within_the_window_are_deafness() {
    let (mut dog, now) = (watchdog(), Instant::now());
    for person in 0..5 {
        dog.read(&said(person, "active", 1), now);
    }
    for person in 0..3 {
        dog.read(&said(person, "dnd", 2), now);
    }
    assert_eq!(dog.due(now + 10 * S).len(), 3);
    assert_eq!(dog.deaf(), None);
    dog.read(&said(3, "dnd", 2), now + WINDOW);
    assert_eq!(dog.due(now + WINDOW + 10 * S).len(), 1);
    assert_eq!(dog.deaf(), None, "the others are long ago");
    for person in 0..3 {
        dog.read(&said(person, "active", 3), now + WINDOW);
    }
    dog.due(now + WINDOW + 10 * S);
    assert_eq!(dog.deaf(), Some(4));
}

#[test]
fn of_a_thousand_people_one_in_a_hundred_may_be_missed_and_memory_stays_bounded() {
    let (mut dog, now) = (watchdog(), Instant::now());
    for person in 0..1_000 {
        dog.read(&said(person, "active", 1), now);
    }
    for person in 0..1_000 {
        dog.read(&said(person, "dnd", 2), now + S);
        if person < 10 {
            dog.due(now + 11 * S);
            assert_eq!(dog.deaf(), None, "{person}");
        }
    }
    assert_eq!(dog.due(now + 11 * S).len(), 990);
    assert_eq!((dog.deaf(), dog.missed.len()), (Some(11), 11));
    dog.retain(|person| person.as_str() == "p1");
    assert_eq!(dog.marks.len(), 1);
}
