//! What comes over a session's socket, and over the one it is leaving.

use std::time::Duration;

use lockstep_core::presence::Kind;
use tokio::time::Instant;

use super::composition::Composition;
use super::frame::{self, Content, Frame, Sequence};
use super::heartbeat::Heartbeat;
use super::mercury::{Read, SocketEnd};
use super::metric::Metric;
use super::reaction::End;
use super::session::{Session, Socket};

/// Ids remembered to tell a repeated event while two sockets are open.
pub(super) const MAX_SEEN: usize = 256;
/// How long we may be without any socket while moving from one server to another; longer, and it
/// is a loss. Well below the time after which a row counts as stale.
const MOVE_GRACE: Duration = Duration::from_secs(2);

/// Snapshots after sequence gaps, at a bounded rate.
#[derive(Debug, Default)]
pub(super) struct Resync {
    pub(super) last: Option<Instant>,
    pub(super) due: Option<Instant>,
}

impl Session {
    /// Something came over the socket, or its end, which is no loss while we move to another.
    pub(super) async fn on_socket(&mut self, read: Result<Read, SocketEnd>) -> Result<(), End> {
        let result = match read {
            Ok(read) => self.on_read(read).await,
            Err(end) => Err(end.into()),
        };
        match result {
            Err(End::Socket(end)) if self.moving => {
                tracing::debug!(%end, "the old mercury server was faster than we");
                self.gone = Some(Instant::now() + MOVE_GRACE);
                Ok(())
            }
            result => result,
        }
    }

    async fn on_read(&mut self, read: Read) -> Result<(), End> {
        let now = Instant::now();
        self.heart.heard(now);
        let Read::Frame(frame) = read else { return Ok(()) };
        if self.sequence.gap(frame.sequence) {
            Metric::SequenceGaps.count();
            tracing::warn!(webex.sequence = ?frame.sequence, "mercury skipped events; reading everybody's presence afresh");
            self.resync.want(now, self.context.settings.timing.gap_rest);
        }
        if let Some(id) = &frame.id {
            self.socket.send(frame::ack(id)).await?;
        }
        self.on_frame(frame, now).await
    }

    async fn on_frame(&mut self, frame: Frame, now: Instant) -> Result<(), End> {
        Metric::Frames.count_by("kind", frame.content.label());
        match frame.content {
            Content::Pong => match self.heart.pong(frame.id.as_deref(), now) {
                Some(trip) => Metric::PongSeconds.show_seconds(trip),
                None => {
                    return Err(SocketEnd::Silent { what: "a pong was not for our ping" }.into());
                }
            },
            Content::Shutdown => self.move_away(),
            Content::Presence(composition) => self.on_presence(frame.id, composition).await?,
            Content::Malformed => Metric::FramesSkipped.count_by("reason", "malformed"),
            Content::Other => Metric::FramesSkipped.count_by("reason", "unknown"),
            Content::Ready => {}
        }
        Ok(())
    }

    async fn on_presence(
        &mut self,
        id: Option<String>,
        composition: Composition,
    ) -> Result<(), End> {
        if !self.book.watches(&composition.person) {
            Metric::FramesSkipped.count_by("reason", "stranger");
            return Ok(());
        }
        if let Some(id) = id {
            if self.seen.contains(&id) {
                Metric::FramesSkipped.count_by("reason", "repeated");
                return Ok(());
            }
            if self.seen.len() == MAX_SEEN {
                self.seen.pop_front();
            }
            self.seen.push_back(id);
        }
        self.outlet.observed(composition, self.epoch, Kind::Delta).await?;
        Ok(())
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

    /// The second socket is ready: events come over it from now on.
    pub(super) fn switch_to(&mut self, socket: Socket) {
        let timing = &self.context.settings.timing;
        let now = Instant::now();
        let old = std::mem::replace(&mut self.socket, socket);
        self.leaving = self.gone.take().is_none().then_some((old, now + timing.switchover));
        self.heart = Heartbeat::new(now, timing.ping_every, timing.pong_within, timing.silence);
        self.sequence = Sequence::default();
        self.resync.want(now, timing.gap_rest);
        self.moving = false;
        tracing::info!("moved to another mercury server");
    }
}

impl Resync {
    fn want(&mut self, now: Instant, rest: Duration) {
        let earliest = self.last.map_or(now, |last| now.max(last + rest));
        self.due.get_or_insert(earliest);
    }
}
