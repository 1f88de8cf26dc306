//! The process: the way from Webex to Finesse ([`crate::pipeline`]), HTTP beside it, and an
//! orderly end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use metrics_exporter_prometheus::PrometheusHandle;
use rand::rngs::StdRng;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::{self, Config};
use crate::directory::Roll;
use crate::finesse::{Finesse, Identify};
use crate::gadgets::Asking;
use crate::http::origins::Origins;
use crate::ledger::Database;
use crate::running::Running;
use crate::status::{Part, Status};
use crate::traces::{self, Collector, Tracer};
use crate::webex::PresenceSource;
use crate::{dashboard, gadget_files, gadgets, http, journal, pipeline, systemd};

/// How often measurements are summed up; each takes 16 bytes until then.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);
/// How long a stop may take: requests under way, the last write, the farewell to Webex.
const DRAIN: Duration = Duration::from_secs(10);

/// A running server.
#[derive(Debug)]
pub struct Service {
    config: watch::Sender<Arc<Config>>,
    running: Running,
    journal: journal::Writing,
    address: SocketAddr,
    status: Status,
    reload: Arc<Notify>,
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
    /// Signs the gadgets' tokens.
    pub key: gadgets::Key,
    /// What the ids of traces are drawn from.
    pub ids: StdRng,
    /// Draws what nobody may guess.
    pub random: StdRng,
}

impl Service {
    /// Starts everything; returns once it listens.
    pub async fn start<F, P>(parts: Parts<F, P>) -> anyhow::Result<Self>
    where
        F: Finesse + Identify,
        P: PresenceSource,
    {
        let Parts { config, clock, finesse, webex, metrics, key, ids, random } = parts;
        let store = Database::in_dir(&config.state.dir)?;
        let listen = config.http.listen;
        let gadget = gadget_files::mount(&config);
        let secured = http::security::of(&config).context("failed to use http.tls_cert_file")?;
        let scheme = if secured.is_some() { "https" } else { "http" };
        let (secured, security) = watch::channel(secured);
        let proxies = Arc::from(config.http.trusted_proxies.as_slice());
        let listener = TcpListener::bind(listen)
            .await
            .with_context(|| format!("failed to listen on {listen} (http.listen)"))?;
        let address = listener.local_addr()?;

        let (status, running) = (Status::default(), Running::default());
        let origins = Origins::new(&config.http.finesse_origins);
        let (sender, config) = watch::channel(config);
        let key = Arc::new(key);
        let asking = Asking::new(Arc::clone(&finesse), clock, Arc::clone(&key));
        let (asking, roll) = (Arc::new(asking), Roll::default());
        let (configs, reload) = (config.clone(), Arc::new(Notify::new()));
        let followed = http::security::follow(config.clone(), secured, running.stop().clone());
        running.spawn("certificate", followed);
        let (journal, writing) = write_journal(config.clone(), clock, &status)?;
        let tracer = trace(&config.borrow().traces, clock, ids, &running)?;
        let parts = pipeline::Parts {
            config,
            clock,
            finesse,
            webex,
            store,
            journal,
            tracer,
            roll: roll.clone(),
        };
        let engine = pipeline::start(parts, &status, &running)?;
        if let Some(within) = systemd::watchdog() {
            let fed = systemd::feed(engine.clone(), within, running.stop().clone(), systemd::alive);
            running.spawn("watchdog", fed);
        }
        let page = dashboard::Parts {
            config: configs,
            clock,
            asking: Arc::clone(&asking),
            engine: engine.clone(),
            status: status.clone(),
            roll,
            random,
            reload: Arc::clone(&reload),
        };
        let page = dashboard::routes(page, &running);
        let parts = gadgets::Parts { asking, engine, clock, key, origins };
        let (links, gadgets) = gadgets::routes(parts);
        let gadget = gadget.merge(links).merge(page);
        let stop = running.stop();
        let front = http::Front { listener, security, proxies };
        running.spawn("metrics", upkeep(metrics.clone(), stop.clone()));
        running.spawn(
            "http",
            http::serve(front, status.clone(), metrics, gadget, gadgets, stop.clone()),
        );
        tracing::info!(http.listen = %address, scheme, "lockstep serves");
        Ok(Self { config: sender, running, journal: writing, address, status, reload })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes over what may change while running: agents, rules, and `sync` but its mode.
    pub fn reload(&self, config: Config) {
        let waits = self.config.borrow().needs_restart(&config).join(", ");
        if !waits.is_empty() {
            tracing::warn!("read at start only; restart to apply what has changed in {waits}");
        }
        self.config.send_replace(Arc::new(config));
    }

    /// Waits until an administrator asks on the page for the configuration to be read again.
    pub async fn reload_asked(&self) {
        self.reload.notified().await;
    }

    /// Waits until a part of the service ended although nobody had stopped it. Nothing is left to
    /// do then but to stop, so that whoever watches the process starts it again.
    pub async fn ended(&self) {
        self.running.stop().cancelled().await;
    }

    /// Stops taking in, finishes what is under way, and waits for it, within bounds.
    pub async fn stop(self) {
        self.status.report(|now| now.stopping = true);
        self.running.stop().cancel();
        let ended = async {
            self.running.ended().await;
            self.journal.ended().await;
        };
        if tokio::time::timeout(DRAIN, ended).await.is_err() {
            tracing::warn!("not everything had stopped in time; what is held is on disk");
        }
    }
}

/// Starts sending traces, where somebody collects them.
fn trace(
    configured: &config::Traces,
    clock: Clock,
    ids: StdRng,
    running: &Running,
) -> anyhow::Result<Tracer> {
    let Some(collector) = Collector::of(configured)? else { return Ok(Tracer::off()) };
    let (tracer, outlet) = Tracer::new(clock, ids);
    running.spawn("traces", traces::run(outlet, collector, running.stop().clone()));
    Ok(tracer)
}

/// Starts the journal's writer, whose limits follow the configuration.
fn write_journal(
    config: watch::Receiver<Arc<Config>>,
    clock: Clock,
    status: &Status,
) -> anyhow::Result<(journal::Sink, journal::Writing)> {
    const MIB: u64 = 1_024 * 1_024;
    let dir = config.borrow().state.dir.clone();
    let limits = move || {
        let journal = config.borrow().journal;
        let max_bytes = journal.max_size_mib.map(|size| size * MIB);
        journal::Limits { keep: journal.keep, max_bytes }
    };
    let status = status.clone();
    let healthy = move |written: Result<(), String>| {
        let part = written.map_or_else(Part::bad, |()| Part::good("written"));
        status.report(|now| now.journal = Some(part));
    };
    journal::start(&dir, clock, limits, healthy).context("failed to start the journal's thread")
}

/// Durations wait in memory until they are summed up, and nobody may ever read `/metrics`.
async fn upkeep(metrics: PrometheusHandle, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(UPKEEP_EVERY)).await.is_some() {
        metrics.run_upkeep();
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use lockstep_core::Time;
    use lockstep_core::finesse::{AgentState, Deployment};
    use metrics_exporter_prometheus::PrometheusBuilder;
    use rand::SeedableRng;
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
            key: gadgets::Key::drawn(&mut StdRng::seed_from_u64(1)),
            ids: StdRng::seed_from_u64(2),
            random: StdRng::seed_from_u64(2),
        };
        let service = Service::start(parts).await.unwrap();
        timeout(DRAIN, service.ended()).await.expect("the service ends");
        timeout(DRAIN, service.stop()).await.expect("the other parts stop");
    }
}
