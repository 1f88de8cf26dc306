//! The feed as a whole: connection after connection, and what happens between two.

use std::sync::Arc;
use std::time::Duration;

use lockstep_core::PersonId;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use super::FeedEvent;
use super::backoff::Backoff;
use super::client::Context;
use super::device::Device;
use super::discovery::Catalog;
use super::metric::Metric;
use super::outlet::{Outlet, Stopped};
use super::polling::Polling;
use super::presence::Presence;
use super::reaction::{End, REFRESH_AFTER, Reaction, Renew, Wait, label, react};
use super::session::{Session, Socket};
use super::token::Bearer;

type People = watch::Receiver<Arc<[PersonId]>>;

/// What the engine was told last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Nothing,
    Live,
    Polling,
    Lost,
}

/// The state between two connections.
pub(super) struct Feed {
    context: Arc<Context>,
    outlet: Outlet,
    backoff: Backoff,
    catalog: Option<Catalog>,
    device: Option<Device>,
    /// The device must be looked at before it is used again.
    stale: bool,
    /// The token of the last connection.
    bearer: Option<Bearer>,
    polling: Polling,
    told: Told,
    alarm: Option<&'static str>,
}

/// Everything a session is made of.
struct Prepared {
    socket: Socket,
    device: Device,
    presence: Presence,
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
            stale: false,
            bearer: None,
            told: Told::Nothing,
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
            biased; // one order, so that a simulation repeats
            () = stop.cancelled() => return End::Stopped,
            prepared = self.prepare() => prepared,
        };
        let prepared = match prepared {
            Ok(prepared) => prepared,
            Err(end) => return end,
        };
        let Prepared { socket, device, presence } = prepared;
        let began = Instant::now();
        let (context, outlet) = (Arc::clone(&self.context), self.outlet.clone());
        let ended = Session::new(context, outlet, socket, device, presence).run(people).await;
        self.device = Some(ended.device);
        if ended.live {
            self.told = Told::Live;
            self.alarm = None;
        }
        if began.elapsed() >= self.context.settings.timing.healthy_after {
            self.backoff.reset();
        }
        ended.end
    }

    /// Catalog, device, token, socket.
    async fn prepare(&mut self) -> Result<Prepared, End> {
        let context = Arc::clone(&self.context);
        let (rest, settings) = (&context.rest, &context.settings);
        let catalog = match &self.catalog {
            Some(catalog) => catalog.clone(),
            None => self.catalog.insert(rest.catalog(&settings.u2c_url).await?).clone(),
        };
        let name = &settings.device_name;
        let device = match &self.device {
            Some(device) if !self.stale => device.clone(),
            Some(device) => rest.refresh_or_register(&catalog.wdm, name, device).await?,
            None => rest.device(&catalog.wdm, name).await?,
        };
        self.stale = false;
        self.device = Some(device.clone());
        let base = catalog.presence.as_ref().or(device.presence.as_ref());
        let base = base.ok_or_else(|| End::Unsubscribable {
            why: "neither the catalog nor the device names a presence service".to_owned(),
        })?;
        let presence = Presence { base: base.clone(), device: device.url.clone() };
        let bearer = rest.tokens.bearer().await.map_err(super::rest::RestError::from)?;
        self.bearer = Some(bearer.clone());
        let socket = context.connect(&device.socket, &bearer).await?;
        Ok(Prepared { socket, device, presence })
    }

    /// What happens after a connection ended, before the next is made.
    async fn between(&mut self, end: End, people: &mut People) -> Result<(), Stopped> {
        let mut end = match end {
            // Not the device, then: it was refreshed more than once.
            End::NotFound { why } if self.backoff.failures() >= REFRESH_AFTER => {
                End::Unsubscribable { why }
            }
            end => end,
        };
        if let End::Unsubscribable { why } = &end {
            match self.poll(why.clone(), people).await? {
                None => return Ok(()),
                Some(trouble) => end = trouble,
            }
        }
        if matches!(end, End::Stopped) {
            return Err(Stopped);
        }
        let renewable = self.context.settings.token.renewable();
        let reaction = react(&end, renewable, self.backoff.failures());
        let delay = self.delay(reaction.wait);
        Self::note(&end, reaction, delay);
        self.lost(&end, reaction, delay).await?;
        self.renew(reaction.renew).await;
        self.rest(delay).await
    }

    /// Polls for a spell; `Some` when that does not work either.
    async fn poll(&mut self, why: String, people: &mut People) -> Result<Option<End>, Stopped> {
        if self.told != Told::Polling {
            tracing::error!(%why, "webex presence cannot be subscribed; polling it, which is slower");
            Metric::Alarms.count_by("kind", "polling");
            Metric::State.show(1);
            self.told = Told::Polling;
            self.outlet.send(FeedEvent::Polling { why }).await?;
        }
        let spell = self.polling.spell(&self.context, &self.outlet, people).await;
        self.stale = true;
        self.backoff.reset();
        match spell {
            Ok(()) => Ok(None),
            Err(End::Stopped) => Err(Stopped),
            Err(end) => Ok(Some(end)),
        }
    }

    fn delay(&mut self, wait: Wait) -> Duration {
        let timing = &self.context.settings.timing;
        let draw = &self.context.draw;
        let backoff = draw.after_failure(&mut self.backoff);
        match wait {
            Wait::Prompt => Duration::ZERO,
            Wait::Backoff => backoff,
            Wait::Asked(pause) => backoff.max(pause),
            Wait::StandDown => timing.stand_down + draw.spread(timing.stand_down),
            Wait::Slow => timing.slow_retry + draw.spread(timing.slow_retry / 2),
        }
    }

    fn note(end: &End, reaction: Reaction, delay: Duration) {
        Metric::Disconnects.count_by("reason", label(end));
        let retry_in_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        if let Some(alarm) = reaction.alarm {
            Metric::Alarms.count_by("kind", alarm);
            tracing::error!(error = %end, alarm, retry_in_ms, "webex feed needs a person's attention");
        } else {
            tracing::warn!(error = %end, retry_in_ms, "webex feed ended; connecting again");
        }
    }

    /// Tells the engine, once per loss, and again when it turns out that a person is needed.
    async fn lost(
        &mut self,
        end: &End,
        reaction: Reaction,
        delay: Duration,
    ) -> Result<(), Stopped> {
        let new_alarm = reaction.alarm.is_some() && reaction.alarm != self.alarm;
        self.alarm = reaction.alarm.or(self.alarm);
        if self.told == Told::Lost && !new_alarm {
            return Ok(());
        }
        self.told = Told::Lost;
        Metric::State.show(0);
        let next = match reaction.alarm {
            Some("replaced") => "another instance took over; standing down before the next attempt",
            Some(_) => "a person must cure this; probing slowly",
            None => "connecting again",
        };
        let why = format!("{end}; {next}, in {:.1} s", delay.as_secs_f64());
        self.outlet.send(FeedEvent::Lost { why }).await
    }

    async fn renew(&mut self, renew: Renew) {
        match renew {
            Renew::Nothing => {}
            Renew::Token => {
                if let Some(bearer) = self.bearer.take()
                    && let Err(error) = self.context.rest.tokens.refused(&bearer).await
                {
                    tracing::warn!(%error, "failed to get another webex token");
                }
            }
            Renew::Device => self.stale = true,
            Renew::Catalog => {
                self.catalog = None;
                self.stale = true;
            }
        }
    }

    async fn rest(&self, delay: Duration) -> Result<(), Stopped> {
        tokio::select! {
            biased; // one order, so that a simulation repeats
            () = self.outlet.stop.cancelled() => Err(Stopped),
            () = tokio::time::sleep(delay) => Ok(()),
        }
    }

    /// Removes the device, so that it does not count against the bot's limit.
    async fn farewell(&self) {
        let Some(device) = &self.device else { return };
        let limit = self.context.settings.timing.farewell / 2;
        match timeout(limit, self.context.rest.unregister(&device.url)).await {
            Ok(Ok(())) => tracing::info!("removed the webex device"),
            Ok(Err(error)) => tracing::warn!(%error, "failed to remove the webex device"),
            Err(_) => tracing::warn!("failed to remove the webex device in time"),
        }
    }
}
