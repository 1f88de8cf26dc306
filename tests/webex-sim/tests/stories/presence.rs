//! Snapshots, subscriptions, events (wire notes 4).

use serde_json::{Value, json};
use uuid::Uuid;
use webex_sim::{Change, Config, Fault};

use crate::client::{World, address};

const COMPOSITIONS: &str = "/apheleia/api/v1/compositions";

#[tokio::test]
async fn a_snapshot_has_everybody_who_was_asked_for() {
    let world = World::new().await;
    world.sim.set_presence(&address(1001), Change::online_meeting()).unwrap();
    let stranger = Uuid::from_u128(7);
    let subjects = json!({ "subjects": [world.id(1001), world.id(1002), stranger] });
    let request = world.request("POST", COMPOSITIONS).json(&subjects);
    let body: Value = request.send().await.unwrap().json().await.unwrap();
    let list = body["statusList"].as_array().unwrap();
    assert_eq!(list.len(), 3);
    assert_eq!(list[0]["status"], "meeting");
    assert_eq!(list[0]["meetingType"], "online");
    assert_eq!(list[0]["expiresTTL"], -1);
    assert_eq!(list[1]["status"], "active");
    assert!(list[1]["statusTime"].is_string() && list[1]["lastActive"].is_string());
    assert_eq!((&list[2]["status"], &list[2]["category"]), (&json!("unknown"), &json!("unknown")));
    assert!(list[2].get("statusTime").is_none());
    let one = world.get(&format!("{COMPOSITIONS}?userId={}", world.id(1001))).await;
    assert_eq!(one, list[0]);
    world.nobody_erred();
}

#[tokio::test]
async fn a_subscription_answers_with_the_status_and_then_tells_each_change() {
    let world = World::new().await;
    let device = world.device().await;
    let mut mercury = world.mercury(&device).await;
    let reply = world.subscribe(&device, &[world.id(1001)], 600).await;
    let item = &reply["responses"][0];
    assert_eq!((&item["responseCode"], &item["subscriptionTtl"]), (&json!(200), &json!(600)));
    assert_eq!(item["status"]["status"], "active");
    world.sim.set_presence(&address(1001), Change::online_meeting()).unwrap();
    let first = mercury.event().await;
    assert_eq!(first["subject"], json!(world.id(1001)));
    assert_eq!((&first["status"], &first["meetingType"]), (&json!("meeting"), &json!("online")));
    world.set(1001, "dnd");
    let second = mercury.event().await;
    assert!(second.get("meetingType").is_none(), "{second}");
    assert!(version(&second) > version(&first));
    assert!(version(&first) > version(&item["status"]));
    world.set(1002, "dnd");
    mercury.nothing_more().await;
    world.nobody_erred();
}

#[tokio::test]
async fn any_status_is_passed_on_and_unknown_has_no_instants() {
    let world = World::new().await;
    let (_, mut mercury) = world.watching(&[1001]).await;
    for status in ["busy", "quiet", "calendarItem", "pending", "ooo", "inactive"] {
        world.set(1001, status);
        assert_eq!(mercury.event().await["status"], status);
    }
    let unknown = Change { category: Some("unknown".to_owned()), ..Change::to("unknown") };
    world.sim.set_presence(&address(1001), unknown).unwrap();
    let event = mercury.event().await;
    assert_eq!(event["category"], "unknown");
    assert!(event.get("statusTime").is_none() && event.get("lastActive").is_none());
}

#[tokio::test]
async fn a_subscription_belongs_to_its_device_and_ends_when_told() {
    let world = World::new().await;
    let (first, mut watching) = world.watching(&[1001]).await;
    let second = world.device().await;
    let mut other = world.mercury(&second).await;
    world.set(1001, "call");
    watching.event().await;
    other.nothing_more().await;
    let list = world.get("/apheleia/api/v1/subscriptions").await;
    assert_eq!(list["subscriptions"][0]["deviceUrl"], first.url);
    assert_eq!(list["truncated"], false);
    let reply = world.subscribe(&first, &[world.id(1001)], 0).await;
    assert_eq!(reply["responses"][0]["responseCode"], 200);
    world.set(1001, "active");
    watching.nothing_more().await;
    world.nobody_erred();
}

#[tokio::test]
async fn a_subscription_that_is_not_renewed_runs_out() {
    let world = World::new().await;
    let (device, mut mercury) = world.watching(&[1001]).await;
    world.sim.inject_times(Fault::ShortTtl { seconds: 1 }, 1).unwrap();
    let reply = world.subscribe(&device, &[world.id(1001)], 600).await;
    assert_eq!(reply["responses"][0]["subscriptionTtl"], 1);
    world.until("the subscription's end", |sim| sim.subscriptions() == 0).await;
    world.set(1001, "dnd");
    mercury.nothing_more().await;
    assert_eq!(world.sim.counters().events_sent, 0);
}

#[tokio::test]
async fn events_without_a_socket_are_lost_and_counted() {
    let world = World::new().await;
    let (device, mercury) = world.watching(&[1001]).await;
    drop(mercury);
    world.until("the socket's end", |sim| sim.sockets().is_empty()).await;
    world.set(1001, "dnd");
    assert_eq!(world.sim.counters().events_unheard, 1);
    let mut mercury = world.mercury(&device).await;
    mercury.nothing_more().await;
    world.set(1001, "active");
    assert_eq!(mercury.event().await["status"], "active");
}

#[tokio::test]
async fn refused_subjects_are_refused_one_by_one() {
    let world = World::with(Config { agents: 4, ..Config::default() }).await;
    let device = world.device().await;
    for (agent, code, retry) in [(1001, 401, None), (1002, 403, None), (1003, 409, Some(30))] {
        let person = Some(address(agent));
        world.sim.inject(Fault::SubjectRefused { person, code, retry, evicted: None }).unwrap();
    }
    let ids: Vec<Uuid> = (1001..=1004).map(|agent| world.id(agent)).collect();
    let reply = world.subscribe(&device, &[&ids[..], &[Uuid::nil()]].concat(), 600).await;
    let codes: Vec<u64> = reply["responses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["responseCode"].as_u64().unwrap())
        .collect();
    assert_eq!(codes, [401, 403, 409, 200, 403]);
    assert_eq!(reply["responses"][2]["retry"], 30);
    assert!(reply["responses"][0]["message"].is_string());
    assert_eq!(world.sim.subscriptions(), 1);
}

#[tokio::test]
async fn subscriptions_are_refused_wholly_lost_silently_or_answered_in_part() {
    let world = World::new().await;
    let (device, mut mercury) = world.watching(&[1001, 1002]).await;
    world.sim.inject(Fault::SubscriptionsLost {}).unwrap();
    world.set(1001, "dnd");
    mercury.nothing_more().await;
    world.sim.inject(Fault::SubjectMissing { person: Some(address(1001)) }).unwrap();
    let ids = [world.id(1001), world.id(1002)];
    let reply = world.subscribe(&device, &ids, 600).await;
    assert_eq!(reply["responses"].as_array().unwrap().len(), 1);
    world.sim.inject(Fault::NoStatus {}).unwrap();
    let reply = world.subscribe(&device, &ids[1..], 600).await;
    assert!(reply["responses"][0].get("status").is_none());
    world.sim.inject_times(Fault::SubscriptionsRefused { status: 403 }, 1).unwrap();
    let body = json!({ "subjects": ids, "subscriptionTtl": 600 });
    let request = world.request("POST", "/apheleia/api/v1/subscriptions").json(&body);
    let response = request.header("Cisco-Device-Url", &device.url).send().await.unwrap();
    assert_eq!(response.status(), 403);
    world.nobody_erred();
}

#[tokio::test]
async fn who_switches_presence_off_reads_unknown() {
    let world = World::new().await;
    let (device, mut mercury) = world.watching(&[1001]).await;
    let id = world.id(1001);
    let path = format!("/feature/api/v1/features/users/{id}/user");
    let body = json!({ "key": "user-presence-enabled", "mutable": true, "val": false });
    let response = world.request("POST", &path).json(&body).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(mercury.event().await["status"], "unknown");
    let reply = world.subscribe(&device, &[id], 0).await;
    assert_eq!(reply["responses"][0]["responseCode"], 403);
}

#[tokio::test]
async fn a_bot_sets_its_own_status() {
    let world = World::new().await;
    let device = world.device().await;
    let me = device.body["userId"].clone();
    let body = json!({ "subject": me, "eventType": "dnd", "ttl": 600 });
    let request = world.request("POST", "/apheleia/api/v1/events").json(&body);
    let reply: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(reply["eventType"], "dnd");
    assert!(reply["expires"].is_string());
    let id = me.as_str().unwrap();
    let events = world.get(&format!("/apheleia/api/v1/events?userId={id}")).await;
    assert_eq!(events["events"][0]["eventType"], "dnd");
    assert_eq!(world.get(&format!("{COMPOSITIONS}?userId={id}")).await["status"], "dnd");
    world.get("/apheleia/api/v1/ping").await;
    world.nobody_erred();
}

fn version(composition: &Value) -> u64 {
    let counters = composition["vectorCounters"]["counters"].as_object().unwrap();
    counters.values().next().unwrap().as_u64().unwrap()
}
