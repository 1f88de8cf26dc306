//! The faults that are set.

use std::collections::VecDeque;
use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

use super::{Fault, FaultOrder, OrderError, catalogue};

/// Faults that may be set at a time; a test that sets more has lost count.
const MOST: usize = 1_000;

/// The window of `rate_limit`.
const MINUTE: Duration = Duration::from_mins(1);

/// Names one fault that was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct FaultId(pub u64);

/// A fault that is set.
#[derive(Clone, Debug, Serialize)]
pub struct ActiveFault {
    /// Names it.
    pub id: FaultId,
    /// What goes wrong.
    #[serde(flatten)]
    pub fault: Fault,
    /// How many more times; until cleared when absent.
    pub left: Option<u32>,
    /// How often it struck.
    pub met: u64,
    /// When requests went through, for `rate_limit`; bounded by its `per_minute`.
    #[serde(skip)]
    passed: VecDeque<Instant>,
}

#[derive(Debug, Default)]
pub(crate) struct Faults {
    active: Vec<ActiveFault>,
    last: u64,
}

// === impl Faults ===

impl Faults {
    /// `None` when the fault happens at once and there is nothing to keep.
    pub(crate) fn set(&mut self, order: FaultOrder) -> Result<Option<FaultId>, OrderError> {
        if !catalogue::lasts(&order.fault) {
            return Ok(None);
        }
        if self.active.len() == MOST {
            return Err(OrderError::TooMany(MOST));
        }
        self.last += 1;
        let id = FaultId(self.last);
        self.active.push(ActiveFault {
            id,
            fault: order.fault,
            left: order.times,
            met: 0,
            passed: VecDeque::new(),
        });
        Ok(Some(id))
    }

    pub(crate) fn clear(&mut self) {
        self.active.clear();
    }

    pub(crate) fn shown(&self) -> Vec<ActiveFault> {
        self.active.clone()
    }

    /// Whether such a fault is set; not counted as a strike.
    pub(crate) fn any(&self, is: impl Fn(&Fault) -> bool) -> bool {
        self.active.iter().any(|active| is(&active.fault))
    }

    /// The first fault that `pick` recognises; counts as a strike.
    pub(crate) fn strike<T>(
        &mut self,
        pick: impl Fn(&Fault) -> Option<T>,
    ) -> Option<(&'static str, T)> {
        let (at, found) =
            self.active.iter().enumerate().find_map(|(at, a)| Some((at, pick(&a.fault)?)))?;
        let name = self.active[at].fault.name();
        self.count_down(at);
        Some((name, found))
    }

    fn count_down(&mut self, at: usize) {
        let active = &mut self.active[at];
        active.met += 1;
        if let Some(left) = &mut active.left {
            *left -= 1;
            if *left == 0 {
                self.active.remove(at);
            }
        }
    }

    /// Seconds to wait when a `rate_limit` for this endpoint is used up; otherwise the request
    /// counts as one that went through.
    pub(crate) fn limited(&mut self, endpoint: &str, now: Instant) -> Option<u64> {
        for at in 0..self.active.len() {
            let active = &mut self.active[at];
            let Fault::RateLimit { endpoint: of, per_minute, retry_after } = &active.fault else {
                continue;
            };
            if !covers(of.as_deref(), endpoint) {
                continue;
            }
            active.passed.retain(|at| now.duration_since(*at) < MINUTE);
            if active.passed.len() < *per_minute as usize {
                active.passed.push_back(now);
                continue;
            }
            let next =
                active.passed.front().map_or(MINUTE, |at| (*at + MINUTE).duration_since(now));
            let wait = retry_after.unwrap_or(next.as_secs() + 1);
            self.count_down(at);
            return Some(wait);
        }
        None
    }
}

/// Whether a fault's `endpoint` means this one.
pub(crate) fn covers(of: Option<&str>, endpoint: &str) -> bool {
    match of {
        None => true,
        Some(name) => {
            endpoint == name
                || endpoint.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_covers_itself_and_what_is_behind_its_dot() {
        assert!(covers(None, "wdm.register"));
        assert!(covers(Some("wdm"), "wdm.register"));
        assert!(covers(Some("wdm.register"), "wdm.register"));
        assert!(!covers(Some("wdm.reg"), "wdm.register"));
    }

    #[test]
    fn a_fault_for_two_times_strikes_twice() {
        let mut faults = Faults::default();
        let order = FaultOrder { fault: Fault::MercuryNoPong {}, times: Some(2) };
        assert_eq!(faults.set(order), Ok(Some(FaultId(1))));
        let mut strike = || faults.strike(|f| matches!(f, Fault::MercuryNoPong {}).then_some(()));
        assert!(strike().is_some() && strike().is_some() && strike().is_none());
    }

    #[test]
    fn a_rate_limit_lets_the_next_one_through_after_a_minute() {
        let mut faults = Faults::default();
        let limit = Fault::RateLimit { endpoint: None, per_minute: 2, retry_after: None };
        assert_eq!(faults.set(limit.into()), Ok(Some(FaultId(1))));
        let start = Instant::now();
        assert_eq!(faults.limited("hydra.people", start), None);
        assert_eq!(faults.limited("hydra.people", start), None);
        assert_eq!(faults.limited("hydra.people", start), Some(61));
        assert_eq!(faults.limited("hydra.people", start + MINUTE), None);
    }
}
