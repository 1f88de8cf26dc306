//! The control API.

use serde_json::{Value, json};

use crate::client::World;

async fn call(world: &World, method: &str, path: &str, body: Value) -> (u16, Value) {
    let response = world.bare(method, path).body(body.to_string()).send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

async fn refused(world: &World, method: &str, path: &str, body: Value) -> String {
    let (status, reply) = call(world, method, path, body).await;
    assert_eq!(status, 400, "{method} {path}: {reply}");
    reply["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn people_are_listed_and_their_presence_is_set() {
    let world = World::new().await;
    let path = "/sim/people/agent1001@example.com/presence";
    let body = json!({ "status": "meeting", "meetingType": "online", "category": null });
    assert_eq!(call(&world, "PUT", path, body).await, (204, Value::Null));
    let (status, people) = call(&world, "GET", "/sim/people", Value::Null).await;
    assert_eq!(status, 200);
    let first = &people[0];
    assert_eq!(first["address"], "agent1001@example.com");
    assert_eq!((&first["status"], &first["meetingType"]), (&json!("meeting"), &json!("online")));
    assert_eq!(first["id"], json!(world.id(1001)));
    call(&world, "PUT", path, json!({ "status": "dnd" })).await;
    let (_, people) = call(&world, "GET", "/sim/people", Value::Null).await;
    assert!(people[0]["meetingType"].is_null());
}

#[tokio::test]
async fn mistakes_are_answered_with_a_sentence_and_are_no_violations() {
    let world = World::new().await;
    let path = "/sim/people/agent1001@example.com/presence";
    let said =
        refused(&world, "PUT", path, json!({ "status": "meeting", "meeting_type": "x" })).await;
    assert!(said.ends_with(r#"did you mean "meetingType"?"#), "{said}");
    refused(&world, "PUT", path, json!({})).await;
    refused(&world, "PUT", path, json!({ "status": 7 })).await;
    refused(&world, "PUT", path, json!({ "status": "dnd", "statusTime": "noon" })).await;
    let wrong = "/sim/people/agent1oo1@example.com/presence";
    let said = refused(&world, "PUT", wrong, json!({ "status": "dnd" })).await;
    assert!(said.contains("agent1001@example.com"), "{said}");
    let said = refused(&world, "POST", "/sim/faults", json!({ "fault": "latncy", "ms": 1 })).await;
    assert!(said.contains(r#""latency""#), "{said}");
    let fault = json!({ "fault": "reset", "endpoint": "wdn.register" });
    let said = refused(&world, "POST", "/sim/faults", fault).await;
    assert!(said.contains("wdm.register"), "{said}");
    let fault = json!({ "fault": "event_lost", "person": "agent1001@exmaple.com" });
    let said = refused(&world, "POST", "/sim/faults", fault).await;
    assert!(said.contains("agent1001@example.com"), "{said}");
    let said = refused(&world, "GET", "/sim/fault", Value::Null).await;
    assert!(said.contains("/sim/faults"), "{said}");
    world.nobody_erred();
}

#[tokio::test]
async fn faults_are_set_listed_and_cleared() {
    let world = World::new().await;
    let fault = json!({ "fault": "http_status", "endpoint": "hydra", "status": 503, "times": 2 });
    let (status, reply) = call(&world, "POST", "/sim/faults", fault).await;
    assert_eq!((status, &reply["id"]), (200, &json!(1)));
    let now = json!({ "fault": "mercury_close", "code": 1000, "reason": "idle" });
    assert_eq!(call(&world, "POST", "/sim/faults", now).await.0, 204);
    let (_, list) = call(&world, "GET", "/sim/faults", Value::Null).await;
    assert_eq!(list["active"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&list["active"][0]["fault"], &list["active"][0]["left"]),
        (&json!("http_status"), &json!(2))
    );
    let names: Vec<&str> =
        list["faults"].as_array().unwrap().iter().filter_map(|f| f["fault"].as_str()).collect();
    assert!(names.contains(&"event_stale") && names.contains(&"token_revoked"));
    assert!(list["endpoints"].as_array().unwrap().contains(&json!("wdm.refresh")));
    assert_eq!(call(&world, "DELETE", "/sim/faults", Value::Null).await.0, 204);
    assert!(world.sim.active_faults().is_empty());
}

#[tokio::test]
async fn people_come_and_go() {
    let world = World::new().await;
    let body = json!({ "address": "late@example.com" });
    let (status, person) = call(&world, "POST", "/sim/people", body.clone()).await;
    assert_eq!((status, &person["status"]), (200, &json!("active")));
    refused(&world, "POST", "/sim/people", body).await;
    refused(&world, "POST", "/sim/people", json!({ "address": "nonsense" })).await;
    let path = "/sim/people/late%40example.com";
    assert_eq!(call(&world, "DELETE", path, Value::Null).await.0, 204);
    refused(&world, "DELETE", path, Value::Null).await;
}

#[tokio::test]
async fn the_log_is_in_order_and_can_be_read_on() {
    let world = World::new().await;
    let (_, _mercury) = world.watching(&[1001]).await;
    let (_, log) = call(&world, "GET", "/sim/log", Value::Null).await;
    let seqs: Vec<u64> =
        log["entries"].as_array().unwrap().iter().map(|e| e["seq"].as_u64().unwrap()).collect();
    assert!(seqs.is_sorted() && seqs[0] == 1);
    assert_eq!(log["counters"]["violations"], 0);
    assert_eq!(log["counters"]["requests"]["apheleia.subscribe"], 1);
    let last = seqs.last().unwrap();
    world.set(1002, "dnd");
    let (_, news) = call(&world, "GET", &format!("/sim/log?since={last}"), Value::Null).await;
    let first = &news["entries"][0];
    assert!(first["seq"].as_u64().unwrap() > *last);
    let (_, sockets) = call(&world, "GET", "/sim/sockets", Value::Null).await;
    assert_eq!(sockets.as_array().unwrap().len(), 1);
    let (_, subscriptions) = call(&world, "GET", "/sim/subscriptions", Value::Null).await;
    assert_eq!(subscriptions[0]["address"], "agent1001@example.com");
}
