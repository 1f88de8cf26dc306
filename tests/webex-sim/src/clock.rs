//! The simulator's clock, and how Webex writes instants.

use jiff::Timestamp;
use serde::Serializer;
use tokio::time::Instant;

/// Tells the time: an instant at the start plus what has passed since on tokio's clock, so that
/// whoever pauses or simulates time pauses this too.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    started: Instant,
    wall: Timestamp,
}

impl Clock {
    /// A clock that shows `wall` now, or what the machine shows.
    pub(crate) fn new(wall: Option<Timestamp>) -> Self {
        Self { started: Instant::now(), wall: wall.unwrap_or_else(machine_time) }
    }

    /// Now, to the millisecond: Webex's instants carry no more.
    pub(crate) fn now(&self) -> Timestamp {
        let now = self.wall.checked_add(self.started.elapsed()).unwrap_or(self.wall);
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where the simulator reads the clock")]
fn machine_time() -> Timestamp {
    Timestamp::now()
}

/// `2026-01-31T08:15:00.123Z`, the form of every instant on the wire.
pub(crate) fn iso(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// For `#[serde(serialize_with)]`.
pub(crate) fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&iso(*at))
}
