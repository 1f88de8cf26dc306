//! What systemd is told (`sd_notify(3)`): ready, reading again, stopping, and that the engine still
//! turns. Elsewhere nobody listens, and nothing is told.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::engine::Handle;

/// It serves, or has finished reading again.
pub fn ready() {
    tell(&[NotifyState::Ready]);
}

/// The configuration is being read again; [`ready`] ends it.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => tracing::warn!(%error, "systemd is not told of the reload: no clock"),
    }
}

/// What is under way is finished, and nothing else begun.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// Within how much time systemd wants a sign of life, where it wants one.
pub fn watchdog() -> Option<Duration> {
    sd_notify::watchdog_enabled()
}

/// One sign of life.
pub fn alive() {
    tell(&[NotifyState::Watchdog]);
}

/// Gives a sign of life whenever the engine has answered, twice `within` the time; an engine that
/// stands still does not answer, and whoever listens starts the process anew.
pub async fn feed(engine: Handle, within: Duration, stop: CancellationToken, sign: impl Fn()) {
    let fed = async {
        while engine.turns().await {
            sign();
            sleep(within / 2).await;
        }
    };
    // An engine that has ended stops everything by itself.
    if stop.run_until_cancelled(fed).await.is_some() {
        stop.cancelled().await;
    }
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "systemd could not be told how lockstep is");
    }
}
