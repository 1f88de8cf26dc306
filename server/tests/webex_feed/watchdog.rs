//! A feed that lives and tells nothing: found by the reconcile (S0-21, S0-23), in simulated time.

use std::time::Duration;

use lockstep::webex::FeedEvent;
use lockstep_core::presence::Kind;
use tokio::time::Instant;
use webex_sim::{Config, Fault};

use crate::rig::{Rig, observed};

async fn eight_agents() -> Rig {
    let mut rig =
        Rig::simulated_with(Config { agents: 8, ..Config::default() }, |_| {}, |_| {}).await;
    rig.live().await;
    rig
}

fn agent(number: usize) -> String {
    format!("agent{}@example.com", 1000 + number)
}

#[tokio::test(start_paused = true)]
async fn many_changes_that_nobody_told_are_found_within_five_minutes_and_the_feed_is_made_anew() {
    let mut rig = eight_agents().await;
    rig.pass(Duration::from_mins(1)).await;
    rig.sim.inject(Fault::EventLost { person: None }).unwrap();
    for number in 1..=4 {
        rig.sim.set_presence(&agent(number), "dnd").unwrap();
    }
    let changed_at = Instant::now();
    let seen = rig.status(&agent(4), "dnd").await;
    assert_eq!(seen.kind, Kind::Snapshot);
    assert!(changed_at.elapsed() <= Duration::from_mins(5), "{:?}", changed_at.elapsed());
    let found_at = Instant::now();
    let why = rig.lost().await;
    assert!(why.contains("webex tells no changes: 4 people changed unheard"), "{why}");
    assert_eq!(found_at.elapsed().as_secs(), 10, "an event may be that late");
    let lost_at = Instant::now();
    rig.live().await;
    assert!(lost_at.elapsed() < Duration::from_secs(1), "{:?}", lost_at.elapsed());
    assert!(rig.sim.requests("wdm.refresh") > 0);
    // Deaf again: now a person is needed, and new connections get rarer.
    let mut ends = Vec::new();
    let began = Instant::now();
    for round in 0..12 * 12 {
        for number in 1..=4 {
            let status = if round % 2 == 0 { "active" } else { "dnd" };
            rig.sim.set_presence(&agent(number), status).unwrap();
        }
        let before = rig.losses();
        rig.pass(Duration::from_mins(5)).await;
        if rig.losses() > before {
            ends.push(began.elapsed().as_secs() / 60);
        }
    }
    let told = rig.seen.iter().filter(
        |event| matches!(event, FeedEvent::Lost { why } if why.contains("a person must cure this")),
    );
    assert_eq!(told.count(), ends.len(), "{:#?}", rig.seen);
    assert!((4..=6).contains(&ends.len()), "in twelve hours, at these minutes: {ends:?}");
    assert!(ends[1] - ends[0] < ends[3] - ends[2], "{ends:?}");
    let losses = rig.losses();
    rig.sim.clear_faults();
    rig.pass(Duration::from_hours(1)).await;
    assert_eq!(rig.losses(), losses);
    rig.finish().await;
}

#[tokio::test(start_paused = true)]
async fn subscriptions_that_webex_forgot_are_made_again_and_four_unheard_people_are_enough() {
    for (changed, losses) in [(3, 0), (4, 1)] {
        let mut rig = eight_agents().await;
        rig.pass(Duration::from_mins(1)).await;
        rig.sim.inject(Fault::SubscriptionsLost {}).unwrap();
        for number in 1..=changed {
            rig.sim.set_presence(&agent(number), "dnd").unwrap();
        }
        rig.pass(Duration::from_mins(6)).await;
        assert_eq!((rig.losses(), rig.sim.subscriptions()), (losses, 8), "{changed} changed");
        let told = rig.seen.iter().filter_map(observed).filter(|(_, observation)| {
            observation.facts.as_ref().and_then(|f| f.get("status")) == Some("dnd")
        });
        assert!(told.count() >= changed);
        rig.finish().await;
    }
}

#[tokio::test(start_paused = true)]
async fn events_that_come_a_little_late_or_twice_or_out_of_order_are_not_missed() {
    let mut rig = eight_agents().await;
    rig.sim.inject(Fault::EventDelayed { person: None, ms: 5_000 }).unwrap();
    let busy = ["dnd", "call", "meeting", "active"];
    for round in 0..400 {
        for number in 1..=8 {
            rig.sim.set_presence(&agent(number), busy[(round + number) % 4]).unwrap();
        }
        rig.pass(Duration::from_secs(9)).await;
    }
    assert_eq!(rig.losses(), 0, "an hour of changes, every reading in the middle of them");
    rig.sim.clear_faults();
    rig.sim.inject(Fault::EventReordered { person: None }).unwrap();
    rig.sim.inject(Fault::EventStale { person: None }).unwrap();
    for round in 0..100 {
        for number in 1..=8 {
            rig.sim.set_presence(&agent(number), busy[(round + number) % 4]).unwrap();
        }
        rig.pass(Duration::from_secs(31)).await;
    }
    assert_eq!(rig.losses(), 0);
    rig.finish().await;
}

#[tokio::test(start_paused = true)]
async fn what_a_known_gap_hid_is_no_sign_of_deafness() {
    let mut rig = eight_agents().await;
    rig.pass(Duration::from_mins(1)).await;
    rig.sim.inject(Fault::EventLost { person: None }).unwrap();
    for number in 1..=8 {
        rig.sim.set_presence(&agent(number), "dnd").unwrap();
    }
    rig.sim.clear_faults();
    rig.sim.inject_times(Fault::SequenceGap { size: 8 }, 1).unwrap();
    rig.status(&agent(8), "dnd").await;
    rig.pass(Duration::from_hours(1)).await;
    assert!(!rig.seen.iter().any(|event| matches!(event, FeedEvent::Lost { .. })));
    rig.finish().await;
}
