//! What happens between two connections: what the end of one means, how long to wait, what to make
//! anew, and what the engine is told.

use std::time::Duration;

use tokio::time::Instant;

use super::FeedEvent;
use super::feed::{Feed, People, Told};
use super::metric::Metric;
use super::outlet::Stopped;
use super::reaction::{
    Circumstances, End, REFRESH_AFTER, Reaction, Remake, Renew, Wait, is_replaced, label, react,
    refuses_token,
};
use super::rest::RestError;
use super::session;

impl Feed {
    /// What happens after a connection ended, before the next is made.
    pub(super) async fn between(&mut self, end: End, people: &mut People) -> Result<(), Stopped> {
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
}
