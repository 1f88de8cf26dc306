//! Reads the teams' states again and again (server mode's eyes).

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream;
use lockstep_core::TeamId;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::Config;
use crate::engine::{Handle, Message};
use crate::finesse::{Finesse, FinesseError};
use crate::status::{Part, Status};

/// Teams read at once, so that fifty teams fit into one interval without a burst.
const AT_ONCE: usize = 8;

/// Polls every team each `finesse.poll_interval`, until `stop`.
pub async fn run<F: Finesse>(
    finesse: Arc<F>,
    clock: Clock,
    teams: watch::Receiver<Arc<[TeamId]>>,
    config: watch::Receiver<Arc<Config>>,
    engine: Handle,
    status: Status,
    stop: CancellationToken,
) {
    let interval = config.borrow().finesse.poll_interval;
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut trouble = None;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let teams = Arc::clone(&teams.borrow());
        let reads = teams.iter().cloned().map(|team| read(&*finesse, clock, team, &engine));
        let reading = stream::iter(reads).buffer_unordered(AT_ONCE).collect::<Vec<_>>();
        let results = tokio::select! {
            () = stop.cancelled() => return,
            results = reading => results,
        };
        let failure = results.into_iter().find_map(Result::err).map(|error| error.to_string());
        if failure != trouble {
            if let Some(error) = &failure {
                tracing::warn!(error, "failed to read the states of a team");
            } else {
                tracing::info!("the states of all teams can be read again");
            }
            trouble.clone_from(&failure);
        }
        if !teams.is_empty() {
            status.report(|now| {
                now.finesse = Part {
                    ok: failure.is_none(),
                    detail: failure.unwrap_or_else(|| "in service".to_owned()),
                };
            });
        }
    }
}

async fn read<F: Finesse>(
    finesse: &F,
    clock: Clock,
    team: TeamId,
    engine: &Handle,
) -> Result<(), FinesseError> {
    let asked_at = clock.now();
    match finesse.team(&team).await {
        Ok(members) => {
            engine.send(Message::Team { asked_at, members }).await;
            Ok(())
        }
        // Reported by name when the users were read; the other teams go on.
        Err(FinesseError::NoSupervisor { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}
