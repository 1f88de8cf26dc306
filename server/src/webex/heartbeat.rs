//! When to ping, and when a connection counts as dead: no I/O (Webex notes 3.5).

use std::time::Duration;

use tokio::time::Instant;

/// Our pings on the application's level, and when a connection counts as dead (Webex notes 3.5).
#[derive(Debug)]
pub(super) struct Heartbeat {
    every: Duration,
    within: Duration,
    silence: Duration,
    heard: Instant,
    state: Beat,
}

#[derive(Debug)]
enum Beat {
    PingAt(Instant),
    PongBy { id: String, sent: Instant },
}

/// What is due now.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// Send a ping.
    Ping,
    /// The connection is dead.
    Dead(&'static str),
    /// Nothing.
    Nothing,
}

/// What a pong means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pong {
    /// It answers our ping, after this time.
    Answer(Duration),
    /// We wait for another one.
    Foreign,
    /// We wait for none: a repetition, which harms nobody.
    Uncalled,
}

impl Heartbeat {
    /// The first ping is due at once.
    pub(super) const fn new(
        now: Instant,
        every: Duration,
        within: Duration,
        silence: Duration,
    ) -> Self {
        Self { every, within, silence, heard: now, state: Beat::PingAt(now) }
    }

    /// Something came in.
    pub(super) fn heard(&mut self, now: Instant) {
        self.heard = now;
    }

    /// A ping of this id was sent.
    pub(super) fn sent(&mut self, id: String, now: Instant) {
        self.state = Beat::PongBy { id, sent: now };
    }

    /// A pong came.
    pub(super) fn pong(&mut self, id: Option<&str>, now: Instant) -> Pong {
        match &self.state {
            Beat::PongBy { id: ours, sent } if Some(ours.as_str()) == id => {
                let trip = now.saturating_duration_since(*sent);
                self.state = Beat::PingAt(now + self.every);
                Pong::Answer(trip)
            }
            Beat::PongBy { .. } => Pong::Foreign,
            Beat::PingAt(_) => Pong::Uncalled,
        }
    }

    /// When [`due`](Self::due) must be asked again.
    pub(super) fn next(&self) -> Instant {
        let beat = match &self.state {
            Beat::PingAt(at) => *at,
            Beat::PongBy { sent, .. } => *sent + self.within,
        };
        beat.min(self.heard + self.silence)
    }

    /// What is due at `now`.
    pub(super) fn due(&self, now: Instant) -> Due {
        if now >= self.heard + self.silence {
            return Due::Dead("nothing came in for too long");
        }
        match &self.state {
            Beat::PingAt(at) if now >= *at => Due::Ping,
            Beat::PongBy { sent, .. } if now >= *sent + self.within => {
                Due::Dead("a ping was not answered")
            }
            _ => Due::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: Duration = Duration::from_secs(1);

    fn heartbeat(now: Instant) -> Heartbeat {
        Heartbeat::new(now, 15 * S, 14 * S, 45 * S)
    }

    #[test]
    fn it_pings_at_once_and_fifteen_seconds_after_each_pong() {
        let now = Instant::now();
        let mut heart = heartbeat(now);
        assert_eq!(heart.due(now), Due::Ping);
        heart.sent("a".into(), now);
        assert_eq!(heart.due(now + 13 * S), Due::Nothing);
        assert_eq!(heart.pong(Some("a"), now + S), Pong::Answer(S));
        assert_eq!(heart.pong(Some("a"), now + S), Pong::Uncalled, "a repetition");
        assert_eq!(heart.next(), now + 16 * S);
        assert_eq!(heart.due(now + 16 * S), Due::Ping);
    }

    #[test]
    fn a_late_or_foreign_pong_is_the_end() {
        let now = Instant::now();
        let mut heart = heartbeat(now);
        assert_eq!(heart.pong(Some("a"), now), Pong::Uncalled);
        heart.sent("a".into(), now);
        assert_eq!(heart.pong(Some("b"), now), Pong::Foreign);
        assert_eq!(heart.pong(None, now), Pong::Foreign);
        heart.heard(now + 13 * S);
        assert_eq!(heart.due(now + 14 * S), Due::Dead("a ping was not answered"));
    }

    #[test]
    fn silence_is_the_end_too() {
        let now = Instant::now();
        let heart = Heartbeat::new(now, 100 * S, 100 * S, 45 * S);
        assert!(matches!(heart.due(now + 45 * S), Due::Dead(_)));
    }
}
