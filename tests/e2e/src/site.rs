//! One contact centre: both simulators, a folder, a process.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use finesse_sim::{Deployment, FinesseSim};
use tokio::task::JoinSet;
use toml::{Table, Value};
use webex_sim::WebexSim;

use crate::config::{CLIENT_SECRET, PASSWORD, REFRESH_TOKEN, SiteConfig};
use crate::decisions::Cursors;
use crate::files::Folder;
use crate::log::Log;
use crate::process::{Exit, Process, Signal};
use crate::wait::{PATIENCE, eventually};

/// What a stop in order may take (contract: 10 s, and a little for a busy machine).
pub(crate) const STOPS_WITHIN: Duration = Duration::from_secs(12);
/// Lines shown when something never came true.
const LAST_LINES: usize = 30;
/// Agents shown when something never came true.
const SHOWN_AGENTS: usize = 24;

/// A running site; [`Site::end`] must be the last thing of a story.
#[derive(Debug)]
pub struct Site {
    /// The simulated Webex.
    pub webex: WebexSim,
    /// The simulated Finesse.
    pub finesse: FinesseSim,
    /// Configuration, secrets, state.
    pub folder: Folder,
    pub(crate) config: SiteConfig,
    pub(crate) toml: Table,
    pub(crate) process: Option<Process>,
    pub(crate) stdout: Log,
    pub(crate) log: Log,
    /// Where in the log the present process began.
    pub(crate) born: usize,
    pub(crate) door: Door,
    pub(crate) cursors: Cursors,
    pub(crate) client: reqwest::Client,
    pub(crate) ended: bool,
}

/// Where the present process listens, as desktops find it after each restart: by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Door {
    log: Log,
    born: Arc<AtomicUsize>,
}

/// Tells the story on UCCX and on UCCE, both at the same time.
pub async fn on_both<F: Future<Output = ()> + Send + 'static>(story: impl Fn(Deployment) -> F) {
    let mut stories = JoinSet::new();
    for deployment in [Deployment::Uccx, Deployment::Ucce] {
        let told = story(deployment);
        stories.spawn(async move {
            let told = tokio::spawn(told).await;
            assert!(told.is_ok(), "the story failed on {deployment:?}: see above");
        });
    }
    stories.join_all().await;
}

impl Site {
    /// Starts everything and waits until Lockstep is ready and watches everybody it can.
    pub async fn start(config: SiteConfig) -> Self {
        let mut site = Self::prepare(config).await;
        site.run();
        site.wait_ready().await;
        site
    }

    /// Starts everything and waits for nothing.
    pub async fn prepare_and_run(config: SiteConfig) -> Self {
        let mut site = Self::prepare(config).await;
        site.run();
        site
    }

    /// Starts the simulators and writes the files; Lockstep is not started.
    pub async fn prepare(mut config: SiteConfig) -> Self {
        for user in &mut config.finesse.users {
            PASSWORD.clone_into(&mut user.password);
        }
        PASSWORD.clone_into(&mut config.finesse.admin.1);
        let webex = WebexSim::start(config.webex.clone()).await.expect("webex-sim starts");
        let finesse = FinesseSim::start(config.finesse.clone()).await.expect("finesse-sim starts");
        for fault in &config.webex_faults {
            webex.inject(fault.clone()).expect("a fault that exists");
        }
        let folder = Folder::default();
        folder.write("webex-token", &webex.token());
        folder.write("finesse-password", PASSWORD);
        folder.write("client-secret", CLIENT_SECRET);
        folder.write("refresh-token", REFRESH_TOKEN);
        let toml = config.toml(&webex, &finesse);
        let log = Log::default();
        let site = Self {
            webex,
            finesse,
            folder,
            toml,
            config,
            process: None,
            stdout: Log::default(),
            door: Door { log: log.clone(), ..Door::default() },
            log,
            born: 0,
            cursors: Cursors::default(),
            client: reqwest::Client::builder().no_proxy().build().expect("a client"),
            ended: false,
        };
        site.write_config();
        site
    }

    /// Starts the process.
    pub fn run(&mut self) {
        self.born = self.log.len();
        self.door.born.store(self.born, Ordering::SeqCst);
        let arguments = ["run", "--config", "lockstep.toml"];
        let (out, err) = (self.stdout.clone(), self.log.clone());
        let environment = self.config.environment();
        self.process = Some(Process::start(self.folder.path(), &arguments, &environment, out, err));
    }

    /// Changes a key of the configuration's file; a process that runs learns it by SIGHUP.
    pub fn configure(&mut self, section: &str, key: &str, value: impl Into<Value>) {
        if let Some(Value::Table(section)) = self.toml.get_mut(section) {
            section.insert(key.to_owned(), value.into());
        }
        self.write_config();
    }

    /// What the configuration's file says under a key; empty where it says nothing.
    pub fn configured(&self, section: &str, key: &str) -> String {
        let value = self.toml.get(section).and_then(|section| section.get(key));
        value.and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    fn write_config(&self) {
        self.folder.write("lockstep.toml", &self.toml.to_string());
    }

    /// Sends the process a signal.
    pub fn signal(&self, signal: Signal) {
        self.process.as_ref().expect("the process runs").signal(signal);
    }

    /// Waits until Lockstep is ready, and presence and states of everybody it watches are known.
    pub async fn wait_ready(&self) {
        self.page("/readyz", "ready", |page| page.status == 200).await;
        let everybody = |site: &Self| {
            let known = site.webex.subscriptions();
            let watched = site.listed_in_webex();
            (known >= watched && watched > 0).then_some(())
        };
        self.wait_for("everybody is subscribed in webex", everybody).await;
    }

    /// Agents whom Lockstep found in Webex; told by its log.
    fn listed_in_webex(&self) -> usize {
        let found = self.webex.people().len();
        found.min(self.finesse.users().len().saturating_sub(1))
    }

    /// Where the present process listens.
    pub fn listens_on(&self) -> Option<String> {
        self.door.address()
    }

    /// Ends the process by a signal and waits for it.
    pub async fn stop_by(&mut self, signal: Signal) -> Exit {
        let process = self.process.take().expect("the process runs");
        process.signal(signal);
        self.config.was_killed |= signal == Signal::Kill;
        process.exit(STOPS_WITHIN).await
    }

    /// Waits until the process has ended by itself.
    pub async fn exit(&mut self) -> Exit {
        let process = self.process.take().expect("the process runs");
        process.exit(PATIENCE).await
    }

    /// Ends the process and starts it again.
    pub async fn restart(&mut self, signal: Signal) {
        self.stop_by(signal).await;
        self.run();
        self.wait_ready().await;
    }

    /// Waits until there is something to see; tells states and the last lines if it never comes.
    pub async fn wait_for<T>(&self, what: &str, look: impl Fn(&Self) -> Option<T>) -> T {
        eventually(what, PATIENCE, || look(self), || self.told()).await
    }

    /// What is to be known when something never came true.
    pub(crate) fn told(&self) -> String {
        let users = self.finesse.users();
        let states = users.iter().take(SHOWN_AGENTS).map(|user| {
            let reason = user.reason.as_ref().map_or("", |reason| reason.label.as_str());
            format!("  {} {} {reason}\n", user.login_name, user.state)
        });
        let people = self.webex.people();
        let presences = people
            .iter()
            .take(SHOWN_AGENTS)
            .map(|person| format!("  {} {}\n", person.address, person.presence.status));
        format!(
            "states:\n{}presences:\n{}log:\n{}",
            states.collect::<String>(),
            presences.collect::<String>(),
            self.log.last(LAST_LINES)
        )
    }
}

impl Door {
    /// `None` until it listens.
    pub(crate) fn address(&self) -> Option<String> {
        let serves = |line: &crate::Line| line.message() == "lockstep serves";
        let (_, line) = self.log.find(self.born.load(Ordering::SeqCst), serves)?;
        Some(line.field("http.listen").to_owned())
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let told = self.ended || std::thread::panicking();
        assert!(told, "a story ends with Site::end, which checks what must always be true");
    }
}
