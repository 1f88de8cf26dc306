//! Rates: who may be asked when (429 and `Retry-After`, Webex notes 2.4 and 5).

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hyper::header::{DATE, HeaderMap, RETRY_AFTER};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use tokio::time::Instant;

use super::metric::Metric;

/// Wait when Webex says "too many requests" without saying how long; as the vendor's client.
const DEFAULT_THROTTLE: Duration = Duration::from_mins(1);
/// No wait is longer, whatever the answer says; as the vendor's client (Webex notes 5).
const MAX_THROTTLE: Duration = Duration::from_hours(1);
/// The part of Webex that is asked; limits on the rate are kept per part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Service {
    Catalog,
    Devices,
    Mercury,
    Presence,
    People,
    Token,
}

impl Service {
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Catalog => "catalog",
            Self::Devices => "devices",
            Self::Mercury => "mercury",
            Self::Presence => "presence",
            Self::People => "people",
            Self::Token => "token",
        }
    }
}

/// The pauses that Webex asked for; one per service at most.
#[derive(Debug, Default)]
pub(super) struct Pauses(Mutex<BTreeMap<Service, Instant>>);

impl Pauses {
    /// Nothing is sent to `service` for the next `wait`.
    pub(super) fn ask(&self, service: Service, wait: Duration) {
        Metric::Throttled.count_by("service", service.label());
        let until = Instant::now() + wait;
        let mut pauses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pause = pauses.entry(service).or_insert(until);
        *pause = until.max(*pause);
    }

    /// Waits until `service` may be asked again; the rest of the pause when that is longer than
    /// `patience`.
    pub(super) async fn turn(&self, service: Service, patience: Duration) -> Result<(), Duration> {
        loop {
            let wait = self.left(service);
            if wait.is_zero() {
                return Ok(());
            }
            if wait > patience {
                return Err(wait);
            }
            tokio::time::sleep(wait).await;
        }
    }

    fn left(&self, service: Service) -> Duration {
        let pauses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pauses
            .get(&service)
            .map_or(Duration::ZERO, |until| until.saturating_duration_since(Instant::now()))
    }
}

/// How long an answer asks us to stay away: 429 always, 503 when it says so.
pub(super) fn pause_asked(status: u16, headers: &HeaderMap) -> Option<Duration> {
    let wait = retry_after(headers).map(|wait| wait.min(MAX_THROTTLE));
    match status {
        429 => Some(wait.unwrap_or(DEFAULT_THROTTLE)),
        503 => wait,
        _ => None,
    }
}

/// `Retry-After` in seconds, or as a date, which counts from the answer's own `Date`: our clocks
/// need not agree.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let after = text(RETRY_AFTER)?;
    if !after.is_empty() && after.bytes().all(|byte| byte.is_ascii_digit()) {
        // Digits that are no number are a very long time.
        return Some(Duration::from_secs(after.parse().unwrap_or(u64::MAX)));
    }
    let wait = http_date(after)?.duration_since(http_date(text(DATE)?)?);
    Some(Duration::try_from(wait).unwrap_or_default())
}

/// `Sat, 21 Nov 2026 21:00:00 GMT`.
pub(super) fn http_date(text: &str) -> Option<Timestamp> {
    rfc2822::parse(text).ok().map(|date| date.timestamp())
}

#[cfg(test)]
mod tests {
    use hyper::header::{HeaderName, HeaderValue};

    use super::*;

    const NOW: &str = "Sat, 21 Nov 2026 13:17:30 GMT";

    fn asked(status: u16, fields: &[(HeaderName, &'static str)]) -> Option<u64> {
        let value = |(name, value): &(HeaderName, &'static str)| {
            (name.clone(), HeaderValue::from_static(value))
        };
        pause_asked(status, &fields.iter().map(value).collect()).map(|wait| wait.as_secs())
    }

    #[test]
    fn pauses_are_asked_in_seconds_and_capped() {
        let asked = |status, after: Option<&'static str>| {
            asked(status, &after.map(|after| (RETRY_AFTER, after)).into_iter().collect::<Vec<_>>())
        };
        assert_eq!(asked(429, Some("7")), Some(7));
        assert_eq!(asked(429, Some("0")), Some(0));
        assert_eq!(asked(429, Some(" 7 ")), Some(7));
        for absurd in ["99999999999", "99999999999999999999999999"] {
            assert_eq!(asked(429, Some(absurd)), Some(3_600));
        }
        for nothing in [Some(""), Some("soon"), Some("-7"), Some("1.5"), Some(NOW), None] {
            assert_eq!(asked(429, nothing), Some(60), "{nothing:?}");
            assert_eq!(asked(503, nothing), None, "{nothing:?}");
        }
        assert_eq!(asked(503, Some("3")), Some(3));
        assert_eq!(asked(200, Some("3")), None);
        assert_eq!(asked(500, Some("3")), None);
    }

    #[test]
    fn pauses_are_asked_by_dates_that_count_from_the_servers_own_time() {
        for (after, seconds) in [
            ("Sat, 21 Nov 2026 13:17:37 GMT", 7),
            ("Sat, 21 Nov 2026 13:17:00 GMT", 0),
            ("Sun, 22 Nov 2026 13:17:37 GMT", 3_600),
        ] {
            for status in [429, 503] {
                let asked = asked(status, &[(RETRY_AFTER, after), (DATE, NOW)]);
                assert_eq!(asked, Some(seconds), "{after}");
            }
        }
        let without = asked(429, &[(RETRY_AFTER, "Sat, 99 Nov 2026 13:17:37 GMT"), (DATE, NOW)]);
        assert_eq!(without, Some(60), "no date, and so no wish");
    }

    #[tokio::test(start_paused = true)]
    async fn the_longer_pause_counts_and_only_for_its_service() {
        let (pauses, began) = (Pauses::default(), Instant::now());
        pauses.ask(Service::People, Duration::from_secs(5));
        pauses.ask(Service::People, Duration::from_secs(2));
        let hasty = pauses.turn(Service::People, Duration::from_secs(1)).await;
        assert_eq!(hasty, Err(Duration::from_secs(5)));
        assert_eq!(pauses.turn(Service::Devices, Duration::ZERO).await, Ok(()));
        assert_eq!(pauses.turn(Service::People, Duration::from_secs(9)).await, Ok(()));
        assert_eq!(began.elapsed(), Duration::from_secs(5));
    }
}
