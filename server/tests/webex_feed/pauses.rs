//! 429 and Retry-After on every call (Webex notes 2.4, 5), in simulated time.

use std::sync::Arc;
use std::time::Duration;

use lockstep::webex::{FeedEvent, PresenceSource, Token};
use secrecy::SecretString;
use webex_sim::{Config, Entry, Fault, WebexSim};

use crate::rig::{Rig, simulated, simulated_client, simulated_settings};

const AGENT: &str = "agent1001@example.com";
/// Longer than anybody waits inside a request.
const PAUSE: u64 = 120;

/// Asks for a pause, once.
fn throttle(sim: &WebexSim, endpoint: &str) {
    sim.inject_times(Fault::too_many_requests(endpoint, PAUSE), 1).unwrap();
}

/// What was asked of the same service after the refusal came when the pause was over, and came.
fn assert_kept(sim: &WebexSim, endpoint: &str, service: &[&str]) {
    let log = sim.log();
    let asked = |entry: &&Entry| entry.endpoint.is_some_and(|at| service.contains(&at));
    let mut asked = log.iter().filter(asked).skip_while(|entry| entry.status != Some(429));
    let refused = asked.next().unwrap_or_else(|| panic!("{endpoint} was never asked"));
    assert_eq!(refused.endpoint, Some(endpoint));
    let next = asked.next().unwrap_or_else(|| panic!("{endpoint} was never asked again"));
    let waited = next.at.duration_since(refused.at).as_secs_f64();
    let waited_for = f64::from(u32::try_from(PAUSE).unwrap());
    // Dates are whole seconds.
    assert!((waited_for - 1.0..waited_for + 92.0).contains(&waited), "{endpoint}: {waited} s");
}

const DEVICES: [&str; 4] = ["wdm.list", "wdm.register", "wdm.refresh", "wdm.delete"];
const PRESENCE: [&str; 2] = ["apheleia.subscribe", "apheleia.compositions"];
const PEOPLE: [&str; 3] = ["hydra.people", "hydra.me", "hydra.person"];

#[tokio::test(start_paused = true)]
async fn a_pause_on_any_call_of_a_start_is_kept_in_seconds_and_by_date() {
    for by_date in [false, true] {
        for (endpoint, service) in [
            ("u2c.catalog", &["u2c.catalog"][..]),
            ("wdm.list", &DEVICES),
            ("wdm.register", &DEVICES),
            ("apheleia.subscribe", &PRESENCE),
            ("apheleia.compositions", &PRESENCE),
        ] {
            let mut rig = Rig::simulated_with(
                Config::default(),
                |_| {},
                |sim| {
                    if by_date {
                        sim.inject(Fault::RetryAfterDate {}).unwrap();
                    }
                    sim.inject(Fault::NoStatus {}).unwrap(); // so that compositions are read
                    throttle(sim, endpoint);
                },
            )
            .await;
            rig.live().await;
            assert_kept(&rig.sim, endpoint, service);
            rig.finish().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_pause_on_a_device_refresh_is_kept() {
    let mut rig = Rig::simulated().await;
    rig.live().await;
    throttle(&rig.sim, "wdm.refresh");
    rig.sim.inject(Fault::close(4404, "")).unwrap();
    rig.lost().await;
    rig.live().await;
    assert_kept(&rig.sim, "wdm.refresh", &DEVICES);
    rig.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_pause_on_the_last_call_of_all_does_not_hold_up_a_stop() {
    let mut rig = Rig::simulated().await;
    rig.live().await;
    throttle(&rig.sim, "wdm.delete");
    let sim = rig.stopped().await;
    assert_eq!((sim.requests("wdm.delete"), sim.devices().len()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_pause_on_the_probe_of_a_token_is_kept() {
    let mut rig = Rig::simulated().await;
    rig.live().await;
    throttle(&rig.sim, "hydra.me");
    rig.sim.inject(Fault::close(4401, "")).unwrap();
    rig.lost().await;
    rig.live().await;
    for _ in 0..3 {
        assert!(rig.client.person(AGENT).await.is_err());
    }
    rig.pass(Duration::from_secs(PAUSE)).await;
    assert!(rig.client.person(AGENT).await.is_ok());
    assert_kept(&rig.sim, "hydra.me", &PEOPLE);
    rig.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_pause_while_polling_is_kept_and_halves_the_rate() {
    let mut rig = Rig::simulated_with(
        Config::default(),
        |_| {},
        |sim| {
            sim.inject(Fault::SubscriptionsRefused { status: 403 }).unwrap();
        },
    )
    .await;
    rig.until("polling", |event| matches!(event, FeedEvent::Polling { .. })).await;
    rig.pass(Duration::from_mins(1)).await;
    let asked = rig.sim.requests("hydra.person");
    assert!((118..=122).contains(&asked), "120 a minute: {asked}");
    throttle(&rig.sim, "hydra.person");
    rig.pass(Duration::from_secs(PAUSE + 1)).await;
    let before = rig.sim.requests("hydra.person");
    assert!(before <= asked + 4, "{before}");
    rig.pass(Duration::from_secs(30)).await;
    let slowly = rig.sim.requests("hydra.person") - before;
    assert!((28..=45).contains(&slowly), "60 a minute, and ever more: {slowly}");
    assert_kept(&rig.sim, "hydra.person", &PEOPLE);
    assert_eq!(rig.losses(), 0, "obeying is no failure");
    rig.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_pause_on_the_token_service_is_kept() {
    let sim = simulated(Config::default()).await;
    throttle(&sim, "hydra.token");
    let mut settings = simulated_settings(&sim);
    settings.token = Token::Integration {
        client_id: "client".into(),
        client_secret: SecretString::from("secret"),
        refresh_token: SecretString::from("refresh-0"),
    };
    let client = simulated_client(settings, Arc::new(lockstep::webex::KeepNothing), 7);
    let mut rig = Rig::simulated_around(sim, client);
    rig.live().await;
    assert_kept(&rig.sim, "hydra.token", &["hydra.token"]);
    rig.finish().await;
}

/// A limit of 30 requests a minute, and 40 are needed: all are live in the second minute.
#[tokio::test(start_paused = true)]
async fn two_thousand_people_start_within_a_limit_of_thirty_requests_a_minute() {
    let config = Config { agents: 2_000, ..Config::default() };
    let mut rig = Rig::simulated_with(
        config,
        |_| {},
        |sim| {
            let endpoint = Some("apheleia".into());
            sim.inject(Fault::RateLimit { endpoint, per_minute: 30, retry_after: None }).unwrap();
        },
    )
    .await;
    let began = tokio::time::Instant::now();
    rig.live().await;
    let seconds = began.elapsed().as_secs();
    let refused = rig.sim.counters().refused["apheleia.subscribe"];
    assert!(seconds <= 90, "{seconds} s");
    assert!(refused <= 8, "{refused} requests in vain");
    assert_eq!(rig.sim.requests("apheleia.subscribe") - refused, 40);
    rig.finish().await;
}
