//! Tokens that are refreshed, expire and are revoked (wire notes 5).

use std::time::Duration;

use serde_json::Value;
use webex_sim::{Config, Fault};

use crate::client::World;

async fn refresh(world: &World, token: &str) -> (u16, Value) {
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "C1"),
        ("client_secret", "s3cret"),
        ("refresh_token", token),
    ];
    let response = world.bare("POST", "/v1/access_token").form(&form).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn status_of(world: &World, token: &str) -> u16 {
    let request = world.bare("GET", "/v1/people/me").bearer_auth(token);
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_refresh_gives_both_tokens_anew_and_the_old_refresh_token_is_dead() {
    let world = World::new().await;
    let (status, grant) = refresh(&world, "first").await;
    assert_eq!(status, 200);
    assert!(grant["expires_in"].as_u64().unwrap() > 0);
    assert!(grant["refresh_token_expires_in"].as_u64().unwrap() > 0);
    assert_eq!(status_of(&world, grant["access_token"].as_str().unwrap()).await, 200);
    assert_eq!(refresh(&world, "first").await.0, 400);
    assert_eq!(world.sim.counters().dead_refresh_token_uses, 1);
    assert_eq!(refresh(&world, grant["refresh_token"].as_str().unwrap()).await.0, 200);
    world.nobody_erred();
}

#[tokio::test]
async fn the_identity_broker_takes_the_secret_in_a_header() {
    let world = World::new().await;
    let form = [("grant_type", "refresh_token"), ("refresh_token", "r")];
    for path in ["/idb/oauth2/v1/access_token", "/idbroker/idb/oauth2/v1/access_token"] {
        let form = [form[0], ("refresh_token", path)];
        let request = world.bare("POST", path).basic_auth("C1", Some("s")).form(&form);
        assert_eq!(request.send().await.unwrap().status(), 200);
    }
}

#[tokio::test]
async fn an_access_token_dies_with_its_lifetime_and_its_use_is_counted() {
    let world = World::with(Config {
        access_token_lifetime: Duration::ZERO,
        rotate_refresh_tokens: false,
        ..Config::default()
    })
    .await;
    let (_, grant) = refresh(&world, "kept").await;
    assert_eq!(grant["refresh_token"], "kept");
    assert_eq!(status_of(&world, grant["access_token"].as_str().unwrap()).await, 401);
    assert_eq!(world.sim.counters().dead_token_uses, 1);
    assert_eq!(refresh(&world, "kept").await.0, 200);
    world.nobody_erred();
}

#[tokio::test]
async fn revoked_tokens_are_refused_and_later_ones_are_not() {
    let world = World::new().await;
    let bot = world.sim.token();
    assert_eq!(status_of(&world, &bot).await, 200);
    world.sim.inject(Fault::TokenRevoked {}).unwrap();
    assert_eq!(status_of(&world, &bot).await, 401);
    let (_, grant) = refresh(&world, "r").await;
    assert_eq!(status_of(&world, grant["access_token"].as_str().unwrap()).await, 200);
    assert_eq!(world.sim.counters().dead_token_uses, 1);
    world.sim.clear_faults();
    assert_eq!(status_of(&world, &bot).await, 200);
    world.sim.inject(Fault::RefreshRefused {}).unwrap();
    assert_eq!(refresh(&world, "another").await.0, 400);
}

#[tokio::test]
async fn no_token_is_ever_in_the_log() {
    let world = World::new().await;
    let (device, _mercury) = world.watching(&[1001]).await;
    let (_, grant) = refresh(&world, "SECRET-REFRESH").await;
    status_of(&world, grant["access_token"].as_str().unwrap()).await;
    world.request("DELETE", &device.url).send().await.unwrap();
    let log = format!("{:?}", world.sim.log());
    for secret in [&world.sim.token(), "SECRET-REFRESH", "s3cret", "PF84"] {
        assert!(!log.contains(secret), "{secret}");
    }
}
