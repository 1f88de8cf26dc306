//! Memory per person is constant (law 12).

use super::*;
use crate::presence::{MAX_COUNTERS, MAX_DEVICES, MAX_FACT_LENGTH, MAX_FACTS};

#[test]
fn facts_are_bounded_in_number_and_length() {
    let long = "ä".repeat(1_000);
    let mut facts = Facts::new();
    for number in 0..100 {
        facts = facts.with(&format!("{number:03}{long}"), &long);
    }
    assert_eq!(facts.iter().count(), MAX_FACTS);
    for (key, value) in facts.iter() {
        assert_eq!(
            (key.chars().count(), value.chars().count()),
            (MAX_FACT_LENGTH, MAX_FACT_LENGTH)
        );
    }
}

#[test]
fn a_known_fact_may_change_when_all_places_are_taken() {
    let mut facts: Facts =
        (0..MAX_FACTS).fold(Facts::new(), |all, n| all.with(&n.to_string(), "a"));
    facts = facts.with("0", "b").with("more", "c");
    assert_eq!((facts.get("0"), facts.get("more")), (Some("b"), None));
}

#[test]
fn devices_are_bounded() {
    let mut desk = Desk::devices();
    for number in 0..100 {
        desk.tell(on_device(&format!("{number}{}", "x".repeat(1_000)), "available"));
    }
    assert_eq!(desk.person.devices.len(), MAX_DEVICES);
    let names = desk.person.devices.iter().filter_map(|(name, _)| name.as_ref());
    assert!(names.into_iter().all(|name| name.chars().count() <= MAX_FACT_LENGTH));
    let one_more = on_device("one more", "available");
    assert_eq!(desk.anomaly(one_more), Some(Anomaly::TooManyDevices));
}

/// A call on a ninth device is not missed: the idlest of the others gives way.
#[test]
fn a_busier_device_finds_room() {
    let mut desk = Desk::devices();
    for number in 0..MAX_DEVICES {
        desk.tell(on_device(
            &number.to_string(),
            if number == 3 { "offline" } else { "available" },
        ));
    }
    assert_eq!(desk.wants(on_device("new", "onCall")), Some(Wanted::not_ready("On Call")));
    assert_eq!(desk.person.devices.len(), MAX_DEVICES);
    let third = Some("3".to_owned());
    assert!(desk.person.devices.iter().all(|(name, _)| *name != third));
}

#[test]
fn too_many_counters_count_as_none() {
    let version: Version = (0..=MAX_COUNTERS).map(|n| (n.to_string(), 9)).collect();
    let mut desk = Desk::webex();
    desk.tell(Observation { version, ..at(1, says("dnd")) });
    assert!(desk.person.devices[0].1.version.is_empty());
    assert_eq!(desk.anomaly(counted(1, at(2, says("active")))), None, "the clock decides");
}

/// No step yields more than an anomaly and a want.
#[test]
fn a_step_yields_two_outputs_at_most() {
    let mut desk = Desk::devices();
    for (device, status) in [("a", "onCall"), ("b", "available"), ("a", "available")] {
        assert!(desk.tell(on_device(device, status)).len() <= 2);
        assert!(desk.tell(says("offline")).len() <= 2);
    }
}
