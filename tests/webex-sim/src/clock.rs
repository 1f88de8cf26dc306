//! The simulator's one reading of the wall clock, and how Webex writes instants.

use jiff::Timestamp;
use serde::Serializer;

/// Now, to the millisecond: Webex's instants carry no more.
#[expect(clippy::disallowed_methods, reason = "the one place where the simulator reads the clock")]
pub(crate) fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

/// `2026-01-31T08:15:00.123Z`, the form of every instant on the wire.
pub(crate) fn iso(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// For `#[serde(serialize_with)]`.
pub(crate) fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&iso(*at))
}
