//! What is newer: the order of arrival never matters.

use proptest::prelude::*;

use super::*;

/// S1-12: a stale Available that arrives after On Call does not flip the agent.
#[test]
fn s1_12_a_stale_available_after_on_call_is_dropped() {
    let mut desk = Desk::devices();
    desk.tell(at(1_000, says("available")));
    desk.pass(600);
    assert_eq!(desk.wants(at(3_000, says("onCall"))), Some(Wanted::not_ready("On Call")));
    assert_eq!(desk.anomaly(at(2_000, says("available"))), Some(Anomaly::Stale));
    assert_eq!(desk.pass(5_000), None);
    assert_eq!(desk.status(), Some("onCall"));
}

/// S1-30: what is known already is told as such.
#[test]
fn s1_30_a_duplicate_is_told_and_changes_nothing() {
    let mut desk = Desk::webex();
    desk.tell(counted(4, at(9, says("dnd"))));
    assert_eq!(desk.anomaly(counted(4, at(9, says("dnd")))), Some(Anomaly::Duplicate));
}

/// S3-17: the source's counters come before its clock.
#[test]
fn s3_17_counters_beat_clocks() {
    let mut desk = Desk::webex();
    desk.tell(counted(7, at(5_000, says("dnd"))));
    assert_eq!(desk.anomaly(counted(6, at(9_000, says("active")))), Some(Anomaly::Stale));
    assert_eq!(desk.anomaly(counted(8, at(1_000, says("call")))), None);
    assert_eq!(desk.status(), Some("call"));
}

/// Counters of several places: neither has seen all of the other, so that the clock decides.
#[test]
fn counters_that_cannot_be_compared_leave_it_to_the_clock() {
    let places = |east, west| Version::from([("east".to_owned(), east), ("west".to_owned(), west)]);
    let mut desk = Desk::webex();
    desk.tell(Observation { version: places(2, 1), ..at(5_000, says("dnd")) });
    let older = Observation { version: places(1, 2), ..at(4_000, says("active")) };
    assert_eq!(desk.anomaly(older), Some(Anomaly::Stale));
    let newer = Observation { version: places(1, 2), ..at(6_000, says("call")) };
    assert_eq!(desk.anomaly(newer), None);
}

/// S1-11: of statements of one instant the busier one stands, whichever comes first.
#[test]
fn s1_11_an_equal_stamp_has_one_outcome() {
    for order in [["dnd", "active"], ["active", "dnd"]] {
        let mut desk = Desk::webex();
        for status in order {
            desk.tell(at(1_000, says(status)));
        }
        assert_eq!(desk.status(), Some("dnd"));
    }
}

/// S1-25: the snapshot replaces what is known, but not a change that is newer than itself.
#[test]
fn s1_25_a_delta_newer_than_the_snapshot_survives_it() {
    let old = counted(1, at(1_000, says("dnd")));
    let told = snapshot(2, counted(2, at(2_000, says("active"))));
    let delta = Observation { epoch: 2, ..counted(3, at(3_000, says("call"))) };
    for order in [[&old, &told, &delta], [&old, &delta, &told]] {
        let mut desk = Desk::webex();
        for observation in order {
            desk.tell(observation.clone());
        }
        assert_eq!(desk.status(), Some("call"));
    }
}

/// S1-25: a change that was buffered over the reconnect and is older than what is known.
#[test]
fn a_delta_of_the_new_connection_may_still_be_old() {
    let mut desk = Desk::webex();
    desk.tell(counted(5, says("dnd")));
    let buffered = Observation { epoch: 2, ..counted(4, says("active")) };
    assert_eq!(desk.anomaly(buffered), Some(Anomaly::Stale));
    desk.tell(snapshot(2, counted(1, says("active"))));
    assert_eq!(desk.status(), Some("active"), "the snapshot settles it");
}

/// S1-26: a snapshot of the past cannot bring back who is gone; a later word can.
#[test]
fn s1_26_who_is_gone_comes_back_with_a_later_word_only() {
    let mut desk = Desk::webex();
    desk.tell(at(1_000, says("active")));
    desk.tell(Observation { facts: None, ..at(2_000, says("")) });
    assert_eq!(desk.anomaly(at(1_500, says("dnd"))), Some(Anomaly::Stale));
    assert_eq!(desk.wants(at(2_500, says("dnd"))), Some(Wanted::not_ready("Webex DND")));
}

/// S3-18: a source that restarts counts from one again; its snapshot must not be taken for old.
#[test]
fn s3_18_a_new_epoch_resets_the_comparison() {
    let mut desk = Desk::webex();
    desk.tell(counted(900, at(9_000, says("dnd"))));
    assert_eq!(desk.anomaly(counted(1, at(1_000, says("active")))), Some(Anomaly::Stale));
    assert_eq!(desk.anomaly(snapshot(2, counted(1, at(1_000, says("active"))))), None);
    assert_eq!(desk.anomaly(counted(901, at(9_001, says("dnd")))), Some(Anomaly::Stale));
    assert_eq!(desk.status(), Some("active"), "the old connection has no say any more");
}

/// S3-19: five minutes ahead, five behind: our own clock is never compared with the source's.
#[test]
fn s3_19_a_skewed_source_clock_freezes_nothing() {
    for skew in [-300_000, 0, 300_000] {
        let mut desk = Desk::webex();
        for status in ["dnd", "active", "call", "active", "meeting"] {
            let stamped = desk.now.shifted(skew);
            let observation = Observation { source_time: Some(stamped), ..says(status) };
            assert_eq!(desk.anomaly(observation), None, "skew {skew}");
            desk.pass(1_000);
        }
        assert_eq!(desk.status(), Some("meeting"));
    }
}

/// S3-19: a clock that is set back freezes the row until the next snapshot at the latest.
#[test]
fn s3_19_a_clock_that_is_set_back_is_mended_by_the_next_snapshot() {
    let mut desk = Desk::webex();
    desk.tell(at(1_300_000, says("dnd")));
    assert_eq!(desk.anomaly(at(1_000_000, says("active"))), Some(Anomaly::Stale));
    assert_eq!(desk.anomaly(snapshot(2, at(1_000_500, says("active")))), None);
    assert_eq!(desk.anomaly(Observation { epoch: 2, ..at(1_001_000, says("call")) }), None);
    assert_eq!(desk.status(), Some("call"));
}

/// Without counters and clocks the last to arrive wins.
#[test]
fn without_stamps_the_last_word_stands() {
    let mut desk = Desk::webex();
    for status in ["dnd", "active", "call"] {
        desk.tell(says(status));
    }
    assert_eq!(desk.status(), Some("call"));
}

/// A history of a few devices, each counting its own statements, some of one instant.
fn history() -> impl Strategy<Value = Vec<Observation>> {
    let words = ["onCall", "wrapUp", "notReady", "available", "offline"];
    let one = (0usize..3, 0u64..6, 0usize..5, any::<bool>());
    let one = one.prop_map(move |(device, count, word, has_version)| {
        let told = at(count, on_device(["a", "b", "c"][device], words[word]));
        if has_version { counted(count, told) } else { told }
    });
    prop::collection::vec(one, 1..12)
}

proptest! {
    /// S1-11, S3-17: any permutation with any duplicates ends with the same facts.
    #[test]
    fn s1_11_the_order_of_arrival_never_matters(
        history in history(),
        keys in prop::collection::vec(any::<u32>(), 24),
    ) {
        let mut shuffled: Vec<_> = history.iter().chain(&history).cloned().zip(keys).collect();
        shuffled.sort_by_key(|(_, key)| *key);
        let (mut straight, mut mixed) = (Desk::devices(), Desk::devices());
        for observation in &history {
            straight.tell(observation.clone());
        }
        for (observation, _) in shuffled {
            mixed.tell(observation);
        }
        prop_assert_eq!(straight.person.facts(), mixed.person.facts());
    }
}
