//! The server's clock, on which all times of the messages are.

use std::cell::Cell;

use lockstep_core::Time;

/// The browser's clock, set by what the server told last.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    ahead_ms: Cell<i64>,
}

// === impl Clock ===

impl Clock {
    /// Now, on the server's clock as far as it is known.
    pub(crate) fn now(&self) -> Time {
        browser().shifted(self.ahead_ms.get())
    }

    /// The server has just told its time.
    pub(crate) fn set(&self, server: Time) {
        self.ahead_ms.set(difference(server, browser()));
    }

    /// How far the server is ahead of the browser, in milliseconds.
    pub(crate) fn ahead(&self) -> i64 {
        self.ahead_ms.get()
    }

    /// On the browser's clock, in milliseconds, as `Date` has it.
    pub(crate) fn on_browser(&self, time: Time) -> Time {
        time.shifted(-self.ahead_ms.get())
    }
}

/// By how many milliseconds `one` is later than `other`.
pub(crate) fn difference(one: Time, other: Time) -> i64 {
    let millis = |span: std::time::Duration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    millis(one.since(other)) - millis(other.since(one))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`Date.now` is whole and positive"
)]
pub(crate) fn browser() -> Time {
    Time::from_millis(js_sys::Date::now() as u64)
}
