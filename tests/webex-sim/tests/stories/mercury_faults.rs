//! The socket when it misbehaves (wire notes 3.5 to 3.8).

use serde_json::json;
use tokio_tungstenite::tungstenite::{Error, Message};
use webex_sim::{Fault, When};

use crate::client::{Mercury, SDK_QUERY, World};

#[tokio::test]
async fn a_socket_ends_with_the_code_and_reason_of_the_fault() {
    let world = World::new().await;
    let device = world.device().await;
    for (code, reason) in [(1000, "idle"), (4000, "rebalancing"), (1011, ""), (4001, "")] {
        let mut mercury = world.mercury(&device).await;
        world.sim.inject(Fault::close(code, reason)).unwrap();
        assert_eq!(mercury.closed().await, Some((code, reason.to_owned())));
    }
    let mut mercury = world.mercury(&device).await;
    world.sim.inject(Fault::MercuryDrop { when: When::Now }).unwrap();
    assert_eq!(mercury.closed().await, None);
    world.nobody_erred();
}

#[tokio::test]
async fn a_cloud_that_accepts_and_drops_can_be_had_for_a_number_of_times() {
    let world = World::new().await;
    let device = world.device().await;
    world.sim.inject_times(Fault::MercuryDrop { when: When::Ready }, 2).unwrap();
    for _ in 0..2 {
        let mut mercury = world.socket(&device, SDK_QUERY).await;
        mercury.authorize(&world.sim.token()).await;
        assert_eq!(mercury.closed().await, None);
    }
    world.mercury(&device).await.nothing_more().await;
}

#[tokio::test]
async fn the_upgrade_is_refused_with_the_faults_status() {
    let world = World::new().await;
    let device = world.device().await;
    let fault = Fault::MercuryUpgradeStatus { status: 429, retry_after: Some(7) };
    world.sim.inject_times(fault, 1).unwrap();
    match Mercury::open(&format!("{}?{SDK_QUERY}", device.socket), None).await {
        Err(Error::Http(response)) => {
            assert_eq!(response.status(), 429);
            assert_eq!(response.headers()["retry-after"], "7");
        }
        other => panic!("{:?}", other.err()),
    }
    world.mercury(&device).await;
}

#[tokio::test]
async fn a_good_token_is_refused_by_the_faults_code() {
    let world = World::new().await;
    let device = world.device().await;
    for code in [4400, 4401, 4403, 4404] {
        let fault = Fault::MercuryAuthRefused { code, reason: String::new() };
        world.sim.inject_times(fault, 1).unwrap();
        let mut mercury = world.socket(&device, SDK_QUERY).await;
        mercury.authorize(&world.sim.token()).await;
        assert_eq!(mercury.closed().await.unwrap().0, code);
    }
}

#[tokio::test]
async fn the_ready_message_may_be_late_or_absent() {
    let world = World::new().await;
    let device = world.device().await;
    world.sim.inject_times(Fault::MercuryEventBeforeReady {}, 1).unwrap();
    let mut mercury = world.socket(&device, SDK_QUERY).await;
    mercury.authorize(&world.sim.token()).await;
    assert_eq!(mercury.json().await["data"]["eventType"], "conversation.activity");
    assert_eq!(mercury.json().await["data"]["eventType"], "mercury.buffer_state");
    world.sim.inject_times(Fault::MercuryNoReady {}, 1).unwrap();
    let mut mercury = world.socket(&device, SDK_QUERY).await;
    mercury.authorize(&world.sim.token()).await;
    mercury.nothing_more().await;
}

#[tokio::test]
async fn pongs_are_left_out_or_wrong() {
    let world = World::new().await;
    let (_, mut mercury) = world.watching(&[1001]).await;
    world.sim.inject_times(Fault::MercuryNoPong {}, 1).unwrap();
    mercury.say(&json!({ "id": "lost", "type": "ping" })).await;
    assert_eq!(mercury.ping("heard").await["id"], "heard");
    world.sim.inject_times(Fault::MercuryWrongPongId {}, 1).unwrap();
    let wrong = mercury.ping("asked").await;
    assert_eq!(wrong["type"], "pong");
    assert_ne!(wrong["id"], "asked");
    world.nobody_erred();
}

#[tokio::test]
async fn a_stalled_socket_says_nothing_and_is_missing_numbers_afterwards() {
    let world = World::new().await;
    let (_, mut mercury) = world.watching(&[1001]).await;
    world.sim.inject(Fault::MercuryStall {}).unwrap();
    world.set(1001, "dnd");
    world.until("the event that goes nowhere", |sim| sim.counters().events_sent == 1).await;
    mercury.say(&json!({ "id": "during", "type": "ping" })).await;
    let written = |sim: &webex_sim::WebexSim| {
        sim.log().iter().filter(|entry| entry.text.contains("subscription_update")).count() == 1
    };
    world.until("the event at the socket", written).await;
    world.sim.clear_faults();
    let mut next = mercury.ping("after").await;
    if next["id"] == "during" {
        next = mercury.json().await;
    }
    assert_eq!(next["id"], "after");
    assert!(next["sequenceNumber"].as_u64().unwrap() > 2, "{next}");
}

#[tokio::test]
async fn numbers_jump_or_are_absent() {
    let world = World::new().await;
    let (_, mut mercury) = world.watching(&[1001]).await;
    world.sim.inject_times(Fault::SequenceGap { size: 5 }, 1).unwrap();
    assert_eq!(mercury.ping("a").await["sequenceNumber"], 7);
    world.sim.inject_times(Fault::SequenceMissing {}, 1).unwrap();
    assert!(mercury.ping("b").await.get("sequenceNumber").is_none());
    assert_eq!(mercury.ping("c").await["sequenceNumber"], 9);
}

#[tokio::test]
async fn frames_come_that_are_nothing_a_client_knows() {
    let world = World::new().await;
    let (_, mut mercury) = world.watching(&[1001]).await;
    world.sim.inject(Fault::MalformedFrame { text: None }).unwrap();
    let text = mercury.frame().await.into_text().unwrap();
    assert!(serde_json::from_str::<serde_json::Value>(&text).is_err());
    world.sim.inject(Fault::HugeFrame { bytes: 1_000_000 }).unwrap();
    assert!(mercury.json().await["data"]["filler"].as_str().unwrap().len() == 1_000_000);
    world.sim.inject(Fault::UnknownEvent { event_type: "locus.x".to_owned() }).unwrap();
    assert_eq!(mercury.json().await["data"]["eventType"], "locus.x");
    world.sim.inject(Fault::RawFrame { text: "[]".to_owned() }).unwrap();
    assert_eq!(mercury.frame().await.into_text().unwrap().as_str(), "[]");
    world.sim.inject(Fault::MercuryBinaryFrames {}).unwrap();
    mercury.say(&json!({ "id": "p", "type": "ping" })).await;
    assert!(matches!(mercury.frame().await, Message::Binary(_)));
}

#[tokio::test]
async fn a_socket_that_must_go_stays_until_its_successor_is_ready() {
    let world = World::new().await;
    let (device, mut old) = world.watching(&[1001]).await;
    world.sim.inject(Fault::shutdown(60_000)).unwrap();
    let told = old.json().await;
    assert_eq!(told["type"], "shutdown");
    assert!(told.get("data").is_none());
    world.set(1001, "dnd");
    assert_eq!(old.event().await["status"], "dnd");
    let mut new = world.mercury(&device).await;
    assert_eq!(old.closed().await.unwrap().0, 4001);
    world.set(1001, "active");
    assert_eq!(new.event().await["status"], "active");
    world.nobody_erred();
}

#[tokio::test]
async fn a_socket_that_must_go_is_closed_without_a_successor_too() {
    let world = World::new().await;
    let (_, mut old) = world.watching(&[1001]).await;
    world.sim.inject(Fault::shutdown(1)).unwrap();
    assert_eq!(old.json().await["type"], "shutdown");
    assert_eq!(old.closed().await.unwrap().0, 4001);
}

#[tokio::test]
async fn a_socket_that_lingers_beside_its_successor_hears_the_same_events() {
    let world = World::new().await;
    let (device, mut old) = world.watching(&[1001]).await;
    let drain = Fault::MercuryShutdown { close_after_ms: 60_000, linger_ms: 200, when: When::Now };
    world.sim.inject(drain).unwrap();
    assert_eq!(old.json().await["type"], "shutdown");
    let mut new = world.mercury(&device).await;
    world.set(1001, "dnd");
    let (one, two) = (old.json().await, new.json().await);
    assert_eq!(one["data"]["status"], "dnd");
    assert_eq!(one["id"], two["id"]);
    assert_eq!(old.closed().await.unwrap().0, 4001);
    world.nobody_erred();
}

#[tokio::test]
async fn every_new_socket_may_be_told_to_go_at_once() {
    let world = World::new().await;
    let fault = Fault::MercuryShutdown { close_after_ms: 60_000, linger_ms: 0, when: When::Ready };
    world.sim.inject_times(fault, 1).unwrap();
    let (device, mut first) = world.watching(&[1001]).await;
    assert_eq!(first.json().await["type"], "shutdown");
    let mut second = world.mercury(&device).await;
    assert_eq!(first.closed().await.unwrap().0, 4001);
    world.set(1001, "dnd");
    assert_eq!(second.event().await["status"], "dnd");
}
