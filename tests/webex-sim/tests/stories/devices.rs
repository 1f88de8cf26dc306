//! Devices come, are refreshed, and go (wire notes 2).

use serde_json::{Value, json};
use webex_sim::{Config, Fault};

use crate::client::World;

const DEVICES: &str = "/wdm/api/v1/devices";

#[tokio::test]
async fn a_device_is_registered_with_all_that_the_vendors_clients_read() {
    let world = World::new().await;
    let device = world.device().await;
    let body = &device.body;
    assert!(device.socket.starts_with("ws://127.0.0.1:"));
    assert!(device.socket.contains("/v1/apps/wx2/registrations/"));
    assert!(body["services"]["apheleiaServiceUrl"].as_str().unwrap().ends_with("/apheleia/api/v1"));
    for list in ["developer", "entitlement", "user"] {
        assert!(body["features"][list].is_array(), "{list}");
    }
    let created = body["creationTime"].as_str().unwrap();
    assert!(created.ends_with('Z') && created.len() == "2026-01-31T08:15:00.123Z".len());
    assert_eq!(body["name"], "lockstep");
    assert_eq!(body["serviceHostMap"]["hostCatalog"], json!({}));
}

#[tokio::test]
async fn a_refresh_with_the_etag_leaves_out_developer_toggles_only() {
    let world = World::new().await;
    let device = world.device().await;
    let mut body = device.body.clone();
    // Junk that the vendor's SDK sends along.
    body["register-request-id"] = json!("x");
    body["ipNetworkDetector"] = json!({ "supportsIpV4": true });
    let refresh = |etag: &str| {
        world.request("PUT", &device.url).header("If-None-Match", etag.to_owned()).json(&body)
    };
    let same: Value = refresh(&device.etag).send().await.unwrap().json().await.unwrap();
    assert!(same["features"]["developer"].is_null());
    assert!(same["features"]["user"].is_array() && same["features"]["entitlement"].is_array());
    let other = refresh("\"older\"").send().await.unwrap();
    assert_eq!(other.headers()["etag"].to_str().unwrap(), device.etag);
    let other: Value = other.json().await.unwrap();
    assert!(other["features"]["developer"].is_array());
    assert_eq!(other["url"], device.url);
    world.nobody_erred();
}

#[tokio::test]
async fn the_list_is_404_until_there_is_a_device_and_again_when_all_are_deleted() {
    let world = World::new().await;
    let status = |method: &'static str, path: String| {
        let request = world.request(method, &path);
        async move { request.send().await.unwrap().status().as_u16() }
    };
    assert_eq!(status("GET", DEVICES.to_owned()).await, 404);
    let (first, _second) = (world.device().await, world.device().await);
    assert_eq!(world.get(DEVICES).await["devices"].as_array().unwrap().len(), 2);
    assert_eq!(world.get(&first.url).await["url"], first.url);
    assert_eq!(status("DELETE", first.url.clone()).await, 204);
    assert_eq!(status("DELETE", first.url.clone()).await, 404);
    assert_eq!(status("PUT", first.url.clone()).await, 400, "a refresh without a body");
    assert_eq!(status("DELETE", DEVICES.to_owned()).await, 204);
    assert_eq!(status("GET", DEVICES.to_owned()).await, 404);
}

#[tokio::test]
async fn too_many_devices_are_told_by_the_sentence_that_clients_know() {
    let world = World::with(Config { max_devices: 1, ..Config::default() }).await;
    let device = world.device().await;
    let response = world.register().await;
    assert_eq!(response.status(), 403);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["message"], "User has excessive device registrations");
    world.request("DELETE", &device.url).send().await.unwrap();
    assert_eq!(world.register().await.status(), 200);
    world.sim.inject_times(Fault::ExcessiveDevices {}, 1).unwrap();
    assert_eq!(world.register().await.status(), 403);
    world.nobody_erred();
}

#[tokio::test]
async fn a_device_that_is_gone_answers_404_and_takes_its_subscriptions_along() {
    let world = World::new().await;
    let (device, _mercury) = world.watching(&[1001]).await;
    world.sim.inject_times(Fault::DeviceGone {}, 1).unwrap();
    let refresh = world.request("PUT", &device.url).json(&device.body).send().await.unwrap();
    assert_eq!(refresh.status(), 404);
    assert_eq!(world.sim.subscriptions(), 0);
    assert_ne!(world.device().await.url, device.url);
}

#[tokio::test]
async fn a_device_with_a_lifetime_ends_when_it_is_not_refreshed() {
    let world = World::new().await;
    let body = json!({ "name": "short", "deviceType": "WEB", "ttl": 1 });
    let reply = world.request("POST", DEVICES).json(&body).send().await.unwrap();
    let device: Value = reply.json().await.unwrap();
    let url = device["url"].as_str().unwrap().to_owned();
    let deadline = tokio::time::Instant::now() + crate::client::PATIENCE;
    while world.request("GET", &url).send().await.unwrap().status() != 404 {
        assert!(tokio::time::Instant::now() < deadline, "the device never ended");
    }
}

#[tokio::test]
async fn a_refresh_without_a_type_becomes_a_telephone() {
    let world = World::new().await;
    let device = world.device().await;
    let request = world.request("PUT", &device.url).json(&json!({ "name": "lockstep" }));
    let body: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(body["deviceType"], "IPHONE");
}
