//! Two instances that believe to be the same one (Webex notes 8: they must not throw each other out
//! for ever).

use std::sync::Arc;
use std::time::Duration;

use lockstep::webex::{FeedEvent, KeepNothing, PresenceSource};
use lockstep_core::PersonId;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use webex_sim::{Config, Fault, WebexSim};

use crate::rig::{Rig, simulated_client, simulated_settings};

const AGENT: &str = "agent1001@example.com";

/// A second instance with the same device name.
struct Other {
    events: mpsc::Receiver<FeedEvent>,
    stop: CancellationToken,
    task: JoinHandle<()>,
    _people: watch::Sender<Arc<[PersonId]>>,
}

impl Other {
    fn start(sim: &WebexSim) -> Self {
        let client = simulated_client(simulated_settings(sim), Arc::new(KeepNothing), 99);
        let people: Vec<PersonId> =
            sim.people().iter().map(|person| PersonId::new(person.id.to_string())).collect();
        let (people, list) = watch::channel(Arc::from(people));
        let (events_in, events) = mpsc::channel(1_024);
        let stop = CancellationToken::new();
        let told = stop.clone();
        let task = tokio::spawn(async move { client.watch(list, events_in, told).await });
        Self { events, stop, task, _people: people }
    }

    /// What it has said by now.
    fn said(&mut self) -> Vec<FeedEvent> {
        std::iter::from_fn(|| self.events.try_recv().ok()).collect()
    }

    async fn finish(mut self) {
        self.stop.cancel();
        let drained = async { while self.events.recv().await.is_some() {} };
        tokio::join!(drained, self.task).1.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_replaced_stands_down_for_half_a_minute_and_more_with_an_alarm() {
    let mut rig = Rig::simulated().await;
    rig.live().await;
    let mut other = Other::start(&rig.sim);
    let why = rig.lost().await;
    assert!(why.contains("another instance took over; standing down"), "{why}");
    let opened = rig.sim.counters().sockets_opened;
    rig.pass(Duration::from_secs(44)).await;
    assert_eq!(rig.sim.counters().sockets_opened, opened, "nothing is opened meanwhile");
    assert!(other.said().iter().any(|event| matches!(event, FeedEvent::Live { .. })));
    other.finish().await;
    rig.live().await;
    rig.finish().await;
}

#[tokio::test(start_paused = true)]
async fn two_that_fight_for_a_device_meet_ever_more_rarely() {
    let mut rig = Rig::simulated().await;
    rig.live().await;
    let mut other = Other::start(&rig.sim);
    let mut counts = Vec::new();
    for _ in 0..6 {
        let before = rig.sim.counters().sockets_opened;
        for _ in 0..12 {
            rig.pass(Duration::from_mins(5)).await;
            other.said();
        }
        counts.push(rig.sim.counters().sockets_opened - before);
    }
    assert!(counts[0] <= 14, "in the first hour: {counts:?}");
    assert!(counts[2..].iter().all(|count| *count <= 5), "handovers per hour: {counts:?}");
    assert_eq!(rig.sim.devices().len(), 1);
    assert_eq!(rig.sim.sockets().len(), 1, "one of them always lives");
    other.finish().await;
    rig.sim.clear_faults();
    drop(rig);
}

#[tokio::test(start_paused = true)]
async fn who_stands_down_and_is_stopped_leaves_the_device_to_the_other() {
    let rig = Rig::simulated().await;
    let mut rig = rig;
    rig.live().await;
    let other = Other::start(&rig.sim);
    rig.lost().await;
    let device = rig.sim.devices();
    let sim = rig.stopped().await;
    assert_eq!(sim.devices(), device, "the other's device stays");
    assert_eq!(sim.subscriptions(), 2);
    sim.set_presence(AGENT, "dnd").unwrap();
    assert_eq!(sim.counters().events_sent, 1);
    other.finish().await;
    assert!(sim.devices().is_empty());
}

#[tokio::test(start_paused = true)]
async fn being_replaced_is_forgotten_after_a_long_peace() {
    let mut rig = Rig::simulated().await;
    rig.live().await;
    let mut waits = Vec::new();
    for peace in [60, 60, 60, 2_000, 60] {
        rig.pass(Duration::from_secs(peace)).await;
        rig.sim.inject(Fault::MercuryReplaced {}).unwrap();
        rig.lost().await;
        let lost_at = Instant::now();
        rig.live().await;
        waits.push(lost_at.elapsed().as_secs());
    }
    for (wait, least) in waits.iter().zip([45, 90, 180, 45, 90]) {
        assert!((least..=least * 4 / 3 + 2).contains(wait), "{waits:?}");
    }
    rig.finish().await;
}

/// Webex notes 2.4: who keeps registering under new names runs into the limit.
#[tokio::test(start_paused = true)]
async fn devices_that_other_installations_left_behind_make_room() {
    let config = Config { max_devices: 4, ..Config::default() };
    let mut rig = Rig::simulated_with(config, |s| s.device_name = "left-0".into(), |_| {}).await;
    for number in 1..=3 {
        rig.live().await;
        rig.pass(Duration::from_mins(1)).await;
        let sim = rig.kill();
        let mut settings = simulated_settings(&sim);
        settings.device_name = format!("left-{number}");
        rig = Rig::simulated_around(sim, simulated_client(settings, Arc::new(KeepNothing), number));
    }
    rig.live().await;
    let oldest_first = rig.sim.devices().len();
    assert_eq!(oldest_first, 4);
    // A fifth: nobody's device is old enough to be nobody's.
    let sim = rig.kill();
    let mut settings = simulated_settings(&sim);
    settings.device_name = "fifth".into();
    let mut rig = Rig::simulated_around(sim, simulated_client(settings, Arc::new(KeepNothing), 50));
    let why = rig.lost().await;
    assert!(why.contains("excessive device registrations"), "{why}");
    assert!(why.contains("a person must cure this"), "{why}");
    assert_eq!(rig.sim.devices().len(), 4, "none that may live is removed");
    let began = Instant::now();
    rig.live().await;
    let hours = began.elapsed().as_secs_f64() / 3600.0;
    assert!((2.9..3.2).contains(&hours), "three refreshes were missed: {hours} h");
    assert_eq!(rig.sim.devices().len(), 4, "one went, one came");
    let asked = rig.sim.requests("wdm.register");
    assert!(asked <= 4 + 2 * 200, "slowly: {asked}");
    drop(rig);
}
