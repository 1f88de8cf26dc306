use lockstep_core::presence::{Facts, Version};

use super::*;
use crate::webex::entry::PUZZLED;

const S: Duration = Duration::from_secs(1);
const PACE: Pace = Pace {
    ttl: Duration::from_mins(10),
    reconcile_every: Duration::from_mins(5),
    refused_retry: Duration::from_mins(10),
};

fn people(range: std::ops::Range<u32>) -> Vec<PersonId> {
    range.map(|number| PersonId::new(format!("p{number:04}"))).collect()
}

fn status(person: &PersonId) -> Composition {
    let facts = Facts::new().with("status", "active");
    Composition { person: person.clone(), facts, source_time: None, version: Version::new() }
}

fn item(person: &PersonId, code: u16) -> Item {
    let status = (code == 200).then(|| status(person));
    let (message, retry, evicted) = (String::new(), None, None);
    Item { person: person.clone(), code, ttl: None, status, message, retry, evicted }
}

fn book(people: &[PersonId], now: Instant) -> Book {
    let mut book = Book::new(PACE);
    book.set_people(people, now);
    book
}

fn subscribe_all(book: &mut Book, now: Instant) -> usize {
    let mut requests = 0;
    while let Some(Task::Subscribe(batch)) = book.take(now) {
        let items = batch.iter().map(|person| item(person, 200)).collect();
        assert_eq!(book.subscribed(&batch, items, now, |whole| whole).len(), batch.len());
        requests += 1;
    }
    requests
}

#[test]
fn a_hundred_and_twenty_people_are_three_requests_renewed_at_half_their_life() {
    let now = Instant::now();
    let mut book = book(&people(0..120), now);
    assert!(!book.complete());
    assert_eq!(subscribe_all(&mut book, now), 3);
    assert!(book.complete());
    assert_eq!(book.wake(), Some(now + 300 * S));
    assert_eq!(book.take(now + 299 * S), None);
    assert_eq!(subscribe_all(&mut book, now + 300 * S), 3);
}

#[test]
fn a_shorter_grant_is_honoured() {
    let now = Instant::now();
    let list = people(0..1);
    let mut book = book(&list, now);
    book.take(now);
    let granted = Item { ttl: Some(60 * S), ..item(&list[0], 200) };
    book.subscribed(&list, vec![granted], now, |whole| whole);
    assert_eq!(book.wake(), Some(now + 30 * S));
    assert!(!book.lapsed(now + 59 * S));
    assert!(book.lapsed(now + 60 * S));
}

#[test]
fn who_has_no_status_in_the_reply_is_read_and_who_has_none_at_all_is_gone() {
    let now = Instant::now();
    let list = people(0..3);
    let mut book = book(&list, now);
    book.take(now);
    let items = vec![Item { status: None, ..item(&list[0], 200) }, item(&list[2], 200)];
    let outcomes = book.subscribed(&list, items, now, |whole| whole);
    assert_eq!(outcomes, [Outcome::Status(status(&list[2]))]);
    assert!(!book.complete());
    assert_eq!(book.take(now), Some(Task::Read(list[..2].to_vec())));
    let outcomes = book.read(&list[..2], vec![status(&list[0])], now);
    assert_eq!(outcomes[0], Outcome::Status(status(&list[0])));
    assert_eq!(outcomes[1], Outcome::Gone(list[1].clone()));
    assert!(matches!(&outcomes[2], Outcome::Refused(person, _) if *person == list[1]));
    assert!(book.complete());
    assert_eq!(book.wake(), Some(now + PUZZLED));
    // Tried again and again, and told no second time: the row stays stale.
    for round in 1..=3 {
        let now = now + round * PUZZLED;
        assert_eq!(book.take(now), Some(Task::Subscribe(list[1..2].to_vec())));
        assert!(book.subscribed(&list[1..2], vec![], now, |whole| whole).is_empty());
        assert_eq!(book.take(now), Some(Task::Read(list[1..2].to_vec())));
        assert!(book.read(&list[1..2], vec![], now).is_empty());
    }
}

#[test]
fn who_is_left_out_but_can_be_read_is_read_every_minute() {
    let now = Instant::now();
    let list = people(0..1);
    let mut book = book(&list, now);
    for round in 0..3 {
        let now = now + round * PUZZLED;
        assert_eq!(book.take(now), Some(Task::Subscribe(list.clone())));
        assert!(book.subscribed(&list, vec![], now, |whole| whole).is_empty());
        assert_eq!(book.take(now), Some(Task::Read(list.clone())));
        let outcomes = book.read(&list, vec![status(&list[0])], now);
        let told = usize::from(round == 0);
        assert_eq!(outcomes.len(), 1 + told, "{outcomes:?}");
        assert_eq!(outcomes[told], Outcome::Status(status(&list[0])));
    }
}

#[test]
fn a_refusal_is_reported_once_and_tried_again_rarely() {
    let now = Instant::now();
    let list = people(0..1);
    let mut book = book(&list, now);
    for (round, expected) in [(0, 1), (1, 0), (2, 0)] {
        let now = now + round * 600 * S;
        assert_eq!(book.take(now), Some(Task::Subscribe(list.clone())));
        let outcomes = book.subscribed(&list, vec![item(&list[0], 403)], now, |whole| whole);
        assert_eq!(outcomes.len(), expected);
        assert!(book.complete());
        book.resync(now + S);
        assert_eq!(book.take(now + 599 * S), None);
    }
}

#[test]
fn no_more_subscriptions_waits_as_told_reads_meanwhile_and_marks_who_was_evicted() {
    let now = Instant::now();
    let list = people(0..2);
    let mut book = book(&list, now);
    book.take(now);
    let full = Item { retry: Some(30 * S), evicted: Some(list[1].clone()), ..item(&list[0], 409) };
    let outcomes = book.subscribed(&list, vec![full, item(&list[1], 200)], now, |whole| whole);
    assert_eq!(outcomes.len(), 3, "{outcomes:?}");
    assert_eq!(book.counts(), (0, 2));
    // The evicted one is not pushed any more, and read too.
    assert_eq!(book.take(now), Some(Task::Read(list.clone())));
    book.read(&list, list.iter().map(status).collect(), now);
    assert_eq!(book.wake(), Some(now + 30 * S));
}

#[test]
fn who_must_wait_long_for_a_subscription_is_read_every_minute_meanwhile() {
    let now = Instant::now();
    let list = people(0..1);
    let mut book = book(&list, now);
    book.take(now);
    let full = Item { retry: Some(600 * S), ..item(&list[0], 409) };
    book.subscribed(&list, vec![full], now, |whole| whole);
    for minute in 0..10 {
        assert_eq!(book.take(now + minute * PUZZLED), Some(Task::Read(list.clone())), "{minute}");
        book.read(&list, vec![status(&list[0])], now + minute * PUZZLED);
        assert_eq!(book.take(now + minute * PUZZLED + 59 * S), None);
    }
    assert_eq!(book.take(now + 600 * S), Some(Task::Subscribe(list)));
}

#[test]
fn every_refusal_honours_its_own_retry_within_bounds() {
    for (retry, wait) in [(Some(40), 40), (Some(0), 5), (Some(90_000), 3_600), (None, 600)] {
        for code in [401, 403] {
            let now = Instant::now();
            let list = people(0..1);
            let mut book = book(&list, now);
            book.take(now);
            let denied = Item { retry: retry.map(Duration::from_secs), ..item(&list[0], code) };
            book.subscribed(&list, vec![denied], now, |whole| whole);
            assert_eq!(book.wake(), Some(now + wait * S), "{code} {retry:?}");
        }
    }
}

#[test]
fn a_grant_too_short_to_be_renewed_in_time_is_no_loss() {
    let now = Instant::now();
    let list = people(0..1);
    let mut book = book(&list, now);
    book.take(now);
    let granted = Item { ttl: Some(S), ..item(&list[0], 200) };
    book.subscribed(&list, vec![granted], now, |whole| whole);
    assert_eq!(book.wake(), Some(now + 5 * S));
    assert!(!book.lapsed(now + 9 * S));
}

#[test]
fn people_come_and_go_without_overtaking_themselves() {
    let now = Instant::now();
    let list = people(0..2);
    let mut book = book(&list, now);
    subscribe_all(&mut book, now);
    book.set_people(&list[1..], now);
    assert!(!book.watches(&list[0]));
    assert_eq!(book.take(now), Some(Task::Unsubscribe(list[..1].to_vec())));
    book.set_people(&list, now);
    assert_eq!(book.take(now), None, "not before the other request is over");
    book.unsubscribed();
    assert_eq!(book.take(now), Some(Task::Subscribe(list[..1].to_vec())));
}

#[test]
fn who_leaves_while_the_request_is_under_way_is_unsubscribed_after_it() {
    let now = Instant::now();
    let list = people(0..2);
    let mut book = book(&list, now);
    book.take(now);
    book.set_people(&list[..1], now);
    assert_eq!(book.take(now), None, "the two must not overtake each other");
    let items = vec![item(&list[0], 200), item(&list[1], 200)];
    assert_eq!(book.subscribed(&list, items, now, |whole| whole).len(), 1);
    assert_eq!(book.take(now), Some(Task::Unsubscribe(list[1..].to_vec())));
}

#[test]
fn who_comes_back_before_leaving_was_said_just_stays() {
    let now = Instant::now();
    let list = people(0..2);
    let mut book = book(&list, now);
    subscribe_all(&mut book, now);
    book.set_people(&[], now);
    book.set_people(&list, now);
    assert_eq!(book.take(now), Some(Task::Subscribe(list)));
}

#[test]
fn a_gap_while_a_request_is_under_way_asks_once_more() {
    let now = Instant::now();
    let list = people(0..1);
    let mut book = book(&list, now);
    book.take(now);
    book.resync(now);
    book.subscribed(&list, vec![item(&list[0], 200)], now, |whole| whole);
    assert_eq!(book.take(now), Some(Task::Subscribe(list.clone())));
    book.subscribed(&list, vec![item(&list[0], 200)], now, |whole| whole);
    assert_eq!(book.take(now), None);
}

#[test]
fn one_bad_person_does_not_block_the_others_and_costs_few_requests() {
    let now = Instant::now();
    let list = people(0..50);
    let bad = &list[17];
    let mut book = book(&list, now);
    let mut requests = 0;
    while let Some(Task::Subscribe(batch)) = book.take(now) {
        requests += 1;
        if !batch.contains(bad) {
            let items = batch.iter().map(|person| item(person, 200)).collect();
            book.subscribed(&batch, items, now, |whole| whole);
        } else if book.subscribe_rejected(&batch, "400", now).len() == 1 {
            assert_eq!(batch, std::slice::from_ref(bad));
        }
    }
    assert!(book.complete());
    assert_eq!(book.counts(), (49, 1));
    assert!(requests <= 13, "{requests}");
    // Afterwards the others are together again.
    let Some(Task::Subscribe(batch)) = book.take(now + 300 * S) else { panic!("renewed") };
    assert_eq!(batch.len(), 49);
}

#[test]
fn somebody_whose_requests_always_fail_does_not_keep_the_others_from_being_live() {
    let mut now = Instant::now();
    let list = people(0..60);
    let bad = &list[50];
    let mut book = book(&list, now);
    let mut requests = 0;
    while !book.complete() {
        let Some(Task::Subscribe(batch)) = book.take(now) else {
            now += S;
            continue;
        };
        requests += 1;
        if batch.contains(bad) {
            book.subscribe_failed(&batch, "500", now + S);
        } else {
            let items = batch.iter().map(|person| item(person, 200)).collect();
            book.subscribed(&batch, items, now, |whole| whole);
        }
    }
    assert_eq!(book.counts(), (59, 1));
    assert!(requests < 40, "{requests}");
}

#[test]
fn while_everything_fails_requests_stay_whole() {
    let now = Instant::now();
    let list = people(0..50);
    let mut book = book(&list, now);
    for round in 0..40 {
        assert_eq!(book.take(now + round * S), Some(Task::Subscribe(list.clone())));
        assert!(book.subscribe_failed(&list, "500", now + (round + 1) * S).is_empty());
    }
}

#[test]
fn failed_requests_come_back_and_a_failed_reading_gives_up_in_words() {
    let now = Instant::now();
    let list = people(0..1);
    let mut book = book(&list, now);
    book.take(now);
    book.subscribe_failed(&list, "500", now + S);
    assert_eq!(book.take(now), None);
    assert!(book.take(now + S).is_some());
    book.subscribed(&list, vec![Item { status: None, ..item(&list[0], 200) }], now, |whole| whole);
    for round in 1..=3 {
        assert_eq!(book.take(now + round * S), Some(Task::Read(list.clone())));
        let outcomes = book.read_failed(&list, "500", now + round * S, S);
        assert_eq!(outcomes.len(), usize::from(round == 3));
    }
    assert!(book.complete());
}
