//! Presence that has to be polled, in simulated time.

use std::sync::Arc;
use std::time::Duration;

use lockstep::webex::{FeedEvent, KeepNothing, PresenceSource};
use lockstep_core::PersonId;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use webex_sim::{Config, Fault, WebexSim};

use crate::rig::{Rig, observed, simulated, simulated_client, simulated_settings};

const AGENT: &str = "agent1001@example.com";

fn refuse(sim: &WebexSim) {
    sim.inject(Fault::SubscriptionsRefused { status: 403 }).unwrap();
}

async fn polling(agents: usize) -> (Rig, String) {
    let config = Config { agents, ..Config::default() };
    let mut rig = Rig::simulated_with(config, |_| {}, refuse).await;
    let event = rig.until("polling", |event| matches!(event, FeedEvent::Polling { .. })).await;
    let FeedEvent::Polling { why } = event else { unreachable!() };
    (rig, why)
}

#[tokio::test(start_paused = true)]
async fn how_old_a_status_may_be_is_told_also_when_the_list_grows() {
    let (mut rig, why) = polling(2).await;
    assert!(why.contains("403") && why.ends_with("each of 2 every 1 s"), "{why}");
    let many: Vec<PersonId> =
        (0..10_000).map(|n| PersonId::new(format!("00000000-0000-4000-8000-{n:012}"))).collect();
    rig.people.send_replace(many.into());
    let told = rig
        .until("the new pace", |event| {
            matches!(event, FeedEvent::Polling { why } if why.contains("each of 10000 every 83 min"))
        })
        .await;
    drop(told);
    rig.finish().await;
}

#[tokio::test(start_paused = true)]
async fn subscriptions_are_tried_again_every_ten_minutes() {
    let (mut rig, _) = polling(2).await;
    let began = Instant::now();
    rig.pass(Duration::from_mins(25)).await;
    assert_eq!(rig.sim.requests("apheleia.subscribe"), 3);
    rig.sim.clear_faults();
    rig.live().await;
    assert!((1_790..1_810).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    assert_eq!(rig.losses(), 0);
    rig.finish().await;
}

/// While a person's status is hidden nothing is known of them: told once, not taken back each round.
#[tokio::test(start_paused = true)]
async fn a_hidden_status_is_told_once_and_stays_unknown() {
    let config = Config::default();
    let hide = |sim: &WebexSim| {
        refuse(sim);
        sim.inject(Fault::StatusHidden { person: Some(AGENT.into()) }).unwrap();
    };
    let mut rig = Rig::simulated_with(config, |_| {}, hide).await;
    rig.pass(Duration::from_mins(9)).await;
    let person = rig.person(AGENT);
    let about: Vec<&FeedEvent> = rig
        .seen
        .iter()
        .filter(|event| match event {
            FeedEvent::Refused { person: who, .. } => *who == person,
            event => observed(event).is_some_and(|(who, _)| *who == person),
        })
        .collect();
    let [FeedEvent::Observed { observation, .. }, FeedEvent::Refused { .. }] = about[..] else {
        panic!("{about:#?}")
    };
    assert_eq!(observation.facts, None);
    rig.sim.clear_faults();
    refuse(&rig.sim);
    rig.status(AGENT, "active").await;
    rig.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_slow_engine_is_not_made_up_for_in_a_burst() {
    let sim = simulated(Config { agents: 3, ..Config::default() }).await;
    refuse(&sim);
    let client = simulated_client(simulated_settings(&sim), Arc::new(KeepNothing), 7);
    let people: Vec<PersonId> =
        sim.people().iter().map(|person| PersonId::new(person.id.to_string())).collect();
    let (_people, list) = watch::channel(Arc::from(people));
    let (events_in, mut events) = mpsc::channel(1);
    let stop = CancellationToken::new();
    let story = async {
        while !matches!(events.recv().await, Some(FeedEvent::Polling { .. })) {}
        tokio::time::sleep(Duration::from_mins(5)).await; // nothing is taken in
        let before = sim.requests("hydra.person");
        let taking = async { while events.recv().await.is_some() {} };
        tokio::time::timeout(Duration::from_secs(10), taking).await.unwrap_err();
        let burst = sim.requests("hydra.person") - before;
        assert!(burst <= 21, "two a second at most: {burst}");
        stop.cancel();
    };
    tokio::join!(client.watch(list, events_in, stop.clone()), story);
}

#[tokio::test(start_paused = true)]
async fn a_catalog_without_a_presence_service_is_read_again() {
    // Somebody else's idea of a catalog: the link leads to nothing that can be subscribed.
    let mut rig = Rig::simulated_with(
        Config::default(),
        |_| {},
        |sim| {
            let url = format!("{}/nothing", sim.base_url());
            sim.inject(Fault::ForeignLink { link: "apheleia".into(), url }).unwrap();
        },
    )
    .await;
    rig.until("polling", |event| matches!(event, FeedEvent::Polling { .. })).await;
    let read = rig.sim.requests("u2c.catalog");
    rig.sim.clear_faults();
    rig.live().await;
    assert!(rig.sim.requests("u2c.catalog") > read);
    let sim = rig.kill(); // it asked for an address that is none, which the simulator notes
    assert!(sim.violations().iter().all(|violation| violation.contains("/nothing/")));
}
