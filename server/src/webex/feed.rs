//! The feed as a whole: connection after connection.

use std::sync::Arc;
use std::time::Duration;

use lockstep_core::PersonId;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use super::backoff::Backoff;
use super::bearer::Bearer;
use super::client::Context;
use super::device::Device;
use super::discovery::Catalog;
use super::outlet::Outlet;
use super::polling::Polling;
use super::presence::Presence;
use super::reaction::{End, Remake};
use super::rest::RestError;
use super::session::{Bears, Prepared, Session};

/// Six times the double: every ten hours or so, with five minutes between two reconciles.
const MOST_DEAF_DOUBLINGS: u32 = 6;

pub(super) type People = watch::Receiver<Arc<[PersonId]>>;

/// What the engine was told last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    Nothing,
    Live,
    Polling,
    Lost,
}

/// The state between two connections.
pub(super) struct Feed {
    pub(super) context: Arc<Context>,
    pub(super) outlet: Outlet,
    pub(super) backoff: Backoff,
    pub(super) catalog: Option<Catalog>,
    device: Option<Device>,
    /// What happens to the device before it is used again.
    pub(super) remake: Remake,
    /// Times in a row that another instance took our place on the device.
    pub(super) replaced: u32,
    /// Another instance has the device now.
    pub(super) stood_down: bool,
    /// Connections in a row that told nothing although presence changed.
    pub(super) deaf: u32,
    /// The token of the last connection.
    pub(super) bearer: Option<Bearer>,
    pub(super) polling: Polling,
    pub(super) told: Told,
    /// Since when nothing is known, where something was known before.
    pub(super) lost_at: Option<Instant>,
    pub(super) alarm: Option<&'static str>,
}

impl Feed {
    pub(super) fn new(context: Arc<Context>, outlet: Outlet) -> Self {
        let backoff = context.backoff();
        let polling = Polling::new(context.settings.people_per_minute);
        Self {
            context,
            outlet,
            backoff,
            polling,
            catalog: None,
            device: None,
            remake: Remake::Keep,
            replaced: 0,
            stood_down: false,
            deaf: 0,
            bearer: None,
            told: Told::Nothing,
            lost_at: None,
            alarm: None,
        }
    }

    /// Connects, and connects again, until stopped.
    pub(super) async fn run(mut self, mut people: People) {
        loop {
            let end = self.connection(&mut people).await;
            if matches!(end, End::Stopped) || self.between(end, &mut people).await.is_err() {
                break;
            }
        }
        self.farewell().await;
    }

    /// One connection from nothing to its end.
    async fn connection(&mut self, people: &mut People) -> End {
        let stop = self.outlet.stop.clone();
        let prepared = tokio::select! {
            biased; // a stop before anything else
            () = stop.cancelled() => return End::Stopped,
            prepared = self.prepare() => prepared,
        };
        let prepared = match prepared {
            Ok(prepared) => prepared,
            Err(end) => return end,
        };
        self.stood_down = false;
        let began = Instant::now();
        let (context, outlet) = (Arc::clone(&self.context), self.outlet.clone());
        let ended = Session::new(context, outlet, prepared).run(people).await;
        self.device = Some(ended.device);
        if ended.live {
            self.told = Told::Live;
            self.lost_at = None;
            self.alarm = None;
            self.polling.forget();
        }
        if ended.healthy {
            self.backoff.reset();
        }
        if began.elapsed() > 2 * self.context.settings.timing.stand_down_most {
            self.replaced = 0; // the other instance would have come back by now
        }
        match ended.end {
            End::Deaf { .. } => self.deaf = self.deaf.saturating_add(1),
            _ if began.elapsed() > 2 * self.deaf_rest() => self.deaf = 0,
            _ => {}
        }
        ended.end
    }

    /// How long the next connection is kept although it is deaf: where a new one did not help, it
    /// helps ever less to make another, and everybody is read every few minutes all the same.
    fn deaf_rest(&self) -> Duration {
        let Some(doublings) = self.deaf.checked_sub(1) else { return Duration::ZERO };
        let factor = 1 << doublings.min(MOST_DEAF_DOUBLINGS);
        self.context.settings.reconcile_every * 2 * factor
    }

    /// Catalog, device, token, socket.
    async fn prepare(&mut self) -> Result<Prepared, End> {
        let context = Arc::clone(&self.context);
        let (rest, settings) = (&context.rest, &context.settings);
        let catalog = match &self.catalog {
            Some(catalog) => catalog.clone(),
            None => self.catalog.insert(rest.catalog(&settings.u2c_url).await?).clone(),
        };
        let home = context.home(&catalog.wdm);
        let device = match (&self.device, self.remake) {
            (Some(device), Remake::Keep) => device.clone(),
            (Some(device), Remake::Refresh) => rest.refresh_or_register(&home, device).await?,
            (Some(device), Remake::Register) => rest.register_instead(&home, device).await?,
            (None, _) => rest.device(&home).await?,
        };
        self.remake = Remake::Keep;
        self.device = Some(device.clone());
        let base = catalog.presence.as_ref().or(device.presence.as_ref());
        let base = base.ok_or_else(|| End::Unsubscribable {
            why: "neither the catalog nor the device names a presence service".to_owned(),
        })?;
        let presence = Presence { base: base.clone(), device: device.url.clone() };
        let bearer = rest.tokens.bearer().await.map_err(RestError::from)?;
        self.bearer = Some(bearer.clone());
        let socket = context.connect(&device.socket, &bearer).await?;
        let bears = Bears { lost_at: self.lost_at, deaf_for: self.deaf_rest() };
        Ok(Prepared { socket, device, presence, bears })
    }

    /// Removes the device, so that it does not count against the bot's limit; but not under the
    /// feet of the instance that uses it now.
    async fn farewell(&self) {
        let Some(device) = self.device.as_ref().filter(|_| !self.stood_down) else { return };
        let limit = self.context.settings.timing.farewell / 2;
        match timeout(limit, self.context.rest.unregister(&device.url)).await {
            Ok(Ok(())) => tracing::info!("removed the webex device"),
            Ok(Err(error)) => tracing::warn!(%error, "failed to remove the webex device"),
            Err(_) => tracing::warn!("failed to remove the webex device in time"),
        }
    }
}
