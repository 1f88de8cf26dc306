//! What `/metrics` is made by.

use metrics_exporter_prometheus::{BuildError, PrometheusBuilder};

/// Upper bounds in seconds for every duration: a decision takes a millisecond, a request to Finesse
/// tens of them, a look at an overloaded one seconds. Fixed, so that the counts of many agents and of
/// several servers can be added, and so that memory does not depend on what was measured.
const SECONDS: [f64; 15] =
    [0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0];

/// What keeps the numbers, to be installed or built.
pub fn page() -> Result<PrometheusBuilder, BuildError> {
    PrometheusBuilder::new().set_buckets(&SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Quantiles of two servers cannot be added; counts can.
    #[test]
    fn durations_are_counted_by_fixed_bounds() {
        let recorder = page().unwrap().build_recorder();
        metrics::with_local_recorder(&recorder, || {
            metrics::histogram!("lockstep_test_seconds").record(0.03);
        });
        let page = recorder.handle().render();
        for line in [
            "lockstep_test_seconds_bucket{le=\"0.02\"} 0",
            "lockstep_test_seconds_bucket{le=\"0.05\"} 1",
            "lockstep_test_seconds_bucket{le=\"+Inf\"} 1",
            "lockstep_test_seconds_count 1",
        ] {
            assert!(page.contains(line), "{page}");
        }
    }
}
