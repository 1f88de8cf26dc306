//! Many people, a slow engine, subscriptions that cannot be renewed.

use std::time::Duration;

use lockstep::webex::{FeedEvent, PresenceSource};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use webex_sim::{Config, Fault, WebexSim};

use crate::rig::{PATIENCE, Rig, observed};

const AGENT: &str = "agent1001@example.com";

#[tokio::test]
async fn two_thousand_people_are_live_in_forty_requests() {
    let mut rig = Rig::with(Config { agents: 2_000, ..Config::default() }, |_| {}).await;
    rig.live().await;
    assert_eq!(rig.seen.iter().filter_map(observed).count(), 2_000);
    assert_eq!(rig.sim.requests("apheleia.subscribe"), 40);
    rig.sim.drop_connections();
    rig.lost().await;
    rig.live().await;
    assert_eq!(rig.sim.subscriptions(), 2_000);
    rig.finish().await;
}

/// An engine that takes nothing for longer than every time limit of the socket slows the reader
/// down; nothing is lost, and the connection is not taken for dead.
#[tokio::test]
async fn a_slow_engine_loses_nothing() {
    let sim = WebexSim::start(Config { agents: 1, ..Config::default() }).await.unwrap();
    let mut settings = crate::rig::settings(&sim);
    settings.timing.pong_within = Duration::from_millis(600);
    settings.timing.silence = Duration::from_millis(900);
    let client = crate::rig::client(settings, std::sync::Arc::new(lockstep::webex::KeepNothing));
    let person = lockstep_core::PersonId::new(sim.person(AGENT).unwrap().id.to_string());
    let (_people, list) = watch::channel([person].into());
    let (events_in, mut events) = mpsc::channel(1);
    let stop = CancellationToken::new();
    let story = async {
        while !matches!(events.recv().await, Some(FeedEvent::Live { .. })) {}
        for n in 0..50 {
            sim.set_presence(AGENT, format!("status{n}").as_str()).unwrap();
        }
        // Nothing is taken until the silence is long over.
        sim.wait_for("time to pass", Duration::from_millis(1_500), |_| false).await.unwrap_err();
        let mut said = Vec::new();
        while said.last().is_none_or(|last| last != "status49") {
            match tokio::time::timeout(PATIENCE, events.recv()).await.unwrap() {
                Some(FeedEvent::Observed { observation, .. }) => {
                    said.push(observation.facts.unwrap().get("status").unwrap().to_owned());
                }
                other => panic!("{other:?}"),
            }
        }
        let expected: Vec<String> = (0..50).map(|n| format!("status{n}")).collect();
        assert_eq!(said, expected);
        stop.cancel();
    };
    tokio::join!(client.watch(list, events_in, stop.clone()), story);
    assert_eq!(sim.violations(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn s4_16_subscriptions_that_cannot_be_renewed_are_a_loss_when_they_end() {
    let mut rig = Rig::simulated().await;
    rig.live().await;
    let began = tokio::time::Instant::now();
    rig.sim.inject(Fault::status("apheleia.subscribe", 500)).unwrap();
    let why = rig.lost().await;
    assert!(why.contains("could not be renewed in time") && why.contains("500"), "{why}");
    assert_eq!(began.elapsed().as_secs(), 600, "the granted life, and not before");
    rig.sim.clear_faults();
    rig.live().await;
    rig.finish().await;
}

/// A start with 10,000 people: 200 requests, four at a time.
#[tokio::test(start_paused = true)]
async fn ten_thousand_people_start_with_two_hundred_requests_four_at_a_time() {
    let config = Config { agents: 10_000, ..Config::default() };
    let mut rig = Rig::simulated_with(
        config,
        |_| {},
        |sim| {
            let endpoint = Some("apheleia".into());
            sim.inject(Fault::Latency { endpoint, ms: 200, jitter_ms: 0 }).unwrap();
        },
    )
    .await;
    let began = tokio::time::Instant::now();
    rig.live().await;
    // 200 requests of 200 ms, four at a time, are 10 s; more at a time would be faster.
    let seconds = began.elapsed().as_secs_f64();
    assert!((9.9..11.0).contains(&seconds), "{seconds} s");
    assert_eq!(rig.sim.requests("apheleia.subscribe"), 200);
    assert_eq!(rig.sim.subscriptions(), 10_000);
    rig.finish().await;
}
