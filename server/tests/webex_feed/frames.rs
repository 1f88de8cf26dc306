//! Frames that are late, double, out of order, broken or enormous.

use lockstep::webex::FeedEvent;
use lockstep_core::presence::Kind;
use webex_sim::{Config, Fault, WebexSim};

use crate::rig::{Rig, observed};

const AGENT: &str = "agent1001@example.com";

#[tokio::test]
async fn broken_unknown_and_huge_frames_are_skipped() {
    let mut rig = Rig::new().await;
    rig.live().await;
    let presence = r#"{"data":{"eventType":"apheleia.subscription_update"}}"#;
    for fault in [
        Fault::MalformedFrame { text: None },
        Fault::HugeFrame { bytes: 1024 * 1024 },
        Fault::HugeFrame { bytes: 8 * 1024 * 1024 },
        Fault::UnknownEvent { event_type: "conversation.activity".into() },
        Fault::RawFrame { text: presence.into() },
        Fault::RawFrame { text: "null".into() },
        Fault::RawFrame { text: "[".repeat(50_000) },
    ] {
        rig.sim.inject(fault).unwrap();
    }
    rig.sim.set_presence(AGENT, "dnd").unwrap();
    rig.status(AGENT, "dnd").await;
    assert!(!rig.seen.iter().any(|event| matches!(event, FeedEvent::Lost { .. })));
    rig.finish().await;
}

#[tokio::test]
async fn a_gap_in_the_numbers_reads_everybody_afresh() {
    let mut rig = Rig::new().await;
    rig.live().await;
    rig.sim.inject_times(Fault::EventLost { person: Some(AGENT.into()) }, 1).unwrap();
    rig.sim.set_presence(AGENT, "dnd").unwrap();
    rig.sim.inject_times(Fault::SequenceGap { size: 1 }, 1).unwrap();
    let found = rig.status(AGENT, "dnd").await;
    assert_eq!(found.kind, Kind::Snapshot);
    assert!(!rig.seen.iter().any(|event| matches!(event, FeedEvent::Lost { .. })));
    rig.finish().await;
}

#[tokio::test]
async fn frames_without_numbers_are_no_gap() {
    let mut rig = Rig::new().await;
    rig.live().await;
    let before = rig.sim.requests("apheleia.subscribe");
    rig.sim.inject_times(Fault::SequenceMissing {}, 1).unwrap();
    rig.sim.set_presence(AGENT, "dnd").unwrap();
    rig.status(AGENT, "dnd").await;
    rig.sim.set_presence(AGENT, "active").unwrap();
    rig.status(AGENT, "active").await;
    assert_eq!(rig.sim.requests("apheleia.subscribe"), before);
    rig.finish().await;
}

#[tokio::test]
async fn an_event_that_comes_twice_is_told_once() {
    let mut rig = Rig::new().await;
    rig.live().await;
    rig.sim.inject_times(Fault::EventDuplicate { person: None }, 1).unwrap();
    rig.sim.set_presence(AGENT, "dnd").unwrap();
    rig.sim.set_presence(AGENT, "active").unwrap();
    rig.status(AGENT, "active").await;
    let deltas = rig.seen.iter().filter_map(observed).filter(|(_, o)| o.kind == Kind::Delta);
    assert_eq!(deltas.count(), 2);
    rig.finish().await;
}

#[tokio::test]
async fn binary_frames_and_early_events_are_understood() {
    let sim = WebexSim::start(Config::default()).await.unwrap();
    sim.inject(Fault::MercuryBinaryFrames {}).unwrap();
    sim.inject(Fault::MercuryEventBeforeReady {}).unwrap();
    let client = crate::rig::client(
        crate::rig::settings(&sim),
        std::sync::Arc::new(lockstep::webex::KeepNothing),
    );
    let mut rig = Rig::around(sim, client);
    rig.live().await;
    rig.sim.set_presence(AGENT, "dnd").unwrap();
    rig.status(AGENT, "dnd").await;
    rig.sees("every frame acknowledged", |sim| {
        sim.sockets().iter().all(|socket| socket.unacknowledged == 0)
    })
    .await;
    rig.finish().await;
}

#[tokio::test]
async fn a_status_that_nobody_knows_passes_through() {
    let mut rig = Rig::new().await;
    rig.live().await;
    let fault = Fault::EventStatus { person: None, status: "SomethingNew".into() };
    rig.sim.inject_times(fault, 1).unwrap();
    rig.sim.set_presence(AGENT, "dnd").unwrap();
    rig.status(AGENT, "SomethingNew").await;
    rig.finish().await;
}

#[tokio::test]
async fn a_socket_that_never_gets_ready_is_given_up() {
    let sim = WebexSim::start(Config::default()).await.unwrap();
    sim.inject_times(Fault::MercuryNoReady {}, 1).unwrap();
    let mut settings = crate::rig::settings(&sim);
    settings.timing.ready = std::time::Duration::from_secs(1);
    let client = crate::rig::client(settings, std::sync::Arc::new(lockstep::webex::KeepNothing));
    let mut rig = Rig::around(sim, client);
    let why = rig.lost().await;
    assert!(why.contains("not ready in time"), "{why}");
    rig.live().await;
    rig.finish().await;
}
