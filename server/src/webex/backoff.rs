use std::time::Duration;

use rand::{Rng, RngExt};

/// Delays of reconnects: doubling, each drawn uniformly between half and the whole of it, so that
/// many instances that were dropped together do not come back together (S1-16…S1-18).
#[derive(Debug, Clone)]
pub(super) struct Backoff {
    first: Duration,
    most: Duration,
    failures: u32,
}

impl Backoff {
    pub(super) const fn new(first: Duration, most: Duration) -> Self {
        Self { first, most, failures: 0 }
    }

    /// Failures since the last healthy connection.
    pub(super) const fn failures(&self) -> u32 {
        self.failures
    }

    /// Counts a failure and says how long to wait after it.
    pub(super) fn after_failure(&mut self, random: &mut impl Rng) -> Duration {
        let whole = self.whole();
        self.failures = self.failures.saturating_add(1);
        spread(whole, random)
    }

    /// The connection was healthy: the next delay is the first again.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    fn whole(&self) -> Duration {
        let factor = 1_u32.checked_shl(self.failures).unwrap_or(u32::MAX);
        self.first.saturating_mul(factor).min(self.most)
    }
}

/// A time between half and the whole of `whole`.
pub(super) fn spread(whole: Duration, random: &mut impl Rng) -> Duration {
    whole.mul_f64(random.random_range(0.5..=1.0))
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    fn backoff() -> Backoff {
        Backoff::new(Duration::from_secs(1), Duration::from_secs(30))
    }

    #[test]
    fn delays_double_up_to_the_cap_and_lie_between_half_and_whole() {
        for seed in 0..200 {
            let mut random = StdRng::seed_from_u64(seed);
            let mut backoff = backoff();
            for whole in [1, 2, 4, 8, 16, 30, 30, 30] {
                let whole = Duration::from_secs(whole);
                let delay = backoff.after_failure(&mut random);
                assert!(delay >= whole / 2 && delay <= whole, "{delay:?} of {whole:?}");
            }
        }
    }

    #[test]
    fn a_thousand_instances_are_spread_over_half_the_delay() {
        let delays = (0..1_000)
            .map(|seed| backoff().after_failure(&mut StdRng::seed_from_u64(seed)).as_millis());
        let (least, most) = (delays.clone().min().unwrap(), delays.max().unwrap());
        assert!(most - least > 450, "{least} ms to {most} ms");
    }

    #[test]
    fn a_reset_starts_afresh_and_many_failures_do_not_overflow() {
        let mut random = StdRng::seed_from_u64(1);
        let mut backoff = backoff();
        for _ in 0..100 {
            assert!(backoff.after_failure(&mut random) <= Duration::from_secs(30));
        }
        assert_eq!(backoff.failures(), 100);
        backoff.reset();
        assert!(backoff.after_failure(&mut random) <= Duration::from_secs(1));
    }
}
