//! The directory on fakes and paused time.

use std::future::ready;
use std::sync::Mutex;

use lockstep_core::finesse::{AgentState, Deployment};
use lockstep_core::{AgentId, Time};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::*;
use crate::clock::Clock;
use crate::finesse::fake::{Fake, Read};
use crate::webex::fake::{Hand, Lookup, scripted};

struct Bench {
    finesse: Fake,
    hand: Hand,
    inbox: mpsc::Receiver<Message>,
    config: watch::Sender<Arc<Config>>,
    kick: Arc<Notify>,
    status: Status,
    watched: watch::Receiver<Arc<[PersonId]>>,
}

fn config(users: &str) -> Arc<Config> {
    let text = format!(
        "[webex]\ntoken = \"t\"\n[finesse]\nnodes = [\"https://f.example.com\"]\n\
         admin = {{ user = \"a\", password = \"p\" }}\nsupervisors = [{{ user = \"s\", password = \"p\" }}]\n\
         [agents]\nusers = [{users}]\nemail_domains = [\"x.example\"]\n[sync]\nmode = \"server\"\n"
    );
    let none: [(&str, &str); 0] = [];
    Arc::new(Config::parse(std::path::Path::new("lockstep.toml"), &text, none).expect("good"))
}

impl Bench {
    fn start() -> Self {
        Self::start_with(&Arc::new(KeepNobody))
    }

    fn start_with<K: KeepPeople>(known: &Arc<K>) -> Self {
        let clock = Clock::starting_at(Time::from_millis(1_000_000));
        let finesse = Fake::new(Deployment::Cce, clock);
        let (webex, hand) = scripted();
        for id in ["1", "2"] {
            finesse.add_agent(id, "7", AgentState::Ready);
            hand.knows(&format!("agent{id}@x.example"), Lookup::Nobody);
        }
        let (messages, inbox) = mpsc::channel(64);
        let (config, configs) = watch::channel(config("\"1\""));
        let (people, watched) = watch::channel(Arc::from([]));
        let (kick, status) = (Arc::new(Notify::new()), Status::default());
        let outlets = Outlets {
            engine: Handle::new(messages),
            people,
            teams: watch::channel(Arc::from([])).0,
            system: watch::channel(None).0,
            status: status.clone(),
            roll: Roll::default(),
            kick: Arc::clone(&kick),
            known: Arc::<K>::clone(known),
            clock,
        };
        let asked = Arc::new(finesse.clone());
        tokio::spawn(run(asked, Arc::new(webex), configs, outlets, CancellationToken::new()));
        Self { finesse, hand, inbox, config, kick, status, watched }
    }

    /// The next roster: who, and whether they are known in Webex.
    async fn roster(&mut self) -> Vec<(AgentId, bool)> {
        loop {
            let message = self.inbox.recv().await.expect("the directory runs");
            if let Message::Roster(Roster { agents }) = message {
                let row = |agent: Watched| (agent.id, agent.person.is_some());
                return agents.into_iter().map(row).collect();
            }
        }
    }

    /// Nothing is left to do for now.
    async fn idle(&mut self) {
        let within = Duration::from_millis(1);
        while timeout(within, self.inbox.recv()).await.is_ok() {}
    }
}

fn row(id: &str, in_webex: bool) -> (AgentId, bool) {
    (AgentId::new(id), in_webex)
}

#[tokio::test(start_paused = true)]
async fn another_configuration_is_applied_at_once_and_the_missing_are_looked_for_again() {
    let mut bench = Bench::start();
    assert_eq!(bench.roster().await, [row("1", false)]);
    bench.idle().await;
    bench.hand.knows("agent1@x.example", Lookup::Person(PersonId::new("p")));
    let told = Instant::now();
    bench.config.send_replace(config("\"1\", \"2\""));
    assert_eq!(bench.roster().await, [row("1", false), row("2", false)]);
    assert_eq!(bench.roster().await, [row("1", true), row("2", false)]);
    assert!(told.elapsed() < Duration::from_secs(1), "{:?}", told.elapsed());
    assert_eq!(**bench.watched.borrow(), [PersonId::new("p")]);
}

/// The administrator's list is heavy, and an agent who is not ours kicks with every want.
#[tokio::test(start_paused = true)]
async fn however_often_it_is_kicked_the_list_is_read_each_ten_seconds_at_most() {
    let mut bench = Bench::start();
    bench.idle().await;
    let before = bench.finesse.reads(Read::Users);
    for _ in 0..60 {
        bench.kick.notify_one();
        tokio::time::sleep(Duration::from_secs(1)).await;
        bench.idle().await;
    }
    let reads = bench.finesse.reads(Read::Users) - before;
    assert!((5..=7).contains(&reads), "{reads}");
}

#[tokio::test(start_paused = true)]
async fn a_list_that_cannot_be_read_is_tried_again_soon_and_shows_in_the_status() {
    let mut bench = Bench::start();
    bench.idle().await;
    bench.finesse.set_out_of_service(true);
    bench.kick.notify_one();
    tokio::time::sleep(KICKED_AFTER).await;
    bench.idle().await;
    assert!(!bench.status.snapshot().finesse.ok);
    bench.finesse.set_out_of_service(false);
    tokio::time::sleep(AGAIN).await;
    bench.idle().await;
    assert!(bench.status.snapshot().finesse.ok);
}

/// Keeps in memory what a database would.
#[derive(Debug, Default)]
struct InMemory(Mutex<Vec<Known>>);

impl KeepPeople for InMemory {
    fn read(&self) -> Kept<Vec<Known>> {
        Box::pin(ready(Ok(self.0.lock().unwrap().clone())))
    }

    fn write(&self, changes: Vec<Known>) -> Kept<()> {
        let mut kept = self.0.lock().unwrap();
        for change in changes {
            kept.retain(|known| known.addresses != change.addresses);
            kept.extend(change.person.is_some().then_some(change));
        }
        Box::pin(ready(Ok(())))
    }
}

impl InMemory {
    fn with(address: &str, person: &str, checked: Time) -> Arc<Self> {
        let person = Some(PersonId::new(person));
        Arc::new(Self(Mutex::new(vec![Known {
            addresses: vec![address.to_owned()],
            person,
            checked,
        }])))
    }

    fn persons(&self) -> Vec<PersonId> {
        self.0.lock().unwrap().iter().filter_map(|known| known.person.clone()).collect()
    }
}

/// A start must not wait for 10,000 look-ups that an earlier one has made.
#[tokio::test(start_paused = true)]
async fn who_was_found_before_a_restart_is_watched_without_asking_webex() {
    let kept = InMemory::with("agent1@x.example", "p", Time::from_millis(1_000_000));
    // Webex would say that there is nobody of this address.
    let mut bench = Bench::start_with(&kept);
    assert_eq!(bench.roster().await, [row("1", true)]);
    bench.idle().await;
    assert_eq!(**bench.watched.borrow(), [PersonId::new("p")]);
    bench.config.send_replace(config("\"2\""));
    bench.idle().await;
    assert_eq!(kept.persons(), [], "who is not listed any more is not kept");
}

/// An address may pass to another human, whose presence must not move the agent for ever.
#[tokio::test(start_paused = true)]
async fn who_was_found_a_day_ago_is_asked_for_again() {
    let kept = InMemory::with("agent1@x.example", "before", Time::from_millis(0));
    let mut bench = Bench::start_with(&kept);
    bench.hand.knows("agent1@x.example", Lookup::Person(PersonId::new("now")));
    assert_eq!(bench.roster().await, [row("1", true)]);
    assert_eq!(**bench.watched.borrow(), [PersonId::new("before")]);
    tokio::time::sleep(Duration::from_hours(24)).await;
    bench.idle().await;
    assert_eq!(**bench.watched.borrow(), [PersonId::new("now")]);
    assert_eq!(kept.persons(), [PersonId::new("now")]);
}
