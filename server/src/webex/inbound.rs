//! What comes over a session's socket.

use std::time::Duration;

use lockstep_core::presence::Kind;
use tokio::time::Instant;

use super::composition::Composition;
use super::frame::{self, Content, Frame};
use super::heartbeat::Pong;
use super::mercury::{Read, SocketEnd};
use super::metric::Metric;
use super::reaction::End;
use super::session::Session;

/// Ids remembered to tell a repeated event while two sockets are open.
pub(super) const MAX_SEEN: usize = 256;
/// Snapshots after sequence gaps, at a bounded rate.
#[derive(Debug, Default)]
pub(super) struct Resync {
    last: Option<Instant>,
    due: Option<Instant>,
    rest: Duration,
}

impl Session {
    /// Something came over the socket, or its end.
    pub(super) async fn on_socket(&mut self, read: Result<Read, SocketEnd>) -> Result<(), End> {
        let result = match read {
            Ok(read) => self.on_read(read).await,
            Err(end) => Err(end.into()),
        };
        match result {
            Err(End::Socket(end)) => self.on_end(end),
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
            let settings = &self.context.settings;
            self.resync.want(now, settings.timing.gap_rest, settings.reconcile_every);
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
                Pong::Answer(trip) => Metric::PongSeconds.show_seconds(trip),
                Pong::Uncalled => Metric::FramesSkipped.count_by("reason", "repeated"),
                Pong::Foreign => {
                    return Err(SocketEnd::Silent { what: "a pong was not for our ping" }.into());
                }
            },
            Content::Shutdown => self.on_shutdown(now),
            Content::Presence(composition) => self.on_presence(frame.id, composition).await?,
            Content::Malformed => Metric::FramesSkipped.count_by("reason", "malformed"),
            Content::Other => Metric::FramesSkipped.count_by("reason", "unknown"),
            Content::Ready => {}
        }
        Ok(())
    }

    pub(super) async fn on_presence(
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
        self.watchdog.heard(&composition, Instant::now());
        self.outlet.observed(composition, self.epoch, Kind::Delta).await?;
        Ok(())
    }
}

impl Resync {
    /// Asks for a snapshot: at once after a quiet time, and ever more rarely, but not less often
    /// than `most`, while the reasons for it go on.
    pub(super) fn want(&mut self, now: Instant, first: Duration, most: Duration) {
        if self.due.is_some() {
            return;
        }
        let earliest = match self.last {
            Some(last) if now < last + self.rest * 4 => {
                let due = last + self.rest;
                self.rest = (self.rest * 2).min(most).max(first);
                due
            }
            _ => {
                self.rest = first;
                now
            }
        };
        self.due = Some(now.max(earliest));
    }

    /// Is it time?
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let due = self.due.take_if(|due| *due <= now).is_some();
        if due {
            self.last = Some(now);
        }
        due
    }

    /// When it is time.
    pub(super) const fn next(&self) -> Option<Instant> {
        self.due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: Duration = Duration::from_secs(1);

    #[test]
    fn snapshots_for_gaps_that_never_end_get_rarer() {
        let mut now = Instant::now();
        let (mut resync, mut distances) = (Resync::default(), Vec::new());
        let mut last = now;
        for _ in 0..9 {
            resync.want(now, 5 * S, 300 * S);
            now = resync.next().unwrap();
            assert!(resync.take(now) && !resync.take(now));
            distances.push((now - last).as_secs());
            last = now;
            now += S; // the next gap
        }
        assert_eq!(distances, [0, 5, 10, 20, 40, 80, 160, 300, 300]);
        now += 1_300 * S;
        resync.want(now, 5 * S, 300 * S);
        assert_eq!(resync.next(), Some(now), "at once again after a quiet time");
    }
}
