//! Whatever the interleaving, everybody ends where they should (law 4, W9, W14).

use std::collections::BTreeMap;
use std::time::Duration;

use finesse_sim::{AgentState, CallEvent, CallOptions, Deployment};
use lockstep_e2e::{Site, SiteConfig, Weather, beat, on_both, report};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::time::Instant;
use webex_sim::Change;

const ROUGH: Weather = Weather { latency_ms: (50, 350), refused_before: 0.01, refused_after: 0.01 };

fn agent(number: usize) -> String {
    format!("agent{}", 1001 + number)
}

/// A presence that is busy, free, or left alone by the rules.
fn drawn(random: &mut StdRng) -> Change {
    match random.random_range(0..8) {
        0 | 1 => "dnd".into(),
        2 => "call".into(),
        3 => Change::online_meeting(),
        4 => "calendarItem".into(),
        5 => "inactive".into(),
        _ => "active".into(),
    }
}

/// A presence that leaves no doubt, and the state it leads to.
fn last(random: &mut StdRng) -> (Change, AgentState) {
    match random.random_range(0..5) {
        0 => ("dnd".into(), AgentState::NotReady),
        1 => ("call".into(), AgentState::NotReady),
        2 => (Change::online_meeting(), AgentState::NotReady),
        _ => ("active".into(), AgentState::Ready),
    }
}

/// Everybody changes at random for a while, and then for the last time.
async fn storm(deployment: Deployment, agents: usize, lasts: Duration, seed: u64) {
    let mut config = SiteConfig::new(deployment, agents);
    "info".clone_into(&mut config.filter);
    let site = Site::start(config.set("finesse", "poll_interval", "3s")).await;
    site.weather(ROUGH);
    let mut random = StdRng::seed_from_u64(seed);
    let ends = Instant::now() + lasts;
    while Instant::now() < ends {
        for _ in 0..random.random_range(1..=agents / 10) {
            let somebody = agent(random.random_range(0..agents));
            site.presence_at(&Site::address(&somebody), drawn(&mut random));
        }
        beat(Duration::from_millis(random.random_range(20..180))).await;
    }
    let mut expected = BTreeMap::new();
    for number in 0..agents {
        let (presence, state) = last(&mut random);
        site.presence_at(&Site::address(&agent(number)), presence);
        expected.insert(agent(number), state);
    }
    let took = site.converges(&expected).await;
    site.quiet().await;
    let settled = site.converges(&expected).await;
    assert!(settled < Duration::from_millis(100), "somebody moved after all were right");
    let tally = site.tally().await;
    report(&format!(
        "convergence {deployment:?}: {agents} of {agents} agents right {took:?} after the last of {} \
         changes in {lasts:?}; {} PUTs, {} refused, {} requests, at most {} per agent at a time",
        tally.changes, tally.puts, tally.refused, tally.requests, tally.in_flight
    ));
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn law_4_200_agents_end_right_after_a_minute_of_rapid_changes() {
    on_both(|deployment| storm(deployment, 200, Duration::from_mins(1), 20_260)).await;
}

/// What the agent's phone may do next; a call only ever reaches who is READY.
fn phone(site: &Site, agent: &str, random: &mut StdRng) {
    let wrap_up = random.random_bool(0.3);
    let next = match site.finesse.state(agent) {
        AgentState::Ready => CallEvent::Ring,
        AgentState::Reserved => CallEvent::Answer,
        AgentState::Talking => CallEvent::End,
        _ => return,
    };
    let wrap_up_for = Some(Duration::from_millis(700));
    let options = CallOptions { wrap_up: Some(wrap_up), wrap_up_for, icd: None };
    // Between the look and the call Lockstep may have moved the agent.
    let _ = site.finesse.call_with(agent, next, options);
}

/// Calls, wrap-up and presence at random; all hang up at last.
async fn busy_day(deployment: Deployment) {
    const AGENTS: usize = 40;
    let site = Site::start(SiteConfig::new(deployment, AGENTS)).await;
    site.weather(ROUGH);
    let mut random = StdRng::seed_from_u64(7);
    let ends = Instant::now() + Duration::from_secs(25);
    while Instant::now() < ends {
        for _ in 0..4 {
            phone(&site, &agent(random.random_range(0..AGENTS)), &mut random);
            let somebody = agent(random.random_range(0..AGENTS));
            site.presence_at(&Site::address(&somebody), drawn(&mut random));
        }
        beat(Duration::from_millis(random.random_range(20..120))).await;
    }
    let mut expected = BTreeMap::new();
    for number in 0..AGENTS {
        let (presence, state) = last(&mut random);
        site.presence_at(&Site::address(&agent(number)), presence);
        expected.insert(agent(number), state);
        if site.finesse.user(&agent(number)).is_some_and(|user| user.on_call) {
            site.finesse.call(&agent(number), CallEvent::End).expect("a call can be ended");
        }
    }
    let took = site.converges(&expected).await;
    site.quiet().await;
    site.converges(&expected).await;
    let tally = site.tally().await;
    let events = site.finesse.events_after(0);
    let calls = events.iter().filter(|entry| entry.to == AgentState::Talking).count();
    report(&format!(
        "busy day {deployment:?}: {AGENTS} of {AGENTS} agents right {took:?} after the last of {} \
         changes and {calls} calls; {} PUTs, {} refused",
        tally.changes, tally.puts, tally.refused
    ));
    site.end().await;
}

#[tokio::test]
async fn law_5_agents_end_right_after_a_busy_day_and_no_call_was_disturbed() {
    on_both(busy_day).await;
}

#[tokio::test]
async fn w9_dnd_cleared_100_ms_later_ends_ready_in_20_of_20_trials() {
    on_both(|deployment| async move {
        let config = SiteConfig::new(deployment, 20).set("sync", "hold_down", "0s");
        let site = Site::start(config).await;
        site.two_looks().await;
        site.weather(Weather { refused_before: 0.0, refused_after: 0.0, ..ROUGH });
        for number in 0..20 {
            site.presence(&agent(number), "dnd");
        }
        beat(Duration::from_millis(100)).await;
        for number in 0..20 {
            site.presence_at(&Site::address(&agent(number)), "active");
        }
        let everybody = (0..20).map(|number| (agent(number), AgentState::Ready)).collect();
        for number in 0..20 {
            site.decides(&agent(number), "taking").await;
            site.decides(&agent(number), "released").await;
        }
        site.quiet().await;
        site.converges(&everybody).await;
        let tally = site.tally().await;
        report(&format!(
            "race {deployment:?}: 20 of 20 trials right (the public sample: 7 of 20); {} PUTs",
            tally.puts
        ));
        site.end().await;
    })
    .await;
}
