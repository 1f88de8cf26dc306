//! Losing the source is not presence (law 9).

use super::*;

fn losing(policy: LossPolicy, status: &str) -> Desk {
    let mut desk = Desk::webex();
    desk.settings.on_loss = policy;
    desk.tell(says(status));
    desk.pass(1_000);
    desk.person.lose_source(desk.now);
    desk
}

/// What is wanted a minute after the loss; not a moment earlier, and once.
fn after_a_minute(mut desk: Desk) -> Option<Wanted> {
    assert_eq!(desk.pass(59_999), None);
    let want = desk.pass(1);
    assert_eq!(desk.pass(600_000), None, "once");
    want.map(|want| want.wanted)
}

#[test]
fn each_policy_does_what_it_says() {
    let unavailable = Some(Wanted::not_ready("Webex Unavailable"));
    for (policy, status, wanted) in [
        (LossPolicy::Hold, "dnd", None),
        (LossPolicy::Hold, "active", None),
        (LossPolicy::Release, "dnd", Some(Wanted::Free)),
        (LossPolicy::Release, "calendarItem", Some(Wanted::Free)),
        (LossPolicy::Release, "active", None),
        (LossPolicy::NotReady, "dnd", None),
        (LossPolicy::NotReady, "calendarItem", unavailable.clone()),
        (LossPolicy::NotReady, "active", unavailable),
    ] {
        assert_eq!(after_a_minute(losing(policy, status)), wanted, "{policy:?} {status}");
    }
}

/// What stands for a loss is no presence, and the source's return ends it whatever it says.
#[test]
fn the_sources_return_ends_what_the_loss_wanted() {
    let mut desk = losing(LossPolicy::NotReady, "active");
    desk.pass(60_000);
    assert_eq!(desk.wants(snapshot(2, says("active"))), None, "free waits its pause");
    assert_eq!(desk.pass(500).map(|want| want.wanted), Some(Wanted::Free));

    let mut desk = losing(LossPolicy::Release, "dnd");
    desk.pass(60_000);
    assert_eq!(desk.wants(snapshot(2, says("dnd"))), Some(Wanted::not_ready("Webex DND")));
}

/// Law 9: a Free that waited when the feed went away is forgotten, and asks for no wake for ever.
#[test]
fn a_free_that_waited_is_forgotten() {
    for policy in [LossPolicy::Hold, LossPolicy::NotReady] {
        let mut desk = Desk::webex();
        desk.settings.on_loss = policy;
        desk.settings.hold_down = Duration::from_mins(1);
        desk.settings.loss_after = Duration::from_secs(1);
        desk.tell(says("dnd"));
        desk.tell(says("active"));
        desk.person.lose_source(desk.now);
        assert_eq!(desk.pass(600_000), None, "{policy:?}");
        desk.tell(snapshot(2, says("active")));
        assert_eq!(desk.pass(60_000).map(|want| want.wanted), Some(Wanted::Free));
    }
}

/// S1-20: stale after five seconds, not at five.
#[test]
fn s1_20_stale_after_five_seconds() {
    let mut desk = losing(LossPolicy::Hold, "active");
    for (ms, stale) in [(4_999, false), (1, false), (1, true)] {
        desk.pass(ms);
        assert_eq!(desk.person.is_stale(desk.now, &desk.settings), stale);
    }
    let lost_since = desk.person.lost_since().expect("lost");
    assert_eq!(desk.now.since(lost_since).as_millis(), 5_001);
    desk.tell(snapshot(2, says("active")));
    assert_eq!(
        (desk.person.lost_since(), desk.person.is_stale(desk.now, &desk.settings)),
        (None, false)
    );
}

/// A loss that is told twice began when it was told first.
#[test]
fn a_loss_begins_once() {
    let mut desk = losing(LossPolicy::Release, "dnd");
    desk.pass(59_000);
    desk.person.lose_source(desk.now);
    assert_eq!(desk.pass(1_000).map(|want| want.wanted), Some(Wanted::Free));
}

/// Never heard of at all: a hold from before the restart is released by that policy, too.
#[test]
fn a_source_that_never_spoke_may_be_lost() {
    let mut desk = Desk::webex();
    desk.settings.on_loss = LossPolicy::Release;
    desk.person.lose_source(desk.now);
    assert_eq!(desk.pass(60_000).map(|want| want.wanted), Some(Wanted::Free));
}

/// Law 6: what stands for a loss is no call, although a call was the last that was heard.
#[test]
fn a_loss_is_never_the_customers_call() {
    let mut desk = losing(LossPolicy::Release, "call");
    let want = desk.pass(60_000).expect("released");
    assert_eq!((want.wanted, want.may_be_contact_call), (Wanted::Free, false));
}
