//! The world's time and the wall clock of Lockstep's machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use lockstep_core::Time;

/// When the world begins, in milliseconds since the Unix epoch: a Monday morning, far from any
/// round number of any calendar.
pub const EPOCH: i64 = 1_767_600_123_456;

/// The wall clock of Lockstep's machine: the world's time, and what somebody has set it off by.
/// Lockstep reads it at start only.
#[derive(Clone, Debug, Default)]
pub struct WallClock {
    off: Arc<AtomicI64>,
    /// As it was when Lockstep read it.
    read: Arc<AtomicI64>,
}

impl WallClock {
    /// Somebody sets the clock by so much.
    pub fn jump(&self, ms: i64) {
        self.off.fetch_add(ms, Ordering::SeqCst);
    }

    /// Lockstep starts and reads it.
    pub fn read(&self, now: Duration) -> Time {
        let off = self.off.load(Ordering::SeqCst);
        self.read.store(off, Ordering::SeqCst);
        self.shown(now)
    }

    /// What the clock that Lockstep goes by shows.
    pub fn shown(&self, now: Duration) -> Time {
        let ms = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
        Time::from_millis(u64::try_from(EPOCH + ms + self.ahead_ms()).unwrap_or(0))
    }

    /// How far the clock that Lockstep goes by is ahead of the world's.
    pub fn ahead_ms(&self) -> i64 {
        self.read.load(Ordering::SeqCst)
    }
}
