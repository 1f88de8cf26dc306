//! Rates: who may be asked when (429 and `Retry-After`, Webex notes 2.4 and 5).

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hyper::header::HeaderValue;
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
pub(super) fn pause_asked(status: u16, retry_after: Option<&HeaderValue>) -> Option<Duration> {
    let seconds = retry_after.and_then(|value| value.to_str().ok()?.trim().parse::<u64>().ok());
    let wait = seconds.map(|seconds| Duration::from_secs(seconds).min(MAX_THROTTLE));
    match status {
        429 => Some(wait.unwrap_or(DEFAULT_THROTTLE)),
        503 => wait,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_asked_in_seconds_and_capped() {
        let asked = |status, value: Option<&'static str>| {
            pause_asked(status, value.map(HeaderValue::from_static).as_ref())
        };
        assert_eq!(asked(429, Some("7")), Some(Duration::from_secs(7)));
        assert_eq!(asked(429, Some("99999999999")), Some(MAX_THROTTLE));
        assert_eq!(asked(429, Some("soon")), Some(DEFAULT_THROTTLE));
        assert_eq!(asked(429, None), Some(DEFAULT_THROTTLE));
        assert_eq!(asked(503, Some("3")), Some(Duration::from_secs(3)));
        assert_eq!(asked(503, None), None);
        assert_eq!(asked(200, Some("3")), None);
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
