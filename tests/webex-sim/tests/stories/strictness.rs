//! What no client may do is refused and counted.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::{Mercury, SDK_QUERY, World};

async fn violates(world: &World, what: &str, request: reqwest::RequestBuilder, status: u16) {
    let before = world.sim.counters().violations;
    let response = request.send().await.unwrap();
    assert_eq!(response.status().as_u16(), status, "{what}");
    assert_eq!(world.sim.counters().violations, before + 1, "{what}");
}

#[tokio::test]
async fn addresses_methods_and_tokens() {
    let world = World::new().await;
    violates(&world, "unknown path", world.request("GET", "/v2/people"), 404).await;
    violates(&world, "wrong method", world.request("PATCH", "/v1/people"), 405).await;
    violates(&world, "no token", world.bare("GET", "/v1/people/me"), 401).await;
    violates(&world, "no token", world.bare("POST", "/wdm/api/v1/devices"), 401).await;
    violates(
        &world,
        "no selector",
        world.bare("GET", "/u2c/api/v1/limited/catalog?format=hostmap"),
        400,
    )
    .await;
    violates(&world, "no format", world.request("GET", "/u2c/api/v1/catalog"), 400).await;
    violates(&world, "no filter", world.request("GET", "/v1/people"), 400).await;
    violates(
        &world,
        "no upgrade",
        world.request("GET", &world.device().await.socket.replacen("ws", "http", 1)),
        426,
    )
    .await;
    let ids = vec!["x"; 86].join(",");
    violates(&world, "86 ids", world.request("GET", &format!("/v1/people?id={ids}")), 400).await;
    assert!(world.sim.violations()[0].contains("/v2/people"));
}

#[tokio::test]
async fn bodies_of_subscriptions() {
    let world = World::new().await;
    let device = world.device().await;
    let subject = world.id(1001);
    let public = world.sim.person("agent1001@example.com").unwrap().public_id;
    let subscribe = |body: &Value| {
        let request = world.request("POST", "/apheleia/api/v1/subscriptions");
        request.header("Cisco-Device-Url", device.url.clone()).json(body)
    };
    let many: Vec<Uuid> = (0..51).map(Uuid::from_u128).collect();
    let bodies = [
        ("public ids", json!({ "subjects": [public], "subscriptionTtl": 600 })),
        ("51 subjects", json!({ "subjects": many, "subscriptionTtl": 600 })),
        ("no subjects", json!({ "subjects": [], "subscriptionTtl": 600 })),
        ("a text for a number", json!({ "subjects": [subject], "subscriptionTtl": "600" })),
        ("a negative time", json!({ "subjects": [subject], "subscriptionTtl": -1 })),
        (
            "a number for a truth",
            json!({ "subjects": [subject], "subscriptionTtl": 1, "includeStatus": 1 }),
        ),
        ("a list", json!([subject])),
    ];
    for (what, body) in bodies {
        violates(&world, what, subscribe(&body), 400).await;
    }
    let body = json!({ "subjects": [subject], "subscriptionTtl": 600 });
    let request = world.request("POST", "/apheleia/api/v1/subscriptions").json(&body);
    violates(&world, "no device", request, 400).await;
    let request = world.request("POST", "/apheleia/api/v1/compositions").body("{\"subjects\":");
    violates(&world, "half a body", request, 400).await;
    assert_eq!(world.sim.subscriptions(), 0);
}

#[tokio::test]
async fn a_device_that_is_not_there_is_a_refusal_and_no_violation() {
    let world = World::new().await;
    let device = world.device().await;
    world.request("DELETE", &device.url).send().await.unwrap();
    let body = json!({ "subjects": [world.id(1001)], "subscriptionTtl": 600 });
    let request = world.request("POST", "/apheleia/api/v1/subscriptions").json(&body);
    let response = request.header("Cisco-Device-Url", &device.url).send().await.unwrap();
    assert_eq!(response.status(), 404);
    world.nobody_erred();
}

#[tokio::test]
async fn devices_without_a_name_or_of_wrong_types() {
    let world = World::new().await;
    let post = |body: Value| world.request("POST", "/wdm/api/v1/devices").json(&body);
    violates(&world, "no name", post(json!({ "deviceType": "WEB" })), 400).await;
    violates(&world, "no type", post(json!({ "name": "x" })), 400).await;
    violates(&world, "a number", post(json!({ "name": 1, "deviceType": "WEB" })), 400).await;
    let request = world.request("POST", "/wdm/api/v1/devices?includeUpstreamServices=some");
    violates(&world, "some services", request.json(&json!({ "name": "x" })), 400).await;
    violates(&world, "too long", post(json!({ "name": "x".repeat(2_000_000) })), 413).await;
}

#[tokio::test]
async fn frames_that_are_no_messages_end_the_socket() {
    let world = World::new().await;
    let device = world.device().await;
    let mut mercury = world.mercury(&device).await;
    mercury.say_text("hello").await;
    assert_eq!(mercury.closed().await, Some((1003, "rejected last message".to_owned())));
    let mut mercury = world.mercury(&device).await;
    mercury.say(&json!({ "messageId": "never-sent", "type": "ack" })).await;
    mercury.nothing_more().await;
    let mut mercury = Mercury::open(&format!("{}?{SDK_QUERY}", device.socket), None).await.unwrap();
    mercury.say(&json!({ "id": "early", "type": "ping" })).await;
    mercury.authorize(&world.sim.token()).await;
    mercury.json().await;
    assert_eq!(world.sim.counters().violations, 3, "{:?}", world.sim.violations());
}
