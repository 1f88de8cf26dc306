//! Times as the tables have them.

use lockstep_core::Time;

/// Milliseconds since 1970.
pub(super) fn ms(time: Time) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// The same back.
pub(super) fn time(ms: i64) -> Time {
    Time::from_millis(u64::try_from(ms).unwrap_or(0))
}
