//! From nothing to live, and to a clean stop.

use std::collections::BTreeSet;

use lockstep::webex::{FeedEvent, PresenceSource};
use lockstep_core::PersonId;
use lockstep_core::presence::Kind;
use webex_sim::{Config, Fault};

use crate::rig::{Rig, observed};

const AGENT: &str = "agent1001@example.com";

#[tokio::test]
async fn everybody_is_reported_before_live_and_changes_follow() {
    let mut rig = Rig::with(Config { agents: 120, ..Config::default() }, |_| {}).await;
    let epoch = rig.live().await;
    let snapshot: BTreeSet<_> = rig
        .seen
        .iter()
        .filter_map(observed)
        .filter(|(_, seen)| seen.kind == Kind::Snapshot && seen.epoch == epoch)
        .map(|(person, _)| person.clone())
        .collect();
    assert_eq!(snapshot.len(), 120);
    assert_eq!(rig.sim.requests("apheleia.subscribe"), 3);
    assert_eq!(rig.sim.subscriptions(), 120);

    rig.sim.set_presence(AGENT, "dnd").unwrap();
    let delta = rig.status(AGENT, "dnd").await;
    assert_eq!((delta.kind, delta.epoch), (Kind::Delta, epoch));
    assert!(delta.source_time.is_some());
    assert!(!delta.version.is_empty());
    rig.finish().await;
}

#[tokio::test]
async fn a_meeting_carries_its_type() {
    let mut rig = Rig::new().await;
    rig.live().await;
    rig.sim.set_presence(AGENT, webex_sim::Change::online_meeting()).unwrap();
    let delta = rig.status(AGENT, "meeting").await;
    assert_eq!(delta.facts.unwrap().get("meeting_type"), Some("online"));
    rig.finish().await;
}

#[tokio::test]
async fn nobody_to_watch_is_live_too_and_people_may_come_and_go() {
    let mut rig = Rig::new().await;
    let everybody = rig.people.send_replace([].into());
    rig.live().await;
    rig.people.send_replace(everybody.clone());
    rig.sees("two subscriptions", |sim| sim.subscriptions() == 2).await;
    rig.sim.set_presence(AGENT, "call").unwrap();
    rig.status(AGENT, "call").await;
    rig.people.send_replace([rig.person("agent1002@example.com")].into());
    rig.sees("one subscription", |sim| sim.subscriptions() == 1).await;
    rig.people.send_replace(everybody);
    rig.sees("two subscriptions again", |sim| sim.subscriptions() == 2).await;
    rig.finish().await;
}

#[tokio::test]
async fn a_device_of_our_name_is_used_again() {
    let mut rig = Rig::new().await;
    rig.live().await;
    let device = rig.sim.devices();
    // A second client of the same name takes the device over; the first stands down.
    let sim = &rig.sim;
    let second = crate::rig::client(
        crate::rig::settings(sim),
        std::sync::Arc::new(lockstep::webex::KeepNothing),
    );
    let (_people, list) = tokio::sync::watch::channel([].into());
    let (events_in, mut events) = tokio::sync::mpsc::channel(8);
    let stop = tokio_util::sync::CancellationToken::new();
    let watching = second.watch(list, events_in, stop.clone());
    let replaced = async {
        assert!(matches!(events.recv().await, Some(FeedEvent::Live { .. })));
        assert_eq!(rig.sim.devices(), device);
        let why = rig.lost().await;
        assert!(why.contains("another instance"), "{why}");
    };
    tokio::select! {
        () = watching => panic!("the second client goes on"),
        () = replaced => {}
    }
    stop.cancel();
    rig.live().await;
    rig.finish().await;
}

#[tokio::test]
async fn too_many_devices_make_room_for_ours() {
    let sim = webex_sim::WebexSim::start(Config::default()).await.unwrap();
    sim.inject_times(Fault::ExcessiveDevices {}, 1).unwrap();
    let settings = crate::rig::settings(&sim);
    let client = crate::rig::client(settings, std::sync::Arc::new(lockstep::webex::KeepNothing));
    let mut rig = Rig::around(sim, client);
    rig.live().await;
    assert!(rig.sim.requests("wdm.list") >= 2, "{:?}", rig.sim.counters());
    rig.finish().await;
}

#[tokio::test]
async fn a_stop_while_nothing_works_is_prompt() {
    let sim = webex_sim::WebexSim::start(Config::default()).await.unwrap();
    sim.inject(Fault::BlackHole { endpoint: None }).unwrap();
    let client = crate::rig::client(
        crate::rig::settings(&sim),
        std::sync::Arc::new(lockstep::webex::KeepNothing),
    );
    let rig = Rig::around(sim, client);
    rig.finish().await;
}

#[tokio::test]
async fn people_are_found_by_address() {
    let rig = Rig::new().await;
    let found = rig.client.person("Agent1001@Example.com").await.unwrap();
    assert_eq!(found, Some(rig.person(AGENT)));
    assert_eq!(rig.client.person("nobody@example.com").await.unwrap(), None);
    assert_eq!(
        found.map(|person: PersonId| person.as_str().len()),
        Some(36),
        "the raw id, not the public one"
    );
    rig.finish().await;
}
