//! Busy at once, free after a pause (law 3).

use super::*;

fn on_call() -> Wanted {
    Wanted::not_ready("On Call")
}

/// S1-27: a hand-off between devices within the window is never seen as free.
#[test]
fn s1_27_a_hand_off_within_300_ms_is_never_free() {
    let mut desk = Desk::devices();
    assert_eq!(desk.wants(on_device("a", "onCall")), Some(on_call()));
    assert_eq!(desk.wants(on_device("a", "available")), None);
    assert_eq!(desk.pass(300), None);
    assert_eq!(desk.wants(on_device("b", "onCall")), None, "wanted already");
    assert_eq!(desk.pass(10_000), None);
}

/// S1-27: one that takes 700 ms is.
#[test]
fn s1_27_a_hand_off_that_takes_700_ms_is_free_in_between() {
    let mut desk = Desk::devices();
    desk.tell(on_device("a", "onCall"));
    desk.tell(on_device("a", "available"));
    let want = desk.pass(700).expect("free after the pause");
    assert_eq!(want.wanted, Wanted::Free);
    assert_eq!(desk.wants(on_device("b", "onCall")), Some(on_call()));
}

/// S1-28: the window is fixed: a stream of free statements does not push it out.
#[test]
fn s1_28_the_window_is_fixed() {
    let mut desk = Desk::webex();
    desk.tell(says("dnd"));
    desk.tell(says("active"));
    for turn in 0..4 {
        assert_eq!(desk.pass(100), None, "{turn}");
        desk.tell(says(if turn % 2 == 0 { "inactive" } else { "active" }));
    }
    assert_eq!(desk.pass(99), None);
    assert_eq!(desk.pass(1).map(|want| want.wanted), Some(Wanted::Free));
}

/// S1-29: busier is wanted at once, in the step that told it.
#[test]
fn s1_29_busy_waits_for_nothing() {
    let mut desk = Desk::webex();
    desk.tell(says("active"));
    desk.pass(1_000);
    assert_eq!(desk.wants(says("dnd")), Some(Wanted::not_ready("Webex DND")));
    assert_eq!(desk.wants(says("call")), Some(Wanted::not_ready("Webex Call")));
}

/// Law 3: cancelled by anything busy, and then the pause begins anew.
#[test]
fn a_cancelled_free_waits_the_whole_pause_again() {
    let mut desk = Desk::webex();
    desk.tell(says("dnd"));
    desk.tell(says("active"));
    desk.pass(400);
    desk.tell(says("dnd"));
    desk.tell(says("active"));
    assert_eq!(desk.pass(499), None);
    assert_eq!(desk.pass(1).map(|want| want.wanted), Some(Wanted::Free));
}

/// From free to free there is nothing to wait for, and `since` is the source's own time.
#[test]
fn free_again_is_told_at_once_with_the_sources_time() {
    let mut desk = Desk::webex();
    desk.tell(at(1, says("active")));
    desk.pass(500);
    let outputs = desk.tell(at(77, says("inactive")));
    let [PresenceOutput::Want(want)] = outputs.as_slice() else { panic!("{outputs:?}") };
    assert_eq!((want.since, want.at), (Time::from_millis(77), desk.now));
}

/// Every want has a number of its own, and it grows.
#[test]
fn wants_are_numbered() {
    let mut desk = Desk::webex();
    let mut last = 0;
    for status in ["dnd", "call", "meeting", "dnd"] {
        let outputs = desk.tell(says(status));
        let [PresenceOutput::Want(want)] = outputs.as_slice() else { panic!("{outputs:?}") };
        assert!(want.seq > last);
        last = want.seq;
    }
}

/// No window, no waiting: a hold-down of nothing.
#[test]
fn a_hold_down_of_nothing_is_at_once() {
    let mut desk = Desk::webex();
    desk.settings.hold_down = Duration::ZERO;
    desk.tell(says("dnd"));
    assert_eq!(desk.wants(says("active")), Some(Wanted::Free));
}
