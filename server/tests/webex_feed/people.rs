//! One person at a time: refusals, gaps in answers, lookups under trouble.

use std::time::Duration;

use lockstep::webex::{FeedEvent, LookupError, PresenceSource};
use tokio::time::Instant;
use webex_sim::{Config, Fault};

use crate::rig::{Rig, observed};

const AGENT: &str = "agent1001@example.com";

async fn with_fault(fault: Fault, times: Option<u32>) -> Rig {
    Rig::simulated_with(
        Config::default(),
        |_| {},
        |sim| {
            match times {
                Some(times) => sim.inject_times(fault, times).unwrap(),
                None => sim.inject(fault).unwrap(),
            };
        },
    )
    .await
}

#[tokio::test(start_paused = true)]
async fn one_refused_person_does_not_keep_the_feed_from_living() {
    let fault =
        Fault::SubjectRefused { person: Some(AGENT.into()), code: 403, retry: None, evicted: None };
    let mut rig = with_fault(fault, Some(1)).await;
    let (person, why) = rig.refused().await;
    assert_eq!(person, rig.person(AGENT));
    assert!(why.starts_with("403"), "{why}");
    rig.live().await;
    // Tried again later, and then it is pushed.
    rig.status(AGENT, "active").await;
    rig.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_full_house_is_told_and_read_meanwhile() {
    let fault = Fault::SubjectRefused {
        person: Some(AGENT.into()),
        code: 409,
        retry: Some(5),
        evicted: None,
    };
    let mut rig = with_fault(fault, Some(1)).await;
    let (_, why) = rig.refused().await;
    assert!(why.starts_with("409"), "{why}");
    rig.status(AGENT, "active").await;
    rig.sees("both subscribed in the end", |sim| sim.subscriptions() == 2).await;
    rig.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_reply_without_statuses_is_completed_by_reading() {
    let mut rig = with_fault(Fault::NoStatus {}, None).await;
    rig.live().await;
    assert_eq!(rig.seen.iter().filter_map(observed).count(), 2);
    assert_eq!(rig.sim.requests("apheleia.compositions"), 1);
    rig.finish().await;
}

#[tokio::test(start_paused = true)]
async fn who_is_left_out_everywhere_is_unknown_and_said() {
    let mut rig = with_fault(Fault::SubjectMissing { person: Some(AGENT.into()) }, None).await;
    rig.live().await;
    let person = rig.person(AGENT);
    let gone = rig
        .seen
        .iter()
        .filter_map(observed)
        .any(|(who, what)| *who == person && what.facts.is_none());
    assert!(gone, "{:#?}", rig.seen);
    assert!(rig.seen.iter().any(|event| matches!(event, FeedEvent::Refused { .. })));
    rig.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_short_grant_is_renewed_in_time() {
    let mut rig = with_fault(Fault::ShortTtl { seconds: 12 }, None).await;
    rig.live().await;
    let first = rig.sim.requests("apheleia.subscribe");
    rig.sees("a renewal", |sim| sim.requests("apheleia.subscribe") > first).await;
    assert_eq!(rig.sim.subscriptions(), 2);
    rig.finish().await;
}

#[tokio::test]
async fn a_lookup_waits_as_told_and_survives_trouble() {
    let rig = Rig::new().await;
    rig.sim.inject_times(Fault::too_many_requests("hydra", 1), 1).unwrap();
    let asked = Instant::now();
    assert_eq!(rig.client.person(AGENT).await.unwrap(), Some(rig.person(AGENT)));
    assert!(asked.elapsed() >= Duration::from_secs(1));
    rig.sim.inject_times(Fault::status("hydra", 502), 2).unwrap();
    assert!(rig.client.person(AGENT).await.unwrap().is_some());
    rig.sim.inject(Fault::status("hydra", 502)).unwrap();
    let error = rig.client.person(AGENT).await.unwrap_err();
    assert!(matches!(&error, LookupError::Unavailable { detail } if detail.contains("502")));
    rig.sim.clear_faults();
    rig.sim.inject_times(Fault::NotJson { endpoint: Some("hydra".into()) }, 1).unwrap();
    assert!(rig.client.person(AGENT).await.unwrap().is_some());
    rig.finish().await;
}

#[tokio::test]
async fn a_long_pause_is_the_callers_to_plan() {
    let rig = Rig::new().await;
    rig.sim.inject_times(Fault::too_many_requests("hydra", 600), 1).unwrap();
    for _ in 0..2 {
        let error = rig.client.person(AGENT).await.unwrap_err();
        assert!(error.to_string().contains("pause"), "{error}");
    }
    assert_eq!(rig.sim.requests("hydra.people"), 1, "nothing is sent during the pause");
    rig.finish().await;
}

#[tokio::test(start_paused = true)]
async fn s4_d5_who_leaves_the_list_while_being_subscribed_is_unsubscribed_and_not_renewed() {
    let config = Config { agents: 60, ..Config::default() };
    let mut rig = Rig::simulated_with(
        config,
        |_| {},
        |sim| {
            let endpoint = Some("apheleia.subscribe".into());
            sim.inject(Fault::Latency { endpoint, ms: 2_000, jitter_ms: 0 }).unwrap();
        },
    )
    .await;
    rig.sees("a socket", |sim| sim.sockets().len() == 1).await;
    rig.people.send_replace([rig.person(AGENT)].into());
    rig.live().await;
    rig.sees("one subscription", |sim| sim.subscriptions() == 1).await;
    rig.pass(Duration::from_mins(30)).await;
    assert_eq!(rig.sim.subscriptions(), 1);
    rig.finish().await;
}

#[tokio::test(start_paused = true)]
async fn s4_16_subscriptions_are_renewed_at_half_their_life_for_a_shift() {
    let mut rig = Rig::simulated().await;
    rig.live().await;
    let mut lapsed = false;
    for _ in 0..8 * 60 {
        rig.pass(Duration::from_mins(1)).await;
        lapsed |= rig.sim.subscriptions() != 2;
    }
    let renewed = rig.sim.requests("apheleia.subscribe");
    assert!(!lapsed && rig.losses() == 0);
    assert!((96..=109).contains(&renewed), "every 270 to 300 s: {renewed}");
    let refreshed = rig.sim.requests("wdm.refresh");
    assert!((7..=9).contains(&refreshed), "hourly: {refreshed}");
    rig.finish().await;
}

#[tokio::test(start_paused = true)]
async fn who_is_refused_for_lack_of_room_is_read_every_minute_until_there_is_room() {
    let mut rig = Rig::simulated_with(
        Config::default(),
        |_| {},
        |sim| {
            let full = Fault::SubjectRefused {
                person: Some(AGENT.into()),
                code: 409,
                retry: Some(900),
                evicted: None,
            };
            sim.inject(full).unwrap();
        },
    )
    .await;
    rig.live().await;
    for status in ["dnd", "call", "active"] {
        rig.sim.set_presence(AGENT, status).unwrap();
        let changed = Instant::now();
        rig.status(AGENT, status).await;
        assert!(changed.elapsed() <= Duration::from_secs(61), "{status}: {:?}", changed.elapsed());
    }
    rig.sim.clear_faults();
    rig.sees("both are subscribed", |sim| sim.subscriptions() == 2).await;
    let told = rig.seen.iter().filter(|event| matches!(event, FeedEvent::Refused { .. })).count();
    assert_eq!(told, 1);
    rig.finish().await;
}
