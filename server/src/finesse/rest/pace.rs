//! How fast we ask: a burst after quiet times, then an even rate.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

/// A leaky bucket that tells each caller when it is their turn; first come, first served.
#[derive(Debug)]
pub(super) struct Pace {
    gap: Duration,
    burst: Duration,
    /// When the bucket will be empty again.
    empty_at: Mutex<Option<Instant>>,
}

impl Pace {
    pub(super) fn new(per_second: u32, burst: u32) -> Self {
        let gap = Duration::from_secs(1) / per_second;
        Self { gap, burst: gap.saturating_mul(burst - 1), empty_at: Mutex::new(None) }
    }

    /// Takes a turn: how long to wait for it. `None`, and no turn is taken, when it comes after
    /// `deadline`.
    pub(super) fn turn(&self, now: Instant, deadline: Instant) -> Option<Duration> {
        let mut empty_at = self.empty_at.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let level = empty_at.map_or(Duration::ZERO, |at| at.saturating_duration_since(now));
        let wait = level.saturating_sub(self.burst);
        if now + wait > deadline {
            return None;
        }
        *empty_at = Some(now + level + self.gap);
        Some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_goes_at_once_and_the_rest_evenly() {
        let pace = Pace::new(50, 3);
        let now = Instant::now();
        let deadline = now + Duration::from_millis(50);
        let waits: Vec<_> =
            (0..6).map(|_| pace.turn(now, deadline).map(|wait| wait.as_millis())).collect();
        assert_eq!(waits, [Some(0), Some(0), Some(0), Some(20), Some(40), None]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_quiet_time_fills_the_burst_again_and_no_more() {
        let pace = Pace::new(10, 2);
        let now = Instant::now();
        for _ in 0..2 {
            assert_eq!(pace.turn(now, now), Some(Duration::ZERO));
        }
        assert_eq!(pace.turn(now, now), None);
        let later = now + Duration::from_hours(1);
        for _ in 0..2 {
            assert_eq!(pace.turn(later, later), Some(Duration::ZERO));
        }
        assert_eq!(pace.turn(later, later), None);
    }
}
