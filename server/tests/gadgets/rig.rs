//! A whole server on fakes: a scripted Webex, a Finesse in memory, and real sockets for gadgets.

use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use lockstep::clock::Clock;
use lockstep::config::Config;
use lockstep::finesse::fake::Fake;
use lockstep::gadgets::Key;
use lockstep::service::{Parts, Service};
use lockstep::webex::FeedEvent;
use lockstep::webex::fake::{Hand, Lookup, scripted};
use lockstep_core::PersonId;
use lockstep_core::agent::LedgerEntry;
use lockstep_core::finesse::{AgentState, Deployment};
use lockstep_core::presence::{Facts, Kind, Observation, Version, Want};
use lockstep_core::protocol::{Refusal, Report, SessionReply, Term, ToGadget};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::client::{PATIENCE, Tab};

/// The page of every desktop.
pub(crate) const ORIGIN: &str = "https://finesse.example.com:8445";

/// Shared by the tests of this process, as a process has only one recorder.
static METRICS: LazyLock<PrometheusHandle> =
    LazyLock::new(|| PrometheusBuilder::new().install_recorder().unwrap());

/// A running server.
pub(crate) struct Rig {
    pub(crate) service: Service,
    pub(crate) finesse: Fake,
    pub(crate) clock: Clock,
    webex: Hand,
    pub(crate) dir: TempDir,
    said: u64,
    mode: &'static str,
    watched: &'static [&'static str],
    http: reqwest::Client,
}

/// Who is in Finesse and in Webex, and watched unless a story says otherwise.
pub(crate) const EVERYBODY: &[&str] = &["0001", "0002"];

impl Rig {
    /// Agents `0001` and `0002` of one team, READY; the server is ready.
    pub(crate) async fn start(mode: &'static str) -> Self {
        let clock = Clock::system();
        let finesse = Fake::new(Deployment::Cce, clock);
        finesse.add_agent("0001", "1", AgentState::Ready);
        finesse.add_agent("0002", "1", AgentState::Ready);
        let dir = tempfile::tempdir().unwrap();
        Self::launch(mode, EVERYBODY, clock, finesse, dir, 0).await
    }

    async fn launch(
        mode: &'static str,
        watched: &'static [&'static str],
        clock: Clock,
        finesse: Fake,
        dir: TempDir,
        said: u64,
    ) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let (source, webex) = scripted();
        for id in watched {
            let person = PersonId::new(format!("person-{id}"));
            webex.knows(&format!("agent{id}@x.example"), Lookup::Person(person));
        }
        let parts = Parts {
            config: Arc::new(config(dir.path(), mode, watched)),
            clock,
            finesse: Arc::new(finesse.clone()),
            webex: Arc::new(source),
            metrics: METRICS.clone(),
            key: Key::in_dir(dir.path(), &mut StdRng::seed_from_u64(1)).unwrap(),
            ids: StdRng::seed_from_u64(2),
            random: StdRng::seed_from_u64(2),
        };
        let service = Service::start(parts).await.unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut rig = Self { service, finesse, clock, webex, dir, said, mode, watched, http };
        // Whoever is watched in Webex is known to the engine.
        rig.webex.watches(PATIENCE, |people| people.len() == watched.len()).await;
        rig.webex.say(FeedEvent::Live { epoch: 1 }).await;
        rig.until_ready().await;
        rig
    }

    /// Everything in memory is lost; Finesse and the disk stay.
    pub(crate) async fn restart(self) -> Self {
        let watched = self.watched;
        self.restart_after(Duration::ZERO, watched).await
    }

    /// The same, once so much time has passed, and with these agents watched.
    pub(crate) async fn restart_after(
        self,
        passed: Duration,
        watched: &'static [&'static str],
    ) -> Self {
        let Self { service, finesse, clock, dir, said, mode, .. } = self;
        service.stop().await;
        let clock = Clock::starting_at(clock.now().after(passed));
        Self::launch(mode, watched, clock, finesse, dir, said).await
    }

    /// Watches only these from now on, as after a change of the configuration.
    pub(crate) fn watches_only(&self, watched: &[&str]) {
        self.service.reload(config(self.dir.path(), self.mode, watched));
    }

    async fn until_ready(&self) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let (status, body) = self.get("/readyz").await;
            let snapshot: Value = serde_json::from_str(&body).unwrap();
            if status == 200 && snapshot["agents"]["watched"] == self.watched.len() {
                return;
            }
            assert!(tokio::time::Instant::now() < deadline, "never ready: {body}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, String) {
        let url = format!("http://{}{path}", self.service.address());
        let response = self.http.get(url).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    /// Links that ended for one of these reasons; of this process, so other stories count too.
    pub(crate) async fn ended(&self, reasons: &[&str]) -> u64 {
        let mut ended = 0;
        for why in reasons {
            ended += self.count("lockstep_gadget_ends_total", why).await;
        }
        ended
    }

    /// Waits until so many have.
    pub(crate) async fn until_ended(&self, reasons: &[&str], count: u64) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while self.ended(reasons).await < count {
            let in_time = tokio::time::Instant::now() < deadline;
            assert!(in_time, "never: {count} links ended by {reasons:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// What a metric counts under a label with this value; of this process, so other stories count too.
    pub(crate) async fn count(&self, metric: &str, label: &str) -> u64 {
        let page = self.get("/metrics").await.1;
        let own = |line: &&str| line.starts_with(metric) && line.contains(&format!("\"{label}\""));
        page.lines()
            .filter(own)
            .filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok())
            .sum()
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
        let person = PersonId::new(format!("person-{agent}"));
        self.webex.say(FeedEvent::Observed { person, observation }).await;
    }

    /// `POST /api/session`, as a page of `origin` sends it.
    pub(crate) async fn ask_session(
        &self,
        agent: &str,
        authorization: Option<&str>,
        origin: Option<&str>,
    ) -> Result<SessionReply, (u16, Refusal)> {
        let url = format!("http://{}/api/session", self.service.address());
        let mut request = self.http.post(url).json(&json!({ "agent": agent }));
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let body = response.text().await.unwrap();
        match status {
            200 => Ok(serde_json::from_str(&body).unwrap()),
            _ => Err((status, serde_json::from_str(&body).unwrap())),
        }
    }

    /// A session with the agent's own password.
    pub(crate) async fn session(&self, agent: &str) -> SessionReply {
        let authorization = Fake::authorization(agent);
        self.ask_session(agent, Some(&authorization), Some(ORIGIN)).await.expect("a session")
    }

    /// A tab of the agent's desktop that was welcomed.
    pub(crate) async fn tab(&self, agent: &str) -> Tab {
        let session = self.session(agent).await;
        let mut tab = Tab::with_token(self.service.address(), ORIGIN, &session.token).await;
        tab.until("welcome", |message| match message {
            ToGadget::Welcome { agent: of, .. } => {
                assert_eq!(of.as_str(), agent);
                Some(())
            }
            _ => None,
        })
        .await;
        tab
    }
}

/// A report of the writer that acknowledges.
pub(crate) fn report(term: Term, wanted: Option<u64>, ledger: LedgerEntry) -> Report {
    let (number, view, decision, last) = (0, None, None, false);
    Report { number, term: Some(term), wanted, view, ledger, decision, last }
}

pub(crate) fn granted(message: &ToGadget) -> Option<(Term, Option<LedgerEntry>)> {
    match message {
        ToGadget::Grant { term, ledger } => Some((*term, ledger.clone())),
        _ => None,
    }
}

/// A want for this label.
pub(crate) fn wanted(label: &'static str) -> impl FnMut(&ToGadget) -> Option<(u64, Want)> {
    move |message| match message {
        ToGadget::Wanted { sequence, want } if want.wanted.to_string().contains(label) => {
            Some((*sequence, want.clone()))
        }
        _ => None,
    }
}

pub(crate) fn config(dir: &Path, mode: &str, watched: &[&str]) -> Config {
    let text = format!(
        "[webex]\ntoken = \"t\"\n[finesse]\nnodes = [\"https://f.example.com\"]\n\
         admin = {{ user = \"a\", password = \"p\" }}\n\
         supervisors = [{{ user = \"s\", password = \"p\" }}]\n\
         [agents]\nusers = {watched:?}\nemail_domains = [\"x.example\"]\n\
         [sync]\nmode = \"{mode}\"\nhold_down = \"0ms\"\n\
         [http]\nlisten = \"127.0.0.1:0\"\npublic_url = \"https://lockstep.example.com\"\n\
         finesse_origins = [\"{ORIGIN}\"]\n[state]\ndir = \"{}\"\n",
        dir.display()
    );
    let none: [(&str, &str); 0] = [];
    Config::parse(Path::new("lockstep.toml"), &text, none).expect("good")
}
