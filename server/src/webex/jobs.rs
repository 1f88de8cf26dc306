//! The requests that a session makes while it reads its socket.

use std::sync::Arc;
use std::time::Duration;

use lockstep_core::PersonId;
use tokio::time::Instant;

use super::composition::Composition;
use super::device::Device;
use super::mercury::SocketEnd;
use super::presence::Item;
use super::reaction::End;
use super::rest::RestError;
use super::session::{Session, Socket};
use super::subscriptions::Task;

/// Requests under way at a time: enough to fill the line, too few to look like a flood.
pub(super) const MAX_JOBS: usize = 4;
/// A device refresh that failed is tried again after this.
const DEVICE_RETRY: Duration = Duration::from_mins(10);

/// Requests for one person that were rejected in a row, with nobody subscribed: it is not the
/// person.
const ALL_REJECTED: usize = 3;

/// A request that was answered, or was not.
pub(super) enum Done {
    Subscribed(Vec<PersonId>, Result<Vec<Item>, RestError>),
    Read(Vec<PersonId>, Result<Vec<Composition>, RestError>),
    Unsubscribed(Result<(), RestError>),
    Device(Box<Result<Device, RestError>>),
    Moved(Box<Result<Socket, SocketEnd>>),
    Left,
}

impl Session {
    /// Starts what is due, a few at a time.
    pub(super) fn start_jobs(&mut self) {
        while self.jobs.len() < MAX_JOBS {
            let Some(task) = self.book.take(Instant::now()) else { return };
            let context = Arc::clone(&self.context);
            let at = self.presence.clone();
            let ttl = context.settings.timing.subscription_ttl;
            self.jobs.push(match task {
                Task::Subscribe(batch) => Box::pin(async move {
                    let answer = context.rest.subscribe(&at, &batch, ttl).await;
                    Done::Subscribed(batch, answer)
                }),
                Task::Read(batch) => Box::pin(async move {
                    let answer = context.rest.compositions(&at, &batch).await;
                    Done::Read(batch, answer)
                }),
                Task::Unsubscribe(batch) => Box::pin(async move {
                    let answer = context.rest.subscribe(&at, &batch, Duration::ZERO).await;
                    Done::Unsubscribed(answer.map(|_| ()))
                }),
            });
        }
    }

    /// Refreshes the device beside everything else.
    pub(super) fn refresh_device(&mut self, now: Instant) {
        let context = Arc::clone(&self.context);
        let device = self.device.clone();
        self.device_at = now + context.draw.nearly(context.settings.timing.device_refresh);
        self.jobs.push(Box::pin(async move {
            Done::Device(Box::new(context.rest.refresh(&device).await))
        }));
    }

    /// Takes in an answer; an error ends the connection.
    pub(super) async fn on_done(&mut self, done: Done) -> Result<(), End> {
        let now = Instant::now();
        match done {
            Done::Subscribed(batch, answer) => self.on_subscribed(&batch, answer, now).await,
            Done::Read(batch, answer) => self.on_compositions(&batch, answer, now).await,
            Done::Unsubscribed(answer) => {
                self.book.unsubscribed();
                if let Err(error) = answer {
                    // It lapses by itself, and events about strangers are skipped.
                    tracing::debug!(%error, "failed to unsubscribe");
                }
                Ok(())
            }
            Done::Device(answer) => self.on_device(*answer, now),
            Done::Moved(socket) => self.on_moved(*socket),
            Done::Left => Ok(()),
        }
    }

    async fn on_subscribed(
        &mut self,
        batch: &[PersonId],
        answer: Result<Vec<Item>, RestError>,
        now: Instant,
    ) -> Result<(), End> {
        let outcomes = match answer {
            Ok(items) => {
                self.subscription_failures.reset();
                self.rejected_alone = 0;
                let draw = Arc::clone(&self.context.draw);
                self.book.subscribed(batch, items, now, |whole| draw.nearly(whole))
            }
            Err(error) => match self.sort_out(error)? {
                Failure::Rejected(why) => {
                    self.rejected_alone += usize::from(batch.len() == 1);
                    if self.rejected_alone >= ALL_REJECTED && self.book.counts().0 == 0 {
                        return Err(End::Unsubscribable { why });
                    }
                    self.book.subscribe_rejected(batch, &why, now)
                }
                Failure::Later(why, wait) => self.book.subscribe_failed(batch, &why, now + wait),
            },
        };
        self.report(outcomes).await
    }

    async fn on_compositions(
        &mut self,
        batch: &[PersonId],
        answer: Result<Vec<Composition>, RestError>,
        now: Instant,
    ) -> Result<(), End> {
        let outcomes = match answer {
            Ok(compositions) => self.book.read(batch, compositions, now),
            Err(error) if error.is_final() => return Err(error.into()),
            Err(error) => {
                let wait = error.pause().unwrap_or(Duration::from_secs(1));
                self.book.read_failed(batch, &error.to_string(), now, wait)
            }
        };
        self.report(outcomes).await
    }

    fn on_device(&mut self, answer: Result<Device, RestError>, now: Instant) -> Result<(), End> {
        match answer {
            Ok(device) => self.device = device,
            Err(error) if error.status() == Some(404) => return Err(End::DeviceGone),
            Err(error) if error.is_final() => return Err(error.into()),
            Err(error) => {
                tracing::warn!(%error, "failed to refresh the webex device");
                self.device_at = now + self.context.draw.nearly(DEVICE_RETRY);
            }
        }
        Ok(())
    }

    /// What a failed subscription request means: for the connection (an error), for the people in
    /// it, or for the clock.
    fn sort_out(&mut self, error: RestError) -> Result<Failure, End> {
        if error.is_final() {
            return Err(error.into());
        }
        let why = error.to_string();
        match error.status() {
            // Refused as a whole (Webex notes 10.1).
            Some(403) => return Err(End::Unsubscribable { why }),
            // The device is unknown, or the service is: the next connection will tell.
            Some(404 | 405 | 501) => return Err(End::NotFound { why }),
            Some(400 | 413 | 422) => return Ok(Failure::Rejected(why)),
            _ => {}
        }
        let wait = error
            .pause()
            .unwrap_or_else(|| self.context.draw.after_failure(&mut self.subscription_failures));
        tracing::warn!(%error, retry_in_ms = wait.as_millis(), "failed to subscribe presence");
        self.last_failure.clone_from(&why);
        Ok(Failure::Later(why, wait))
    }
}

enum Failure {
    Rejected(String),
    Later(String, Duration),
}
