//! Puts the parts together, and takes them apart in order.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use lockstep_core::PersonId;
use lockstep_core::finesse::Deployment;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::config::Config;
use crate::engine::dispatch::{self, JOBS};
use crate::engine::{Engine, Handle, MESSAGES, Message};
use crate::finesse::{Finesse, System};
use crate::ledger::{self, Commit, LedgerFile};
use crate::status::{Feed, Part, Status};
use crate::webex::{FeedEvent, PresenceSource};
use crate::{assembly, directory, http, poll};

/// Feed events that may wait; a snapshot of 10,000 people passes through this a batch at a time.
const FEED_EVENTS: usize = 1_024;
/// Commits that may wait for the disk before the engine waits.
const COMMITS: usize = 256;
/// How often measurements are summed up; each takes 16 bytes until then.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);
/// How long a stop may take: requests under way, the last write, the farewell to Webex.
const DRAIN: Duration = Duration::from_secs(10);

/// A running server.
#[derive(Debug)]
pub struct Service {
    config: watch::Sender<Arc<Config>>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// What a service is made of; the ports are real, fake or dry.
#[derive(Debug)]
pub struct Parts<F, P> {
    /// The configuration.
    pub config: Arc<Config>,
    /// The time.
    pub clock: Clock,
    /// Finesse.
    pub finesse: Arc<F>,
    /// Webex.
    pub webex: Arc<P>,
    /// Where `/metrics` comes from.
    pub metrics: PrometheusHandle,
}

impl Service {
    /// Starts everything; returns once it listens.
    pub async fn start<F: Finesse, P: PresenceSource>(parts: Parts<F, P>) -> anyhow::Result<Self> {
        let Parts { config, clock, finesse, webex, metrics } = parts;
        let file = LedgerFile::in_dir(&config.state.dir)?;
        let entries = file.read()?;
        let listen = config.http.listen;
        let listener = TcpListener::bind(listen)
            .await
            .with_context(|| format!("failed to listen on {listen} (http.listen)"))?;
        tracing::info!(http.listen = %listener.local_addr()?, "lockstep serves");

        let status = Status::default();
        status.report(|now| now.ledger = Part { ok: true, detail: "read".to_owned() });
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let parts = Running { tasks: tasks.clone(), stop: stop.clone() };
        parts.spawn("metrics", upkeep(metrics.clone(), stop.clone()));
        parts.spawn("http", serve_http(listener, status.clone(), metrics, stop.clone()));

        let (messages, inbox) = mpsc::channel(MESSAGES);
        let engine = Handle::new(messages);
        let (commits, to_write) = mpsc::channel::<Commit>(COMMITS);
        let (jobs, to_do) = mpsc::channel(JOBS);
        let policy = assembly::policy(&config, Deployment::Cce);
        let task = Engine::new(clock, policy, entries.clone());
        parts.spawn("engine", task.run(inbox, commits, stop.clone()));
        parts.spawn("ledger", ledger::run(file, entries, to_write, jobs, ledger_health(&status)));
        let kick = Arc::new(Notify::new());
        let asking = Arc::clone(&finesse);
        parts.spawn(
            "dispatcher",
            dispatch::run(asking, clock, to_do, engine.clone(), Arc::clone(&kick)),
        );

        let (people, watched) = watch::channel(Arc::<[PersonId]>::from([]));
        let (teams, polled) = watch::channel(Arc::from([]));
        let (system, platform) = watch::channel(None);
        let interval = config.finesse.poll_interval;
        let (config, configs) = watch::channel(config);
        let (events, feed) = mpsc::channel(FEED_EVENTS);
        let source = Arc::clone(&webex);
        let farewell = stop.clone();
        parts.spawn("webex", async move { source.watch(watched, events, farewell).await });
        parts.spawn("feed", forward(feed, engine.clone(), status.clone()));
        parts
            .spawn("policy", apply_policy(configs.clone(), platform, engine.clone(), stop.clone()));
        let outlets = directory::Outlets {
            engine: engine.clone(),
            people,
            teams,
            system,
            status: status.clone(),
            kick,
        };
        parts.spawn(
            "directory",
            directory::run(Arc::clone(&finesse), webex, configs.clone(), outlets, stop.clone()),
        );
        parts.spawn(
            "poll",
            poll::run(finesse, clock, interval, polled, engine, status, stop.clone()),
        );
        tasks.close();
        Ok(Self { config, stop, tasks })
    }

    /// Takes over what may change while running: agents, rules, and `sync` but its mode.
    pub fn reload(&self, config: Config) {
        let waits = self.config.borrow().needs_restart(&config).join(", ");
        if !waits.is_empty() {
            tracing::warn!("read at start only; restart to apply what has changed in {waits}");
        }
        self.config.send_replace(Arc::new(config));
    }

    /// Waits until a part of the service ended although nobody had stopped it. Nothing is left to
    /// do then but to stop, so that whoever watches the process starts it again.
    pub async fn ended(&self) {
        self.stop.cancelled().await;
    }

    /// Stops taking in, finishes what is under way, and waits for it, within bounds.
    pub async fn stop(self) {
        self.stop.cancel();
        if tokio::time::timeout(DRAIN, self.tasks.wait()).await.is_err() {
            tracing::warn!("not everything had stopped in time; what is held is on disk");
        }
    }
}

/// The parts that make up the service: none of them may end by itself.
struct Running {
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Running {
    fn spawn(&self, name: &'static str, part: impl Future<Output = ()> + Send + 'static) {
        let end = End { name, stop: self.stop.clone() };
        self.tasks.spawn(async move {
            let _end = end;
            part.await;
        });
    }
}

/// The end of a part, by a panic too.
struct End {
    name: &'static str,
    stop: CancellationToken,
}

impl Drop for End {
    fn drop(&mut self) {
        if !self.stop.is_cancelled() {
            tracing::error!(part = self.name, "a part of lockstep ended by itself; stopping");
            self.stop.cancel();
        }
    }
}

async fn serve_http(
    listener: TcpListener,
    status: Status,
    metrics: PrometheusHandle,
    stop: CancellationToken,
) {
    if let Err(error) = http::serve(listener, status, metrics, stop).await {
        tracing::error!(error = %error, "failed to serve http");
    }
}

/// Durations wait in memory until they are summed up, and nobody may ever read `/metrics`.
async fn upkeep(metrics: PrometheusHandle, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(UPKEEP_EVERY)).await.is_some() {
        metrics.run_upkeep();
    }
}

fn ledger_health(status: &Status) -> impl Fn(Result<(), String>) + Send + 'static {
    let status = status.clone();
    move |written| {
        status.report(|now| {
            let ok = written.is_ok();
            let detail = written.err().unwrap_or_else(|| "written".to_owned());
            now.ledger = Part { ok, detail };
        });
    }
}

/// Feed events go to the engine, and what they say of the feed into the status.
async fn forward(mut feed: mpsc::Receiver<FeedEvent>, engine: Handle, status: Status) {
    while let Some(event) = feed.recv().await {
        let told = match &event {
            FeedEvent::Live { .. } => Some((Feed::Live, "changes are pushed".to_owned())),
            FeedEvent::Polling { why } => Some((Feed::Polling, why.clone())),
            FeedEvent::Lost { why } => Some((Feed::Lost, why.clone())),
            FeedEvent::Observed { .. } | FeedEvent::Refused { .. } => None,
        };
        if let Some((feed, detail)) = told {
            status.report(|now| {
                now.webex.feed = feed;
                now.webex.detail = detail;
            });
        }
        engine.send(Message::Feed(event)).await;
    }
}

/// The policy follows the configuration and the platform.
async fn apply_policy(
    mut configs: watch::Receiver<Arc<Config>>,
    mut platform: watch::Receiver<Option<System>>,
    engine: Handle,
    stop: CancellationToken,
) {
    let mut known = None;
    loop {
        let changed = tokio::select! {
            () = stop.cancelled() => return,
            changed = configs.changed() => changed,
            changed = platform.changed() => changed,
        };
        if changed.is_err() {
            return;
        }
        let deployment = platform.borrow().as_ref().map(|system| system.deployment);
        let Some(deployment) = deployment else { continue };
        let config = Arc::clone(&configs.borrow_and_update());
        // SystemInfo is read every minute; only another platform or configuration counts.
        let fresh = known.as_ref().is_none_or(|(last, of): &(Deployment, Arc<Config>)| {
            *last != deployment || !Arc::ptr_eq(of, &config)
        });
        if fresh {
            engine.send(Message::Policy(assembly::policy(&config, deployment))).await;
            tracing::info!(finesse.deployment = %deployment, "policy applies");
            known = Some((deployment, config));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use lockstep_core::Time;
    use lockstep_core::finesse::AgentState;
    use metrics_exporter_prometheus::PrometheusBuilder;
    use tokio::time::timeout;

    use super::*;
    use crate::finesse::fake::Fake;
    use crate::webex::fake::scripted;

    fn config(dir: &Path) -> Config {
        let text = format!(
            "[webex]\ntoken = \"t\"\n[finesse]\nnodes = [\"https://f.example.com\"]\n\
             admin = {{ user = \"a\", password = \"p\" }}\n\
             supervisors = [{{ user = \"s\", password = \"p\" }}]\n\
             [agents]\nusers = [\"1\"]\nemail_domains = [\"x.example\"]\n\
             [sync]\nmode = \"server\"\n[http]\nlisten = \"127.0.0.1:0\"\n\
             [state]\ndir = \"{}\"\n",
            dir.display()
        );
        let none: [(&str, &str); 0] = [];
        Config::parse(Path::new("lockstep.toml"), &text, none).expect("good")
    }

    /// Alive, deaf and said to be ready is the worst a service can be.
    #[tokio::test]
    async fn a_part_that_ends_by_itself_ends_the_service() {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::starting_at(Time::from_millis(1_000_000));
        let finesse = Fake::new(Deployment::Cce, clock);
        finesse.add_agent("1", "7", AgentState::Ready);
        // The scripted source panics, because nobody told it who the agent is.
        let (webex, _hand) = scripted();
        let parts = Parts {
            config: Arc::new(config(dir.path())),
            clock,
            finesse: Arc::new(finesse),
            webex: Arc::new(webex),
            metrics: PrometheusBuilder::new().build_recorder().handle(),
        };
        let service = Service::start(parts).await.unwrap();
        timeout(DRAIN, service.ended()).await.expect("the service ends");
        timeout(DRAIN, service.stop()).await.expect("the other parts stop");
    }
}
