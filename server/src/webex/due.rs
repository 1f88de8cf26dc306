//! What is due in a session, and when.

use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::Instant;

use super::frame;
use super::heartbeat::Due;
use super::jobs::MAX_JOBS;
use super::mercury::SocketEnd;
use super::metric::Metric;
use super::reaction::End;
use super::session::Session;

/// Without the caller's list there is nothing to wait for but events.
const FAR: Duration = Duration::from_hours(24);

impl Session {
    pub(super) fn wake(&mut self) -> Instant {
        let moments = [
            Some(self.moving.deadline().unwrap_or_else(|| self.heart.next())),
            Some(self.device_at),
            // With all hands busy, an answer is what wakes us next.
            (self.jobs.len() < MAX_JOBS).then(|| self.book.wake()).flatten(),
            self.resync.next(),
            self.watchdog.next(),
            self.moving.next(),
            self.leaving.as_ref().map(|(_, until)| *until),
        ];
        moments.into_iter().flatten().min().unwrap_or_else(|| Instant::now() + FAR)
    }

    pub(super) async fn on_tick(&mut self) -> Result<(), End> {
        let now = Instant::now();
        if self.moving.deadline().is_some_and(|until| until <= now) {
            return Err(End::Shutdown);
        }
        if !self.moving.is_gone() {
            self.beat(now).await?;
        }
        if self.book.lapsed(now) {
            return Err(End::Lapsed { why: std::mem::take(&mut self.last_failure) });
        }
        if self.resync.take(now) {
            self.watchdog.excuse();
            self.book.resync(now);
        }
        self.listen(now)?;
        self.move_if_due(now);
        self.leave_if_due(now);
        if self.device_at <= now {
            self.refresh_device(now);
        }
        Ok(())
    }

    async fn beat(&mut self, now: Instant) -> Result<(), End> {
        match self.heart.due(now) {
            Due::Ping => {
                let id = self.context.draw.id().to_string();
                match self.socket.send(frame::ping(&id)).await {
                    Ok(()) => self.heart.sent(id, now),
                    Err(end) => return self.on_end(end),
                }
                Ok(())
            }
            // We may have been slow ourselves: what waits to be read counts as life.
            Due::Dead(what) => match self.socket.read().now_or_never() {
                Some(read) => Box::pin(self.on_socket(read)).await,
                None => self.on_end(SocketEnd::Silent { what }),
            },
            Due::Nothing => Ok(()),
        }
    }

    /// Do events come at all? What a reading found and no event told is missed by now.
    fn listen(&mut self, now: Instant) -> Result<(), End> {
        let missed = self.watchdog.due(now);
        if missed.is_empty() {
            return Ok(());
        }
        Metric::EventsMissed.count_many(missed.len() as u64);
        tracing::warn!(
            people = missed.len(),
            webex.person = %missed[0],
            "webex told nothing of a change that a reading found"
        );
        match self.watchdog.deaf().filter(|_| now >= self.may_be_deaf_until) {
            Some(missed) => Err(End::Deaf { missed }),
            None => Ok(()),
        }
    }
}
