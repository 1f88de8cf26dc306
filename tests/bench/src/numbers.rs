//! Percentiles of one run, and medians with ranges over several.

use std::time::Duration;

/// What was measured in one run, in order.
#[derive(Debug, Clone, Default)]
pub struct Sample(Vec<Duration>);

impl Sample {
    /// Puts what was measured in order.
    pub fn new(mut measured: Vec<Duration>) -> Self {
        measured.sort_unstable();
        Self(measured)
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Was nothing measured?
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The smallest value that at least `percent` of a hundred do not exceed (nearest rank).
    pub fn percentile(&self, percent: usize) -> Duration {
        let rank = (self.0.len() * percent).div_ceil(100).max(1);
        self.0.get(rank - 1).copied().unwrap_or_default()
    }

    /// The largest.
    pub fn max(&self) -> Duration {
        self.0.last().copied().unwrap_or_default()
    }
}

/// The same figure of several runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread {
    /// The middle one; of an even number the lower of the two.
    pub median: Duration,
    /// The smallest.
    pub min: Duration,
    /// The largest.
    pub max: Duration,
}

impl Spread {
    /// Over these runs; all zero without any.
    pub fn of(runs: impl IntoIterator<Item = Duration>) -> Self {
        let runs = Sample::new(runs.into_iter().collect());
        Self { median: runs.percentile(50), min: runs.percentile(0), max: runs.max() }
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}–{})", ms(self.median), ms(self.min), ms(self.max))
    }
}

impl Spread {
    /// In microseconds.
    pub fn in_us(&self) -> String {
        format!("{} ({}–{})", us(self.median), us(self.min), us(self.max))
    }
}

/// Microseconds with one place.
pub fn us(span: Duration) -> String {
    format!("{:.1}", span.as_secs_f64() * 1e6)
}

/// Milliseconds with two places.
pub fn ms(span: Duration) -> String {
    format!("{:.2}", span.as_secs_f64() * 1_000.0)
}

/// MiB with one place, out of KiB.
pub fn mib(kib: u64) -> String {
    format!("{}.{}", kib / 1_024, kib % 1_024 * 10 / 1_024)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(values: impl IntoIterator<Item = u64>) -> Sample {
        Sample::new(values.into_iter().map(Duration::from_millis).collect())
    }

    #[test]
    fn percentiles_go_by_nearest_rank() {
        let hundred = sample((1..=100).rev());
        for (percent, expected) in [(0, 1), (1, 1), (50, 50), (99, 99), (100, 100)] {
            assert_eq!(hundred.percentile(percent), Duration::from_millis(expected), "{percent}");
        }
        assert_eq!(sample([7]).percentile(99), Duration::from_millis(7));
        assert_eq!(sample([]).percentile(99), Duration::ZERO);
    }

    #[test]
    fn a_spread_shows_the_middle_and_both_ends() {
        let spread = Spread::of([5, 1, 9].map(Duration::from_millis));
        assert_eq!(spread.to_string(), "5.00 (1.00–9.00)");
    }
}
