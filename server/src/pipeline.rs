//! The way from Webex to Finesse: which part feeds which, without the edges of a process (HTTP,
//! signals, the disk), so that a simulation runs the very same parts.

use std::sync::Arc;

use lockstep_core::PersonId;
use lockstep_core::finesse::Deployment;
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::Config;
use crate::engine::dispatch::{self, JOBS};
use crate::engine::{Engine, Handle, MESSAGES, Message};
use crate::finesse::{Finesse, System};
use crate::journal::Sink;
use crate::ledger::{self, Commit, LedgerError, Store};
use crate::running::Running;
use crate::status::{Feed, Part, Status};
use crate::traces::Tracer;
use crate::webex::{FeedEvent, PresenceSource};
use crate::{assembly, directory, poll};

/// Feed events that may wait; a snapshot of 10,000 people passes through this a batch at a time.
const FEED_EVENTS: usize = 1_024;
/// Commits that may wait for the disk before the engine waits.
const COMMITS: usize = 256;

/// What the way is made of; the ports are real, fake or dry.
#[derive(Debug)]
pub struct Parts<F, P, S> {
    /// The configuration, and what it becomes.
    pub config: watch::Receiver<Arc<Config>>,
    /// The time.
    pub clock: Clock,
    /// Finesse.
    pub finesse: Arc<F>,
    /// Webex.
    pub webex: Arc<P>,
    /// What must survive a restart.
    pub store: S,
    /// Where decisions are kept.
    pub journal: Sink,
    /// Where changes of presence are traced.
    pub tracer: Tracer,
    /// Told of everybody whom Finesse knows.
    pub roll: directory::Roll,
}

/// Starts every part; they run until `running` stops.
pub fn start<F: Finesse, P: PresenceSource, S: Store>(
    parts: Parts<F, P, S>,
    status: &Status,
    running: &Running,
) -> Result<Handle, LedgerError> {
    let Parts { config, clock, finesse, webex, mut store, journal, tracer, roll } = parts;
    let entries = store.read()?;
    let people_kept = store.people();
    status.report(|now| now.ledger = Part { ok: true, detail: "read".to_owned() });
    let stop = running.stop();
    let (messages, inbox) = mpsc::channel(MESSAGES);
    let engine = Handle::new(messages);
    let (commits, to_write) = mpsc::channel::<Commit>(COMMITS);
    let (jobs, to_do) = mpsc::channel(JOBS);
    let first = Arc::clone(&config.borrow());
    let task = Engine::new(clock, assembly::policies(&first, Deployment::Cce), entries)
        .without_ledger(store.is_new())
        .journaling(journal)
        .traced(tracer)
        .reconciling(first.sync.reconcile_every);
    running.spawn("engine", task.run(inbox, commits, stop.clone()));
    running.spawn("ledger", ledger::run(store, to_write, jobs, ledger_health(status)));
    let kick = Arc::new(Notify::new());
    let asking = Arc::clone(&finesse);
    let changes = dispatch::run(asking, clock, to_do, engine.clone(), Arc::clone(&kick));
    running.spawn("dispatcher", changes);

    let (people, watched) = watch::channel(Arc::<[PersonId]>::from([]));
    let (teams, polled) = watch::channel(Arc::from([]));
    let (system, platform) = watch::channel(None);
    let (events, feed) = mpsc::channel(FEED_EVENTS);
    let (source, farewell) = (Arc::clone(&webex), stop.clone());
    running.spawn("webex", async move { source.watch(watched, events, farewell).await });
    running.spawn("feed", forward(feed, engine.clone(), status.clone()));
    let policy = apply_policy(config.clone(), platform, engine.clone(), stop.clone());
    running.spawn("policy", policy);
    let status = status.clone();
    let interval = first.finesse.poll_interval;
    let outlets = directory::Outlets {
        engine: engine.clone(),
        people,
        teams,
        system,
        status: status.clone(),
        roll,
        kick,
        known: people_kept,
        clock,
    };
    let roster = directory::run(Arc::clone(&finesse), webex, config, outlets, stop.clone());
    running.spawn("directory", roster);
    let polling = poll::run(finesse, clock, interval, polled, engine.clone(), status, stop.clone());
    running.spawn("poll", polling);
    Ok(engine)
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
    // What a side needs is made at the start.
    let sides = configs.borrow().modes();
    loop {
        let changed = tokio::select! {
            biased; // one order, so that a simulation repeats
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
            let policies = assembly::policies(&config, deployment).within(sides);
            engine.send(Message::Policies(Box::new(policies))).await;
            tracing::info!(finesse.deployment = %deployment, "policy applies");
            known = Some((deployment, config));
        }
    }
}
