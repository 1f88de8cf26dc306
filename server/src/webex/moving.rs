//! From a server that announces its end to another one, without a gap (Webex notes 3.8).

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::backoff::Backoff;
use super::frame::{self, Content, Sequence};
use super::heartbeat::Heartbeat;
use super::jobs::Done;
use super::mercury::{Read, SocketEnd};
use super::reaction::End;
use super::session::{Session, Socket};

/// How long we may be without any socket while moving from one server to another; longer, and it
/// is a loss. Well below the time after which a row counts as stale.
const MOVE_GRACE: Duration = Duration::from_secs(2);

/// Where a move stands.
#[derive(Debug)]
pub(super) struct Move {
    /// The server announced its end, and we are not with another one yet.
    wanted: bool,
    /// A second socket is being opened.
    under_way: bool,
    /// When to try (again).
    at: Option<Instant>,
    /// Servers that announce their end as soon as we come must not make us run in circles.
    backoff: Backoff,
    /// The server ended the socket while we were moving away from it: wait for the other until.
    gone: Option<Instant>,
}

impl Move {
    pub(super) const fn new(backoff: Backoff) -> Self {
        Self { wanted: false, under_way: false, at: None, backoff, gone: None }
    }

    /// The socket that we leave is gone already.
    pub(super) const fn is_gone(&self) -> bool {
        self.gone.is_some()
    }

    /// Until when the other socket must be ready, where there is none.
    pub(super) const fn deadline(&self) -> Option<Instant> {
        self.gone
    }

    /// When [`Session::move_if_due`] has something to do.
    pub(super) const fn next(&self) -> Option<Instant> {
        self.at
    }
}

impl Session {
    /// The server will go: a second socket is opened beside the first one, at once the first time.
    pub(super) fn on_shutdown(&mut self, now: Instant) {
        if std::mem::replace(&mut self.moving.wanted, true) {
            return;
        }
        if self.lived(now) {
            self.moving.backoff.reset();
        }
        let first = self.moving.backoff.failures() == 0;
        let delay = self.context.draw.after_failure(&mut self.moving.backoff);
        tracing::info!("the mercury server announced its end; opening another connection");
        self.moving.at = Some(if first { now } else { now + delay });
        self.move_if_due(now);
    }

    /// Opens the second socket when it is time to.
    pub(super) fn move_if_due(&mut self, now: Instant) {
        if self.moving.at.is_none_or(|at| now < at) {
            return;
        }
        self.moving.at = None;
        self.moving.under_way = true;
        let context = Arc::clone(&self.context);
        let address = self.device.socket.clone();
        self.jobs.push(Box::pin(async move {
            let socket = match context.rest.tokens.bearer().await {
                Ok(bearer) => context.connect(&address, &bearer).await,
                Err(error) => Err(SocketEnd::Broken { detail: error.to_string() }),
            };
            Done::Moved(Box::new(socket))
        }));
    }

    /// The second socket is ready, or is not. For as long as the first one lives, that is no loss.
    pub(super) fn on_moved(&mut self, socket: Result<Socket, SocketEnd>) -> Result<(), End> {
        self.moving.under_way = false;
        match socket {
            Ok(socket) => self.switch_to(socket),
            Err(error) if self.moving.is_gone() => {
                tracing::warn!(%error, "failed to move to another mercury server in time");
                return Err(End::Shutdown);
            }
            Err(error) => {
                let delay = self.context.draw.after_failure(&mut self.moving.backoff);
                tracing::warn!(%error, retry_in_ms = delay.as_millis(), "failed to move to another mercury server");
                self.moving.at = Some(Instant::now() + delay);
            }
        }
        Ok(())
    }

    /// The socket ended, which is no loss while another is being opened.
    pub(super) fn on_end(&mut self, end: SocketEnd) -> Result<(), End> {
        if self.moving.under_way {
            tracing::debug!(%end, "the old mercury server was faster than we");
            self.moving.gone = Some(Instant::now() + MOVE_GRACE);
            return Ok(());
        }
        Err(if self.moving.wanted { End::Shutdown } else { end.into() })
    }

    /// Events come over `socket` from now on; the last ones over the old socket count too.
    fn switch_to(&mut self, socket: Socket) {
        let timing = &self.context.settings.timing;
        let now = Instant::now();
        self.healthy |= self.lived(now);
        self.since = now;
        let old = std::mem::replace(&mut self.socket, socket);
        let left = self.leaving.take().map(|(socket, _)| socket);
        if self.moving.gone.take().is_none() {
            self.leaving = Some((old, now + timing.switchover));
        }
        self.heart = Heartbeat::new(now, timing.ping_every, timing.pong_within, timing.silence);
        self.sequence = Sequence::default();
        self.resync.want(now, timing.gap_rest, self.context.settings.reconcile_every);
        self.moving.wanted = false;
        if let Some(left) = left {
            self.leave(left);
        }
        tracing::info!("moved to another mercury server");
    }

    /// The old socket after a switch-over: its last events count, its end does not.
    pub(super) async fn on_leaving(&mut self, read: Result<Read, SocketEnd>) -> Result<(), End> {
        let Ok(read) = read else {
            self.leaving = None;
            return Ok(());
        };
        let Read::Frame(frame) = read else { return Ok(()) };
        let (id, content) = (frame.id, frame.content);
        if let (Some(id), Some((socket, _))) = (&id, &mut self.leaving)
            && socket.send(frame::ack(id)).await.is_err()
        {
            self.leaving = None;
        }
        match content {
            Content::Presence(composition) => self.on_presence(id, composition).await,
            _ => Ok(()),
        }
    }

    /// The server did not end the old socket: we do.
    pub(super) fn leave_if_due(&mut self, now: Instant) {
        if let Some((socket, _)) = self.leaving.take_if(|(_, until)| *until <= now) {
            self.leave(socket);
        }
    }

    fn leave(&mut self, socket: Socket) {
        let limit = self.context.settings.timing.farewell / 2;
        self.jobs.push(Box::pin(async move {
            socket.close(limit).await;
            Done::Left
        }));
    }
}
