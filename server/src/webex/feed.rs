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
use super::reaction::{
    Circumstances, End, REFRESH_AFTER, Reaction, Remake, Renew, Wait, is_replaced, label, react,
    refuses_token,
};
use super::rest::RestError;
use super::session::{self, Bears, Prepared, Session};
use super::token::Bearer;

/// Six times the double: every ten hours or so, with five minutes between two reconciles.
const MOST_DEAF_DOUBLINGS: u32 = 6;

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
    /// What happens to the device before it is used again.
    remake: Remake,
    /// Times in a row that another instance took our place on the device.
    replaced: u32,
    /// Another instance has the device now.
    stood_down: bool,
    /// Connections in a row that told nothing although presence changed.
    deaf: u32,
    /// The token of the last connection.
    bearer: Option<Bearer>,
    polling: Polling,
    told: Told,
    /// Since when nothing is known, where something was known before.
    lost_at: Option<Instant>,
    alarm: Option<&'static str>,
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
        self.stood_down |= is_replaced(&end);
        let reaction = self.reaction(&end).await?;
        let delay = self.delay(reaction.wait);
        Self::note(&end, reaction, delay);
        self.lost(&end, reaction, delay).await?;
        self.renew(reaction.renew).await?;
        self.rest(delay).await
    }

    async fn reaction(&mut self, end: &End) -> Result<Reaction, Stopped> {
        let renewable = self.context.settings.token.renewable();
        let failures = self.backoff.failures();
        // Where a person is waited for, the attempt itself is the probe.
        let doubtful = !renewable && refuses_token(end) && self.alarm != Some("token");
        let token_works = doubtful && self.token_works().await?;
        let deaf_before = self.deaf > 1;
        Ok(react(end, Circumstances { renewable, failures, token_works, deaf_before }))
    }

    /// Asks, once, whether the bot's token is really worthless: waiting for a person because of one
    /// slip of a server would cost a minute of presence.
    async fn token_works(&self) -> Result<bool, Stopped> {
        let context = &self.context;
        let probe = self.unless_stopped(context.rest.me(&context.settings.api_url)).await?;
        // An answer of mere trouble proves nothing against the token.
        let works = !matches!(&probe, Err(RestError::Token(_)));
        tracing::warn!(works, "webex refused the bot's token, which was tried elsewhere");
        Ok(works)
    }

    /// Polls for a spell; `Some` when that does not work either.
    async fn poll(&mut self, why: String, people: &mut People) -> Result<Option<End>, Stopped> {
        if self.told != Told::Polling {
            tracing::error!(%why, "webex presence cannot be subscribed; polling it, which is slower");
            Metric::Alarms.count_by("kind", "polling");
            Metric::State.show(1);
            self.polling.untold();
        }
        self.told = Told::Polling;
        session::tell_loss(self.lost_at.take());
        let spell = self.polling.spell(&self.context, &self.outlet, people, &why).await;
        // Whatever was missing may be there by now.
        self.remake = self.remake.max(Remake::Refresh);
        self.catalog = None;
        match spell {
            Ok(()) => {
                self.backoff.reset();
                Ok(None)
            }
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
            Wait::StandDown => {
                // Two instances that fight for one device meet ever more rarely.
                let factor = 1_u32.checked_shl(self.replaced).unwrap_or(u32::MAX);
                self.replaced = self.replaced.saturating_add(1);
                let whole = timing.stand_down.saturating_mul(factor);
                let whole = whole.min(timing.stand_down_most);
                whole + draw.spread(whole)
            }
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
        if self.told != Told::Nothing {
            self.lost_at.get_or_insert_with(Instant::now);
        }
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

    async fn renew(&mut self, renew: Renew) -> Result<(), Stopped> {
        self.remake = self.remake.max(renew.device);
        if renew.catalog {
            self.catalog = None;
        }
        if renew.token
            && let Some(bearer) = self.bearer.take()
        {
            let renewal = self.context.rest.tokens.refused(&bearer);
            if let Err(error) = self.unless_stopped(renewal).await? {
                tracing::warn!(%error, "failed to get another webex token");
            }
        }
        Ok(())
    }

    async fn rest(&self, delay: Duration) -> Result<(), Stopped> {
        self.unless_stopped(tokio::time::sleep(delay)).await
    }

    async fn unless_stopped<T>(&self, work: impl Future<Output = T>) -> Result<T, Stopped> {
        self.outlet.stop.run_until_cancelled(work).await.ok_or(Stopped)
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
