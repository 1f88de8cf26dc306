//! The one place that reads the machine's clock.

use std::time::Duration;

use lockstep_core::Time;
use tokio::time::Instant;

/// Tells the time: the wall clock at start plus what has passed since.
///
/// It never jumps when somebody sets the machine's clock, and it follows tokio's clock, so that a
/// test which pauses time pauses this too.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    started: Instant,
    wall: Time,
    /// It shows one moment only, so that a count of instructions repeats.
    #[cfg(feature = "measured")]
    stands: bool,
}

impl Clock {
    /// Reads the machine's wall clock once.
    #[expect(clippy::disallowed_methods, reason = "the one place where the wall clock is read")]
    pub fn system() -> Self {
        let since_epoch =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let ms = u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX);
        Self::starting_at(Time::from_millis(ms))
    }

    /// A clock that shows `wall` now; for tests and simulations.
    pub fn starting_at(wall: Time) -> Self {
        Self {
            started: Instant::now(),
            wall,
            #[cfg(feature = "measured")]
            stands: false,
        }
    }

    /// A clock that shows `wall` and nothing else.
    #[cfg(feature = "measured")]
    pub(crate) fn standing_at(wall: Time) -> Self {
        Self { stands: true, ..Self::starting_at(wall) }
    }

    /// The time now.
    pub fn now(&self) -> Time {
        #[cfg(feature = "measured")]
        if self.stands {
            return self.wall;
        }
        self.wall.after(self.started.elapsed())
    }

    /// The time now since the Unix epoch, finer than a millisecond: for what is measured.
    pub fn exactly(&self) -> Duration {
        #[cfg(feature = "measured")]
        if self.stands {
            return Duration::from_millis(self.wall.as_millis());
        }
        Duration::from_millis(self.wall.as_millis()) + self.started.elapsed()
    }

    /// The moment on tokio's clock at which this clock will show `time`.
    pub fn instant_of(&self, time: Time) -> Instant {
        self.started + time.since(self.wall)
    }
}
