//! The one place where the simulator reads the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;

/// Where "now" comes from: the machine, or a test's hand.
///
/// Only timers of the contact centre (CTI answers, wrap-up, lockout, expiring faults) follow a manual
/// clock; network delays always pass in real time.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// A clock that moves only by [`Clock::advance`]; milliseconds since the epoch.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands still at `start`.
    pub fn manual(start: Timestamp) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(start.as_millisecond())))
    }

    /// Now, cut to whole milliseconds as Finesse prints them.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => whole_milliseconds(machine_time().as_millisecond()),
            Self::Manual(millis) => whole_milliseconds(millis.load(Ordering::SeqCst)),
        }
    }

    /// Moves a manual clock on; the machine's clock ignores it.
    pub fn advance(&self, by: Duration) {
        if let Self::Manual(millis) = self {
            millis.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }
}

/// An instant as Finesse prints it: `YYYY-MM-DDThh:MM:ss.SSSZ` (Finesse notes 1.1).
pub(crate) fn wire_time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

fn whole_milliseconds(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[expect(clippy::disallowed_methods, reason = "the simulator's only reading of the machine's time")]
fn machine_time() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_three_digits_of_milliseconds() {
        let at = Timestamp::from_millisecond(1_700_000_000_040).expect("in range");
        assert_eq!(wire_time(at), "2023-11-14T22:13:20.040Z");
    }

    #[test]
    fn a_manual_clock_moves_by_hand() {
        let clock = Clock::manual(Timestamp::UNIX_EPOCH);
        clock.advance(Duration::from_millis(1_500));
        assert_eq!(clock.now().as_millisecond(), 1_500);
    }
}
