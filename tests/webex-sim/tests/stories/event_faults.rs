//! Events that are lost, doubled, late or out of order.

use webex_sim::Fault;

use crate::client::{World, address};

#[tokio::test]
async fn a_lost_event_never_comes_and_only_for_the_person_meant() {
    let world = World::new().await;
    let (_, mut mercury) = world.watching(&[1001, 1002]).await;
    world.sim.inject(Fault::EventLost { person: Some(address(1001)) }).unwrap();
    world.set(1001, "dnd");
    world.set(1002, "dnd");
    assert_eq!(mercury.event().await["subject"], serde_json::json!(world.id(1002)));
    mercury.nothing_more().await;
    assert_eq!(world.sim.counters().events_lost, 1);
}

#[tokio::test]
async fn a_doubled_event_has_one_id_and_two_numbers() {
    let world = World::new().await;
    let (_, mut mercury) = world.watching(&[1001]).await;
    world.sim.inject_times(Fault::EventDuplicate { person: None }, 1).unwrap();
    world.set(1001, "dnd");
    let (first, second) = (mercury.json().await, mercury.json().await);
    assert_eq!(first["id"], second["id"]);
    assert_eq!(second["sequenceNumber"], 3);
    mercury.nothing_more().await;
    world.nobody_erred();
}

#[tokio::test]
async fn reordered_events_change_places() {
    let world = World::new().await;
    let (_, mut mercury) = world.watching(&[1001]).await;
    world.sim.inject_times(Fault::EventReordered { person: None }, 1).unwrap();
    world.set(1001, "dnd");
    mercury.nothing_more().await;
    world.set(1001, "active");
    assert_eq!(mercury.event().await["status"], "active");
    assert_eq!(mercury.event().await["status"], "dnd");
    world.sim.inject(Fault::EventReordered { person: None }).unwrap();
    world.set(1001, "call");
    world.sim.clear_faults();
    assert_eq!(mercury.event().await["status"], "call");
}

#[tokio::test]
async fn a_stale_event_repeats_what_was_before_with_its_older_version() {
    let world = World::new().await;
    let (_, mut mercury) = world.watching(&[1001]).await;
    world.set(1001, "dnd");
    mercury.event().await;
    world.sim.inject_times(Fault::EventStale { person: None }, 1).unwrap();
    world.set(1001, "active");
    let (new, old) = (mercury.event().await, mercury.event().await);
    assert_eq!((new["status"].as_str(), old["status"].as_str()), (Some("active"), Some("dnd")));
    assert!(old["statusTime"].as_str() <= new["statusTime"].as_str());
    assert_ne!(old["vectorCounters"], new["vectorCounters"]);
}

#[tokio::test]
async fn a_late_event_comes_after_newer_ones() {
    let world = World::new().await;
    let (_, mut mercury) = world.watching(&[1001]).await;
    world.sim.inject_times(Fault::EventDelayed { person: None, ms: 30 }, 1).unwrap();
    world.set(1001, "dnd");
    world.set(1001, "active");
    assert_eq!(mercury.event().await["status"], "active");
    assert_eq!(mercury.event().await["status"], "dnd");
}

#[tokio::test]
async fn an_event_may_say_another_status_than_the_snapshot() {
    let world = World::new().await;
    let (device, mut mercury) = world.watching(&[1001]).await;
    let fault = Fault::EventStatus { person: None, status: "levitating".to_owned() };
    world.sim.inject_times(fault, 1).unwrap();
    world.set(1001, "dnd");
    assert_eq!(mercury.event().await["status"], "levitating");
    let reply = world.subscribe(&device, &[world.id(1001)], 600).await;
    assert_eq!(reply["responses"][0]["status"]["status"], "dnd");
}
