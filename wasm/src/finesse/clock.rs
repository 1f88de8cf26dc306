use std::time::Duration;

use lockstep_core::Time;

use crate::clock::difference;

/// An error up to this is within what the core tolerates between two clocks (1 s), twice over.
const GOOD_ENOUGH: Duration = Duration::from_millis(500);

/// Finesse's clock, as far ahead of the browser's as its answers tell. An answer that was long on its
/// way tells it badly: a hold is known by its time, and is nobody's where that is wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FinesseClock(Option<Measured>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Measured {
    ahead_ms: i64,
    /// By how much it may be wrong.
    error: Duration,
}

// === impl FinesseClock ===

impl FinesseClock {
    /// Takes in what Finesse told between these two moments of the browser's clock. What was
    /// measured better before stays.
    pub fn told(&mut self, asked_at: Time, answered_at: Time, shown: Time) {
        let error = answered_at.since(asked_at) / 2;
        if self.0.is_none_or(|known| error <= known.error) {
            let ahead_ms = difference(shown, asked_at.after(error));
            self.0 = Some(Measured { ahead_ms, error });
        }
    }

    /// Finesse is another machine from now on, or another clock.
    pub const fn forget(&mut self) {
        self.0 = None;
    }

    /// Should it be asked for (again)?
    pub fn is_wanted(self) -> bool {
        self.0.is_none_or(|known| known.error > GOOD_ENOUGH)
    }

    /// How far Finesse is ahead of the browser, in milliseconds; `None` while nothing is known.
    pub fn ahead(self) -> Option<i64> {
        self.0.map(|known| known.ahead_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: u64) -> Time {
        Time::from_millis(millis)
    }

    /// Asked at the busiest time of the day: the answer took six seconds.
    #[test]
    fn a_slow_answer_counts_for_its_middle_until_a_quick_one_comes() {
        let mut clock = FinesseClock::default();
        assert!(clock.is_wanted() && clock.ahead().is_none());
        clock.told(at(10_000), at(16_000), at(15_900));
        assert_eq!(clock.ahead(), Some(2_900));
        assert!(clock.is_wanted(), "it may be wrong by three seconds");
        clock.told(at(20_000), at(20_100), at(20_060));
        assert_eq!(clock.ahead(), Some(10));
        assert!(!clock.is_wanted());
        clock.told(at(30_000), at(38_000), at(37_000));
        assert_eq!(clock.ahead(), Some(10), "what is known better stays");
    }

    /// After a fail-over another machine tells the time.
    #[test]
    fn what_is_forgotten_is_measured_anew_however_slowly() {
        let mut clock = FinesseClock::default();
        clock.told(at(1_000), at(1_000), at(1_000));
        clock.forget();
        clock.told(at(2_000), at(3_000), at(7_500));
        assert_eq!(clock.ahead(), Some(5_000));
    }
}
