//! A simulated Webex, a client that watches everybody in it, and what the client said so far.

use std::sync::Arc;
use std::time::Duration;

use lockstep::clock::Clock;
use lockstep::webex::{
    Client, FeedEvent, KeepNothing, PresenceSource, Settings, Timing, Token, TokenKeeper,
};
use lockstep_core::presence::Observation;
use lockstep_core::{PersonId, Time};
use rand::SeedableRng;
use rand::rngs::StdRng;
use secrecy::SecretString;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use webex_sim::{Config, Listen, WebexSim};

use crate::memory::{self, Memory, Port};

/// How long anything may take on a machine that does other things too.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The same in paused time, where waiting costs nothing.
const LONG_PATIENCE: Duration = Duration::from_hours(4);

pub(crate) struct Rig {
    pub(crate) sim: WebexSim,
    pub(crate) client: Arc<Client>,
    pub(crate) people: watch::Sender<Arc<[PersonId]>>,
    pub(crate) seen: Vec<FeedEvent>,
    events: mpsc::Receiver<FeedEvent>,
    stop: CancellationToken,
    task: JoinHandle<()>,
    patience: Duration,
}

/// Waits short enough for tests, long enough for a busy machine.
pub(crate) fn quick() -> Timing {
    let ms = Duration::from_millis;
    Timing {
        request: ms(3_000),
        ready: ms(3_000),
        ping_every: ms(200),
        pong_within: ms(1_500),
        silence: ms(3_000),
        backoff_first: ms(20),
        backoff_most: ms(300),
        stand_down: ms(400),
        slow_retry: ms(300),
        polling_spell: ms(600),
        gap_rest: ms(50),
        farewell: ms(3_000),
        ..Timing::default()
    }
}

pub(crate) fn settings(sim: &WebexSim) -> Settings {
    Settings {
        token: Token::Bot(SecretString::from(sim.token())),
        u2c_url: sim.u2c_url().parse().unwrap(),
        api_url: sim.api_url().parse().unwrap(),
        trusted_domains: vec!["127.0.0.1".into()],
        ca_pem: None,
        people_per_minute: 6_000,
        device_name: "lockstep-test".into(),
        reconcile_every: Duration::from_mins(5),
        timing: quick(),
    }
}

pub(crate) fn client(settings: Settings, keeper: Arc<dyn TokenKeeper>) -> Client {
    Client::new(settings, Clock::system(), StdRng::seed_from_u64(7), keeper).unwrap()
}

/// A simulator on the network in memory; for tests with paused time.
pub(crate) async fn simulated(config: Config) -> WebexSim {
    let address = memory::address();
    let port = Port::bind(address).await.unwrap();
    let epoch = Some("2026-11-21T08:00:00Z".parse().unwrap());
    WebexSim::serve(Config { epoch, seed: Some(1), ..config }, address, port).unwrap()
}

/// Settings with the product's own waits.
pub(crate) fn simulated_settings(sim: &WebexSim) -> Settings {
    Settings { timing: Timing::default(), people_per_minute: 120, ..settings(sim) }
}

/// A client on the network in memory.
pub(crate) fn simulated_client(
    settings: Settings,
    keeper: Arc<dyn TokenKeeper>,
    seed: u64,
) -> Client {
    let clock = Clock::starting_at(Time::from_millis(1_795_248_000_000)); // the simulator's epoch
    let random = StdRng::seed_from_u64(seed);
    Client::with_dial(settings, clock, random, keeper, Arc::new(Memory)).unwrap()
}

impl Rig {
    /// In paused time and with the product's own waits: two agents, a bot.
    pub(crate) async fn simulated() -> Self {
        Self::simulated_with(Config::default(), |_| {}, |_| {}).await
    }

    /// As [`simulated`](Self::simulated), with other settings, and with `prepare` done to the
    /// simulator before the client starts.
    pub(crate) async fn simulated_with(
        config: Config,
        change: impl FnOnce(&mut Settings),
        prepare: impl FnOnce(&WebexSim),
    ) -> Self {
        let sim = simulated(config).await;
        prepare(&sim);
        let mut settings = simulated_settings(&sim);
        change(&mut settings);
        Self::simulated_around(sim, simulated_client(settings, Arc::new(KeepNothing), 7))
    }

    /// A simulator in memory and a client that watches everybody in it.
    pub(crate) fn simulated_around(sim: WebexSim, client: Client) -> Self {
        Self { patience: LONG_PATIENCE, ..Self::around(sim, client) }
    }

    /// Two agents, a bot, quick waits.
    pub(crate) async fn new() -> Self {
        Self::with(Config::default(), |_| {}).await
    }

    /// As [`new`](Self::new), with other settings.
    pub(crate) async fn with(config: Config, change: impl FnOnce(&mut Settings)) -> Self {
        let sim = WebexSim::start(config).await.unwrap();
        let mut settings = settings(&sim);
        change(&mut settings);
        Self::around(sim, client(settings, Arc::new(KeepNothing)))
    }

    /// Watches everybody whom the simulator knows.
    pub(crate) fn around(sim: WebexSim, client: Client) -> Self {
        let everybody: Vec<PersonId> =
            sim.people().iter().map(|person| PersonId::new(person.id.to_string())).collect();
        let (people, list) = watch::channel(Arc::from(everybody));
        let (events_in, events) = mpsc::channel(64);
        let stop = CancellationToken::new();
        let client = Arc::new(client);
        let task = tokio::spawn({
            let (client, stop) = (Arc::clone(&client), stop.clone());
            async move { client.watch(list, events_in, stop).await }
        });
        Self { sim, client, people, seen: Vec::new(), events, stop, task, patience: PATIENCE }
    }

    pub(crate) fn person(&self, address: &str) -> PersonId {
        PersonId::new(self.sim.person(address).unwrap().id.to_string())
    }

    /// The next event that `is` what is waited for; those before it are in `seen`.
    pub(crate) async fn until(&mut self, what: &str, is: impl Fn(&FeedEvent) -> bool) -> FeedEvent {
        let deadline = Instant::now() + self.patience;
        loop {
            let Ok(event) = timeout_at(deadline, self.events.recv()).await else {
                panic!("{what}: never came; seen {:#?}\n{:?}", self.seen, self.sim.counters());
            };
            let event = event.expect("the feed goes on");
            self.seen.push(event.clone());
            if is(&event) {
                return event;
            }
        }
    }

    pub(crate) async fn live(&mut self) -> u64 {
        match self.until("live", |event| matches!(event, FeedEvent::Live { .. })).await {
            FeedEvent::Live { epoch } => epoch,
            _ => unreachable!(),
        }
    }

    pub(crate) async fn lost(&mut self) -> String {
        match self.until("lost", |event| matches!(event, FeedEvent::Lost { .. })).await {
            FeedEvent::Lost { why } => why,
            _ => unreachable!(),
        }
    }

    pub(crate) async fn refused(&mut self) -> (PersonId, String) {
        match self.until("refused", |event| matches!(event, FeedEvent::Refused { .. })).await {
            FeedEvent::Refused { person, why } => (person, why),
            _ => unreachable!(),
        }
    }

    /// Waits until the agent is said to have `status`.
    pub(crate) async fn status(&mut self, address: &str, status: &str) -> Observation {
        let wanted = self.person(address);
        let event = self
            .until(&format!("{address} is {status}"), |event| {
                observed(event).is_some_and(|(person, observation)| {
                    *person == wanted
                        && observation.facts.as_ref().and_then(|f| f.get("status")) == Some(status)
                })
            })
            .await;
        observed(&event).unwrap().1.clone()
    }

    /// Takes in what is said for so long; in paused time only.
    pub(crate) async fn pass(&mut self, time: Duration) {
        let end = Instant::now() + time;
        while let Ok(event) = timeout_at(end, self.events.recv()).await {
            self.seen.push(event.expect("the feed goes on"));
        }
    }

    /// The losses told so far.
    pub(crate) fn losses(&self) -> usize {
        self.seen.iter().filter(|event| matches!(event, FeedEvent::Lost { .. })).count()
    }

    /// Ends the client as a power cut would.
    pub(crate) fn kill(self) -> WebexSim {
        self.task.abort();
        self.sim
    }

    /// Waits for what the simulator must see.
    pub(crate) async fn sees(&self, what: &str, holds: impl Fn(&WebexSim) -> bool) {
        self.sim.wait_for(what, self.patience, holds).await.unwrap();
    }

    /// Stops the client, and demands that it did nothing wrong.
    pub(crate) async fn stopped(mut self) -> WebexSim {
        assert_eq!(self.sim.violations(), Vec::<String>::new());
        self.stop.cancel();
        let drained = async { while self.events.recv().await.is_some() {} };
        tokio::time::timeout(PATIENCE, async { tokio::join!(drained, self.task) })
            .await
            .expect("the feed stops")
            .1
            .unwrap();
        assert_eq!(self.sim.violations(), Vec::<String>::new());
        self.sim
    }

    /// Stops the client, and demands that it left nothing behind and did nothing wrong.
    pub(crate) async fn finish(self) {
        let sim = self.stopped().await;
        assert!(sim.devices().is_empty(), "the device is removed at a clean stop");
        sim.shutdown().await;
    }
}

pub(crate) fn observed(event: &FeedEvent) -> Option<(&PersonId, &Observation)> {
    match event {
        FeedEvent::Observed { person, observation } => Some((person, observation)),
        _ => None,
    }
}
