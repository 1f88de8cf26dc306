//! One person, several devices.

use super::*;

const WORDS: [&str; 5] = ["onCall", "wrapUp", "notReady", "available", "offline"];

/// S1-8: On Call > Wrap Up > Not Ready > Available > Offline, for every triple of devices.
#[test]
fn s1_8_the_composite_is_the_busiest_of_all_triples() {
    for a in 0..5 {
        for b in 0..5 {
            for c in 0..5 {
                let mut desk = Desk::devices();
                for (device, word) in [("desktop", a), ("mobile", b), ("phone", c)] {
                    desk.tell(on_device(device, WORDS[word]));
                }
                let busiest = WORDS[a.min(b).min(c)];
                assert_eq!(desk.status(), Some(busiest), "{} {} {}", WORDS[a], WORDS[b], WORDS[c]);
            }
        }
    }
}

/// S1-8: a word that the profile does not list ranks below all that it lists.
#[test]
fn an_unknown_word_ranks_last() {
    let mut desk = Desk::devices();
    desk.tell(on_device("desktop", "offline"));
    desk.tell(on_device("mobile", "levitating"));
    assert_eq!(desk.status(), Some("offline"));
}

/// S1-9: the source says available, a device is on a call: the device counts, and it is told.
#[test]
fn s1_9_the_computed_composite_overrides_the_told_one() {
    let mut desk = Desk::devices();
    assert_eq!(desk.wants(on_device("phone", "onCall")), Some(Wanted::not_ready("On Call")));
    assert_eq!(desk.anomaly(says("available")), Some(Anomaly::CompositeDiffers));
    assert_eq!(desk.status(), Some("onCall"));
    assert_eq!(desk.pass(10_000), None);
}

/// S1-9: they agree, so there is nothing to tell.
#[test]
fn an_equal_composite_is_no_anomaly() {
    let mut desk = Desk::devices();
    desk.tell(on_device("phone", "onCall"));
    assert_eq!(desk.anomaly(says("onCall")), None);
}

/// S1-13: one device goes offline while another is on a call.
#[test]
fn s1_13_one_device_does_not_speak_for_the_person() {
    let mut desk = Desk::devices();
    desk.tell(on_device("desktop", "onCall"));
    desk.tell(on_device("mobile", "available"));
    assert_eq!(desk.wants(on_device("mobile", "offline")), None);
    assert_eq!(desk.status(), Some("onCall"));
}

/// S1-10: fields that are missing are no obstacle: no stamp, no version, no device, no status.
#[test]
fn s1_10_an_observation_may_have_nothing_but_facts() {
    let mut desk = Desk::webex();
    assert_eq!(desk.wants(says("dnd")), Some(Wanted::not_ready("Webex DND")));
    let empty = Observation { facts: Some(Facts::new()), ..says("") };
    assert_eq!(desk.wants(empty), Some(Wanted::Ignore));
}

/// Equally busy devices: the later one gives the facts, and then the greater text.
#[test]
fn equally_busy_devices_are_told_apart_for_good() {
    let one = at(5, on_device("desktop", "onCall"));
    let mut other = at(7, on_device("mobile", "onCall"));
    other.facts = other.facts.map(|facts| facts.with("queue", "b"));
    for order in [[one.clone(), other.clone()], [other, one]] {
        let mut desk = Desk::devices();
        for observation in order {
            desk.tell(observation);
        }
        assert_eq!(desk.person.facts().unwrap().get("queue"), Some("b"));
    }
}

/// S1-26: who is gone from the source is left alone, neither free nor busy.
#[test]
fn s1_26_a_person_who_is_gone_is_left_alone() {
    let mut desk = Desk::webex();
    desk.tell(at(1, says("dnd")));
    let gone = Observation { facts: None, ..snapshot(2, at(2, says(""))) };
    assert_eq!(desk.wants(gone), Some(Wanted::Ignore));
    assert_eq!(desk.person.facts(), None);
}

/// Law 6: only a call may be the customer's call, and never one that stands for a lost feed.
#[test]
fn only_a_call_may_be_the_customers_call() {
    for (status, may) in [("call", true), ("CALL", true), ("meeting", false), ("dnd", false)] {
        let mut desk = Desk::webex();
        let outputs = desk.tell(says(status));
        let [PresenceOutput::Want(want)] = outputs.as_slice() else { panic!("{outputs:?}") };
        assert_eq!(want.may_be_contact_call, may, "{status}");
    }
}
