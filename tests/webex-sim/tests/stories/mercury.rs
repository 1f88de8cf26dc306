//! The socket when all is well (wire notes 3).

use std::time::Duration;

use serde_json::json;
use tokio_tungstenite::tungstenite::{Error, Message};
use webex_sim::Config;

use crate::client::{Mercury, SDK_QUERY, World};

#[tokio::test]
async fn the_ready_message_comes_first_and_has_every_key_of_an_envelope() {
    let world = World::new().await;
    let device = world.device().await;
    let mut mercury = world.socket(&device, SDK_QUERY).await;
    mercury.authorize(&world.sim.token()).await;
    let ready = mercury.json().await;
    for key in ["id", "data", "timestamp", "trackingId", "alertType", "headers", "filterMessage"] {
        assert!(!ready[key].is_null(), "{key}: {ready}");
    }
    assert_eq!(ready["sequenceNumber"], 1);
    assert!(ready["wsWriteTimestamp"].as_i64().unwrap() > 0);
    assert!(ready.get("type").is_none());
    for buffer in ["conversation", "locus", "board"] {
        assert!(ready["data"]["bufferState"][buffer].is_string());
    }
}

#[tokio::test]
async fn a_client_may_ask_for_the_registration_status_instead() {
    let world = World::new().await;
    let device = world.device().await;
    let query =
        "outboundWireFormat=text&mercuryRegistrationStatus=true&isRegistrationRefreshEnabled=true";
    let mut mercury = world.socket(&device, query).await;
    mercury.authorize(&world.sim.token()).await;
    let ready = mercury.json().await;
    assert_eq!(ready["data"]["eventType"], "mercury.registration_status");
    let urls = &ready["data"]["localClusterServiceUrls"];
    assert!(urls["mercuryConnectionServiceClusterUrl"].is_string());
}

#[tokio::test]
async fn numbers_are_consecutive_over_events_and_pongs() {
    let world = World::new().await;
    let (_, mut mercury) = world.watching(&[1001]).await;
    let pong = mercury.ping("p1").await;
    assert_eq!((&pong["id"], &pong["type"]), (&json!("p1"), &json!("pong")));
    assert_eq!(pong["sequenceNumber"], 2);
    assert!(pong["wsWriteTimestamp"].is_i64());
    world.set(1001, "dnd");
    assert_eq!(mercury.json().await["sequenceNumber"], 3);
    assert_eq!(mercury.ping("p2").await["sequenceNumber"], 4);
    let all_acknowledged = |sim: &webex_sim::WebexSim| {
        sim.counters().acks == 4 && sim.sockets()[0].unacknowledged == 0
    };
    world.until("four acknowledgements", all_acknowledged).await;
    world.nobody_erred();
}

#[tokio::test]
async fn what_is_not_acknowledged_is_counted() {
    let world = World::new().await;
    let (_, mut mercury) = world.watching(&[1001]).await;
    world.until("the ready message's ack", |sim| sim.sockets()[0].unacknowledged == 0).await;
    mercury.acknowledges = false;
    world.set(1001, "dnd");
    let event = mercury.json().await;
    mercury.say(&json!({ "messageId": event["id"], "type": "ack" })).await;
    world.until("an ack by hand", |sim| sim.counters().acks == 2).await;
    world.set(1001, "active");
    mercury.json().await;
    mercury.ping("p").await;
    mercury.say(&json!({ "messageId": "p", "type": "ack" })).await;
    world.until("one unacknowledged", |sim| sim.sockets()[0].unacknowledged == 1).await;
    world.nobody_erred();
}

#[tokio::test]
async fn without_the_text_format_json_comes_in_binary_frames() {
    let world = World::new().await;
    let device = world.device().await;
    let mut mercury = world.socket(&device, "bufferStates=true").await;
    mercury.authorize(&world.sim.token()).await;
    assert!(matches!(mercury.frame().await, Message::Binary(_)));
}

#[tokio::test]
async fn a_token_in_the_upgrade_is_as_good_as_one_in_the_first_message() {
    let world = World::new().await;
    let device = world.device().await;
    let bearer = format!("Bearer {}", world.sim.token());
    let url = format!("{}?{SDK_QUERY}", device.socket);
    let mut mercury = Mercury::open(&url, Some(&bearer)).await.unwrap();
    assert_eq!(mercury.json().await["data"]["eventType"], "mercury.buffer_state");
    mercury.authorize(&world.sim.token()).await;
    mercury.nothing_more().await;
    world.nobody_erred();
}

#[tokio::test]
async fn without_buffer_states_a_websocket_ping_is_the_only_sign() {
    let world = World::new().await;
    let device = world.device().await;
    let mut mercury = world.socket(&device, "outboundWireFormat=text").await;
    mercury.authorize(&world.sim.token()).await;
    mercury.websocket_ping().await;
    mercury.nothing_more().await;
}

#[tokio::test]
async fn websocket_pings_keep_coming() {
    let config = Config { ping_every: Duration::from_millis(10), ..Config::default() };
    let world = World::with(config).await;
    let device = world.device().await;
    let mut mercury = world.mercury(&device).await;
    for _ in 0..3 {
        mercury.websocket_ping().await;
    }
}

#[tokio::test]
async fn a_bad_token_is_told_by_the_close_code_that_the_client_asked_for() {
    let world = World::new().await;
    let device = world.device().await;
    let mut aliased = world.socket(&device, SDK_QUERY).await;
    aliased.authorize("nonsense").await;
    assert_eq!(aliased.closed().await.unwrap().0, 4401);
    let mut plain = world.socket(&device, "outboundWireFormat=text").await;
    plain.authorize("nonsense").await;
    assert_eq!(plain.closed().await, Some((1008, "authentication failed".to_owned())));
    let url = format!("{}?outboundWireFormat=text", device.socket);
    match Mercury::open(&url, Some("Bearer nonsense")).await {
        Err(Error::Http(response)) => assert_eq!(response.status(), 401),
        other => panic!("{:?}", other.err()),
    }
    world.nobody_erred();
}

#[tokio::test]
async fn who_says_nothing_is_closed_after_the_patience_for_it() {
    let config = Config { authorization_timeout: Duration::from_millis(20), ..Config::default() };
    let world = World::with(config).await;
    let device = world.device().await;
    let mut mercury = world.socket(&device, SDK_QUERY).await;
    let (code, reason) = mercury.closed().await.unwrap();
    assert_eq!(code, 1008);
    assert!(reason.starts_with("authentication did not happen"), "{reason}");
}

#[tokio::test]
async fn an_unknown_registration_is_404_at_the_upgrade() {
    let world = World::new().await;
    let device = world.device().await;
    world.request("DELETE", &device.url).send().await.unwrap();
    match Mercury::open(&format!("{}?{SDK_QUERY}", device.socket), None).await {
        Err(Error::Http(response)) => assert_eq!(response.status(), 404),
        other => panic!("{:?}", other.err()),
    }
    world.nobody_erred();
}

#[tokio::test]
async fn a_second_socket_replaces_the_first_unless_several_are_allowed() {
    let world = World::new().await;
    let device = world.device().await;
    let mut first = world.mercury(&device).await;
    let mut second = world.mercury(&device).await;
    assert_eq!(first.closed().await, Some((4000, "Replaced".to_owned())));
    let query = format!("{SDK_QUERY}&multipleConnections=true");
    let mut third = world.socket(&device, &query).await;
    third.authorize(&world.sim.token()).await;
    third.json().await;
    world.subscribe(&device, &[world.id(1001)], 600).await;
    world.set(1001, "call");
    assert_eq!(second.event().await["status"], "call");
    assert_eq!(third.event().await["status"], "call");
}
