//! A simulated Webex, a client that watches everybody in it, and what the client said so far.

use std::sync::Arc;
use std::time::Duration;

use lockstep::clock::Clock;
use lockstep::webex::{
    Client, FeedEvent, KeepNothing, PresenceSource, Settings, Timing, Token, TokenKeeper,
};
use lockstep_core::PersonId;
use lockstep_core::presence::Observation;
use rand::SeedableRng;
use rand::rngs::StdRng;
use secrecy::SecretString;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use webex_sim::{Config, WebexSim};

/// How long anything may take on a machine that does other things too.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Rig {
    pub(crate) sim: WebexSim,
    pub(crate) client: Arc<Client>,
    pub(crate) people: watch::Sender<Arc<[PersonId]>>,
    pub(crate) seen: Vec<FeedEvent>,
    events: mpsc::Receiver<FeedEvent>,
    stop: CancellationToken,
    task: JoinHandle<()>,
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

impl Rig {
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
        Self { sim, client, people, seen: Vec::new(), events, stop, task }
    }

    pub(crate) fn person(&self, address: &str) -> PersonId {
        PersonId::new(self.sim.person(address).unwrap().id.to_string())
    }

    /// The next event that `is` what is waited for; those before it are in `seen`.
    pub(crate) async fn until(&mut self, what: &str, is: impl Fn(&FeedEvent) -> bool) -> FeedEvent {
        let deadline = Instant::now() + PATIENCE;
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

    /// Waits for what the simulator must see.
    pub(crate) async fn sees(&self, what: &str, holds: impl Fn(&WebexSim) -> bool) {
        self.sim.wait_for(what, PATIENCE, holds).await.unwrap();
    }

    /// Stops the client, and demands that it left nothing behind and did nothing wrong.
    pub(crate) async fn finish(mut self) {
        assert_eq!(self.sim.violations(), Vec::<String>::new());
        self.stop.cancel();
        let drained = async { while self.events.recv().await.is_some() {} };
        tokio::time::timeout(PATIENCE, async { tokio::join!(drained, self.task) })
            .await
            .expect("the feed stops")
            .1
            .unwrap();
        assert!(self.sim.devices().is_empty(), "the device is removed at a clean stop");
        assert_eq!(self.sim.violations(), Vec::<String>::new());
        self.sim.shutdown().await;
    }
}

pub(crate) fn observed(event: &FeedEvent) -> Option<(&PersonId, &Observation)> {
    match event {
        FeedEvent::Observed { person, observation } => Some((person, observation)),
        _ => None,
    }
}
