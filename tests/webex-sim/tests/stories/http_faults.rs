//! Requests that fail (any endpoint).

use std::time::Duration;

use tokio::time::Instant;
use webex_sim::Fault;

use crate::client::World;

const ME: &str = "/v1/people/me";

#[tokio::test]
async fn a_status_strikes_its_endpoint_as_often_as_it_was_told() {
    let world = World::new().await;
    world.sim.inject_times(Fault::too_many_requests("hydra", 3), 2).unwrap();
    for _ in 0..2 {
        let response = world.request("GET", ME).send().await.unwrap();
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()["retry-after"], "3");
    }
    world.get(ME).await;
    world.sim.inject(Fault::status("wdm.register", 503)).unwrap();
    assert_eq!(world.register().await.status(), 503);
    world.get(ME).await;
    assert_eq!(world.sim.active_faults()[0].met, 1);
    world.sim.clear_faults();
    assert_eq!(world.register().await.status(), 200);
    assert_eq!(world.sim.counters().faults_met["http_status"], 3);
    world.nobody_erred();
}

#[tokio::test]
async fn a_rate_limit_lets_so_many_through() {
    let world = World::new().await;
    let limit = Fault::RateLimit {
        endpoint: Some("hydra.me".to_owned()),
        per_minute: 2,
        retry_after: None,
    };
    world.sim.inject(limit).unwrap();
    world.get(ME).await;
    world.get(ME).await;
    let refused = world.request("GET", ME).send().await.unwrap();
    assert_eq!(refused.status(), 429);
    let wait: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=61).contains(&wait), "{wait}");
    world.get("/v1/organizations").await;
}

#[tokio::test]
async fn latency_is_added() {
    let world = World::new().await;
    world.sim.inject(Fault::Latency { endpoint: None, ms: 60, jitter_ms: 5 }).unwrap();
    let start = Instant::now();
    world.get(ME).await;
    assert!(start.elapsed() >= Duration::from_millis(60));
}

#[tokio::test]
async fn a_connection_is_reset_or_cut_in_the_middle_of_a_body() {
    let world = World::new().await;
    world.sim.inject(Fault::Reset { endpoint: Some("hydra".to_owned()) }).unwrap();
    assert!(world.request("GET", ME).send().await.is_err());
    world.sim.clear_faults();
    world.get(ME).await;
    world.sim.inject(Fault::TruncatedBody { endpoint: None }).unwrap();
    let broken = match world.request("GET", ME).send().await {
        Ok(response) => response.bytes().await.is_err(),
        Err(_) => true,
    };
    assert!(broken);
}

#[tokio::test]
async fn a_login_page_comes_instead_of_json() {
    let world = World::new().await;
    world.sim.inject(Fault::NotJson { endpoint: None }).unwrap();
    let response = world.request("GET", ME).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/html");
    assert!(response.json::<serde_json::Value>().await.is_err());
}

#[tokio::test]
async fn a_black_hole_holds_a_request_until_it_is_cleared() {
    let world = World::new().await;
    world.sim.inject(Fault::BlackHole { endpoint: Some("hydra".to_owned()) }).unwrap();
    let request = tokio::spawn(world.request("GET", ME).send());
    world.until("the swallowed request", |sim| sim.requests("hydra.me") == 1).await;
    world.get("/u2c/api/v1/catalog?format=hostmap").await;
    assert!(!request.is_finished());
    world.sim.clear_faults();
    assert!(request.await.unwrap().is_err());
}

#[tokio::test]
async fn offline_refuses_connections_and_the_same_port_comes_back() {
    let world = World::new().await;
    let (_, mut mercury) = world.watching(&[1001]).await;
    world.sim.inject(Fault::Offline { ms: 100 }).unwrap();
    assert_eq!(mercury.closed().await, None);
    assert!(world.request("GET", ME).send().await.is_err());
    let deadline = Instant::now() + crate::client::PATIENCE;
    while world.request("GET", ME).send().await.is_err() {
        assert!(Instant::now() < deadline, "the port never came back");
    }
    assert_eq!(world.sim.subscriptions(), 1, "what was known is known still");
}

#[tokio::test]
async fn every_connection_can_be_cut_at_once() {
    let world = World::new().await;
    let (_, mut mercury) = world.watching(&[1001]).await;
    world.sim.drop_connections();
    assert_eq!(mercury.closed().await, None);
    world.get(ME).await;
}

#[tokio::test]
async fn retry_after_may_be_a_date_that_counts_from_the_answers_own() {
    let world = World::new().await;
    world.sim.inject(Fault::RetryAfterDate {}).unwrap();
    world.sim.inject(Fault::too_many_requests("hydra", 90)).unwrap();
    let refused = world.request("GET", ME).send().await.unwrap();
    let date = |name: &str| {
        let text = refused.headers()[name].to_str().unwrap().to_owned();
        jiff::fmt::rfc2822::parse(&text).unwrap().timestamp()
    };
    assert_eq!(date("retry-after").duration_since(date("date")).as_secs(), 90);
}

#[tokio::test]
async fn a_redirect_says_where_to_in_both_ways() {
    let world = World::new().await;
    let location = "https://elsewhere.example/".to_owned();
    let endpoint = Some("hydra.me".to_owned());
    world.sim.inject_times(Fault::Redirect { endpoint, location: location.clone() }, 1).unwrap();
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap();
    let url = format!("{}{ME}", world.sim.base_url());
    let answer = client.get(url).bearer_auth(world.sim.token()).send().await.unwrap();
    assert_eq!(answer.status(), 302);
    for name in ["location", "cisco-location"] {
        assert_eq!(answer.headers()[name], location.as_str());
    }
    world.get(ME).await;
}

#[tokio::test]
async fn a_link_may_lead_elsewhere_in_the_catalog_and_in_devices() {
    let world = World::new().await;
    for (link, url) in [("wdm", "https://w.example/"), ("webSocketUrl", "wss://m.example/")] {
        let (link, url) = (link.to_owned(), url.to_owned());
        world.sim.inject(Fault::ForeignLink { link, url }).unwrap();
    }
    let catalog = world.get("/u2c/api/v1/catalog?format=hostmap").await;
    assert_eq!(catalog["serviceLinks"]["wdm"], "https://w.example/");
    let device = world.device().await;
    assert_eq!(device.socket, "wss://m.example/");
    assert_eq!(device.body["serviceHostMap"]["serviceLinks"]["wdm"], "https://w.example/");
}
