//! A whole server on fakes: two teams of one agent each, a supervisor of the first, and nobody's
//! supervisor.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use lockstep::clock::Clock;
use lockstep::config::Config;
use lockstep::finesse::fake::Fake;
use lockstep::gadgets::Key;
use lockstep::service::{Parts, Service};
use lockstep::webex::FeedEvent;
use lockstep::webex::fake::{Hand, Lookup, scripted};
use lockstep_core::PersonId;
use lockstep_core::finesse::{AgentState, Deployment};
use lockstep_core::presence::{Facts, Kind, Observation, Version};
use metrics_exporter_prometheus::PrometheusBuilder;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::Value;
use tempfile::TempDir;

use super::browser::Browser;

/// How long a condition may take to come true.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// Of team 1.
pub(crate) const ADA: &str = "0001";
/// Of team 2.
pub(crate) const BEN: &str = "0002";
/// Supervises team 1.
pub(crate) const SUPERVISOR: &str = "9001";
/// Supervises team 2.
pub(crate) const OTHER: &str = "9002";
const WATCHED: [&str; 2] = [ADA, BEN];

/// A running server.
pub(crate) struct Rig {
    pub(crate) service: Service,
    pub(crate) finesse: Fake,
    pub(crate) clock: Clock,
    pub(crate) webex: Hand,
    _dir: TempDir,
    said: u64,
}

impl Rig {
    pub(crate) async fn start() -> Self {
        Self::start_with("").await
    }

    /// The same with more in the configuration.
    pub(crate) async fn start_with(more: &str) -> Self {
        let clock = Clock::system();
        let finesse = Fake::new(Deployment::Cce, clock);
        finesse.add_agent(ADA, "1", AgentState::Ready);
        finesse.add_agent(BEN, "2", AgentState::Ready);
        finesse.add_agent(SUPERVISOR, "7", AgentState::Logout);
        finesse.supervises(SUPERVISOR, &["1"]);
        finesse.add_agent(OTHER, "7", AgentState::Logout);
        finesse.supervises(OTHER, &["2"]);
        Self::launch(clock, finesse, WATCHED.map(str::to_owned).to_vec(), more).await
    }

    /// So many agents of team 1, and its supervisor.
    pub(crate) async fn start_with_a_crowd(agents: usize) -> Self {
        let clock = Clock::system();
        let finesse = Fake::new(Deployment::Cce, clock);
        let watched: Vec<String> = (1..=agents).map(|number| format!("{number:04}")).collect();
        for id in &watched {
            finesse.add_agent(id, "1", AgentState::Ready);
        }
        finesse.add_agent(SUPERVISOR, "7", AgentState::Logout);
        finesse.supervises(SUPERVISOR, &["1"]);
        Self::launch(clock, finesse, watched, "").await
    }

    async fn launch(clock: Clock, finesse: Fake, watched: Vec<String>, more: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let (source, webex) = scripted();
        for id in &watched {
            webex.knows(&address_of(id), Lookup::Person(person(id)));
        }
        let parts = Parts {
            config: Arc::new(config(dir.path(), &watched, more)),
            clock,
            finesse: Arc::new(finesse.clone()),
            webex: Arc::new(source),
            metrics: PrometheusBuilder::new().build_recorder().handle(),
            key: Key::in_dir(dir.path(), &mut StdRng::seed_from_u64(1)).unwrap(),
            ids: StdRng::seed_from_u64(3),
            random: StdRng::seed_from_u64(2),
        };
        let service = Service::start(parts).await.unwrap();
        let mut rig = Self { service, finesse, clock, webex, _dir: dir, said: 0 };
        rig.webex.watches(PATIENCE, |people| people.len() == watched.len()).await;
        rig.webex.say(FeedEvent::Live { epoch: 1 }).await;
        for id in &watched {
            rig.says(id, "active").await;
        }
        rig
    }

    /// The agent's presence in Webex.
    pub(crate) async fn says(&mut self, agent: &str, status: &str) {
        self.said += 1;
        let observation = Observation {
            device: None,
            epoch: 1,
            version: Version::from([("dc".to_owned(), self.said)]),
            source_time: Some(self.clock.now()),
            kind: Kind::Delta,
            facts: Some(Facts::new().with("status", status)),
        };
        self.webex.say(FeedEvent::Observed { person: person(agent), observation }).await;
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.service.address())
    }

    /// A browser whose person is signed in.
    pub(crate) async fn signed_in(&self, user: &str) -> Browser {
        let mut browser = self.browser();
        let (status, me) = browser.sign_in(user, lockstep::finesse::fake::PASSWORD).await;
        assert_eq!(status, 200, "{me}");
        browser
    }

    /// Waits until the agent's row is as wanted.
    pub(crate) async fn until_row(
        &self,
        browser: &Browser,
        agent: &str,
        what: &str,
        holds: impl Fn(&Value) -> bool,
    ) -> Value {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let (_, body) = browser.get("/api/agents").await;
            let rows = body["rows"].as_array().cloned().unwrap_or_default();
            if let Some(row) = rows.iter().find(|row| row["agent"] == agent && holds(row)) {
                return row.clone();
            }
            assert!(tokio::time::Instant::now() < deadline, "never: {what}: {body}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

pub(crate) fn person(agent: &str) -> PersonId {
    PersonId::new(format!("11111111-2222-3333-4444-{agent:0>12}"))
}

fn address_of(agent: &str) -> String {
    format!("agent{agent}@x.example")
}

/// What no browser may ever be sent.
pub(crate) fn assert_nothing_private(text: &str) {
    for private in ["@x.example", "11111111-2222", "webex-token-text", "a-good-password"] {
        assert!(!text.contains(private), "{private} in {text}");
    }
}

fn config(dir: &Path, watched: &[String], more: &str) -> Config {
    let text = format!(
        "[webex]\ntoken = \"webex-token-text\"\n[finesse]\nnodes = [\"https://f.example.com\"]\n\
         admin = {{ user = \"administrator\", password = \"p\" }}\n\
         supervisors = [{{ user = \"s\", password = \"p\" }}]\npoll_interval = \"500ms\"\n\
         [agents]\nusers = {watched:?}\nemail_domains = [\"x.example\"]\n\
         [sync]\nmode = \"server\"\nhold_down = \"0ms\"\n\
         [http]\nlisten = \"127.0.0.1:0\"\n[state]\ndir = \"{}\"\n{more}",
        dir.display()
    );
    let none: [(&str, &str); 0] = [];
    Config::parse(Path::new("lockstep.toml"), &text, none).expect("good")
}
