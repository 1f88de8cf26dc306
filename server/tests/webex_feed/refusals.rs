//! Refusals of the whole: polling, pauses, hosts that may not see the token.

use std::time::Duration;

use lockstep::webex::{FeedEvent, KeepNothing};
use lockstep_core::presence::Kind;
use webex_sim::{Config, Fault, WebexSim};

use crate::rig::Rig;

const AGENT: &str = "agent1001@example.com";

async fn after(fault: Fault, times: Option<u32>) -> Rig {
    let sim = WebexSim::start(Config::default()).await.unwrap();
    match times {
        Some(times) => sim.inject_times(fault, times).unwrap(),
        None => sim.inject(fault).unwrap(),
    };
    let client = crate::rig::client(crate::rig::settings(&sim), std::sync::Arc::new(KeepNothing));
    Rig::around(sim, client)
}

#[tokio::test]
async fn refused_subscriptions_fall_back_to_polling_and_recover() {
    let mut rig = after(Fault::SubscriptionsRefused { status: 403 }, None).await;
    let polling = rig.until("polling", |e| matches!(e, FeedEvent::Polling { .. })).await;
    let FeedEvent::Polling { why } = polling else { unreachable!() };
    assert!(why.contains("403"), "{why}");
    rig.sim.set_presence(AGENT, "dnd").unwrap();
    let seen = rig.status(AGENT, "dnd").await;
    assert_eq!(seen.kind, Kind::Snapshot);
    rig.sim.clear_faults();
    rig.live().await;
    let pollings = rig.seen.iter().filter(|e| matches!(e, FeedEvent::Polling { .. })).count();
    assert_eq!(pollings, 1, "told once");
    assert!(!rig.seen.iter().any(|e| matches!(e, FeedEvent::Lost { .. })));
    rig.finish().await;
}

#[tokio::test]
async fn trouble_with_subscriptions_is_no_refusal() {
    let mut rig = after(Fault::status("apheleia.subscribe", 500), Some(3)).await;
    rig.live().await;
    assert!(!rig.seen.iter().any(|e| matches!(e, FeedEvent::Polling { .. })));
    rig.finish().await;
}

#[tokio::test]
async fn a_pause_is_obeyed_by_everybody() {
    for endpoint in ["u2c", "wdm", "apheleia"] {
        let began = tokio::time::Instant::now();
        let mut rig = after(Fault::too_many_requests(endpoint, 1), Some(1)).await;
        rig.live().await;
        assert!(began.elapsed() >= Duration::from_secs(1), "{endpoint}");
        rig.finish().await;
    }
}

#[tokio::test]
async fn every_request_may_fail_at_first() {
    for endpoint in ["u2c", "wdm", "apheleia"] {
        for fault in [
            Fault::status(endpoint, 500),
            Fault::Reset { endpoint: Some(endpoint.into()) },
            Fault::NotJson { endpoint: Some(endpoint.into()) },
            Fault::TruncatedBody { endpoint: Some(endpoint.into()) },
        ] {
            let mut rig = after(fault, Some(1)).await;
            rig.live().await;
            rig.finish().await;
        }
    }
}

/// A catalog that leads elsewhere, as a hijacked or mistaken one would.
async fn misleading_catalog(wdm: &'static str) -> std::net::SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let catalog = format!(r#"{{"serviceLinks":{{"wdm":"{wdm}"}},"hostCatalog":{{}}}}"#);
    let app = axum::Router::new()
        .route("/u2c/api/v1/catalog", axum::routing::get(move || async move { catalog }));
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

#[tokio::test]
async fn the_token_does_not_go_to_a_host_that_is_not_trusted() {
    for (wdm, expected) in [
        ("https://wdm.evil.example/wdm/api/v1", "wdm.evil.example is not one of"),
        ("http://10.1.2.3/wdm/api/v1", "10.1.2.3 is addressed by http"),
    ] {
        let catalog = misleading_catalog(wdm).await;
        let sim = WebexSim::start(Config::default()).await.unwrap();
        let mut settings = crate::rig::settings(&sim);
        settings.u2c_url = format!("http://{catalog}/u2c/api/v1").parse().unwrap();
        let client = crate::rig::client(settings, std::sync::Arc::new(KeepNothing));
        let mut rig = Rig::around(sim, client);
        let why = rig.lost().await;
        assert!(why.contains(expected) && why.contains("a person must cure this"), "{why}");
        rig.finish().await;
    }
}

/// Links and redirects that lead elsewhere, in every answer that holds one.
#[tokio::test(start_paused = true)]
async fn neither_the_catalog_nor_a_device_nor_a_redirect_leads_the_token_astray() {
    for (link, url) in [
        ("wdm", "https://wdm.evil.example/wdm/api/v1"),
        ("wdm", "https://127.0.0.1@evil.example/wdm/api/v1"),
        ("wdm", "http://someone@127.0.0.1/wdm/api/v1"),
        ("wdm", "https://127.0.0.1.evil.example/wdm/api/v1"),
        ("apheleia", "https://10.0.0.1/apheleia/api/v1"),
        ("apheleia", "ftp://127.0.0.1/apheleia/api/v1"),
        ("webSocketUrl", "wss://mercury.evil.example/v1"),
        ("webSocketUrl", "ws://mercury.evil.example/v1"),
    ] {
        let mut rig = Rig::simulated_with(
            Config::default(),
            |_| {},
            |sim| {
                let (link, url) = (link.to_owned(), url.to_owned());
                sim.inject(Fault::ForeignLink { link, url }).unwrap();
            },
        )
        .await;
        let why = rig.lost().await;
        assert!(why.contains("a person must cure this"), "{link} {url}: {why}");
        assert_eq!(rig.sim.counters().sockets_opened, 0);
        rig.sim.clear_faults();
        rig.live().await;
        rig.finish().await;
    }
    for endpoint in ["u2c", "wdm", "apheleia"] {
        let mut rig = Rig::simulated_with(
            Config::default(),
            |_| {},
            |sim| {
                let location = "https://evil.example/".to_owned();
                let endpoint = Some(endpoint.to_owned());
                sim.inject_times(Fault::Redirect { endpoint, location }, 1).unwrap();
            },
        )
        .await;
        rig.live().await;
        assert!(rig.sim.log().iter().any(|entry| entry.status == Some(302)), "{endpoint}");
        rig.finish().await;
    }
}

#[tokio::test(start_paused = true)]
async fn devices_that_vanish_under_a_live_socket_are_not_taken_for_a_refusal() {
    let mut rig = Rig::simulated().await;
    let first = rig.live().await;
    rig.sim.inject(Fault::DevicesLost {}).unwrap();
    rig.lost().await;
    assert!(rig.live().await > first);
    assert!(!rig.seen.iter().any(|e| matches!(e, FeedEvent::Polling { .. })));
    rig.finish().await;
}
