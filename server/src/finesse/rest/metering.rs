//! The metrics of the Finesse client. Never an agent's id in a label.

use std::time::Duration;

use crate::finesse::FinesseError;

/// Requests by `call` and `outcome` (`ok`, or the word of [`FinesseError::kind`]).
const REQUESTS: &str = "lockstep_finesse_requests_total";
/// Seconds from the call to its outcome by `call`, waiting for a turn included.
const SECONDS: &str = "lockstep_finesse_request_seconds";
/// 1 while the `node` (its place in `finesse.nodes`, from 1) says that it is in service.
const NODE_IN_SERVICE: &str = "lockstep_finesse_node_in_service";
/// How often another node was taken into use.
const SWITCHES: &str = "lockstep_finesse_node_switches_total";
/// Accounts that were refused and are not tried again.
const STOPPED: &str = "lockstep_finesse_accounts_stopped";

/// What is called, as metrics and log lines name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    System,
    Users,
    Team,
    Look,
    Change,
    ReasonCodes,
    ReasonConfig,
    Identify,
}

impl Call {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Users => "users",
            Self::Team => "team",
            Self::Look => "look",
            Self::Change => "change",
            Self::ReasonCodes => "reason_codes",
            Self::ReasonConfig => "reason_config",
            Self::Identify => "identify",
        }
    }

    /// The largest body read, in bytes: some ten times what the largest installation sends.
    pub(super) const fn body_limit(self) -> usize {
        match self {
            Self::System | Self::Change | Self::ReasonConfig => 64 * 1024,
            // A supervisor of a thousand teams is 150 KiB.
            Self::Look | Self::Identify => 256 * 1024,
            Self::ReasonCodes => 1024 * 1024,
            Self::Team => 4 * 1024 * 1024,
            Self::Users => 16 * 1024 * 1024,
        }
    }
}

pub(super) fn describe() {
    use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
    describe_counter!(REQUESTS, "Requests to Finesse by call and outcome");
    describe_histogram!(SECONDS, Unit::Seconds, "Time from a call to its outcome");
    describe_gauge!(NODE_IN_SERVICE, "1 while the node says that it is in service");
    describe_counter!(SWITCHES, "How often another Finesse node was taken into use");
    describe_gauge!(STOPPED, "Finesse accounts that were refused and are not tried again");
    // A client that replaces another begins with accounts that were not tried yet.
    metrics::gauge!(STOPPED).set(0.0);
}

/// `ok`, or the error's word.
pub(super) fn outcome<T>(outcome: &Result<T, FinesseError>) -> &'static str {
    outcome.as_ref().map_or_else(FinesseError::kind, |_| "ok")
}

pub(super) fn asked<T>(call: Call, outcome: &Result<T, FinesseError>, took: Duration) {
    let labels = [("call", call.as_str()), ("outcome", self::outcome(outcome))];
    metrics::counter!(REQUESTS, &labels).increment(1);
    metrics::histogram!(SECONDS, "call" => call.as_str()).record(took.as_secs_f64());
}

pub(super) fn node(place: usize, in_service: bool) {
    let label = (place + 1).to_string();
    metrics::gauge!(NODE_IN_SERVICE, "node" => label).set(if in_service { 1.0 } else { 0.0 });
}

pub(super) fn switched() {
    metrics::counter!(SWITCHES).increment(1);
}

pub(super) fn accounts_stopped(count: usize) {
    #[expect(clippy::cast_precision_loss, reason = "a gauge; accounts are a hundred at most")]
    metrics::gauge!(STOPPED).set(count as f64);
}

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;

    #[test]
    fn requests_are_counted_by_call_and_outcome_and_by_nothing_else() {
        let recorder = PrometheusBuilder::new().build_recorder();
        metrics::with_local_recorder(&recorder, || {
            describe();
            asked(Call::Look, &Ok(()), Duration::from_millis(20));
            let silent = FinesseError::Silent { detail: "agent 1001".into() };
            asked::<()>(Call::Change, &Err(silent), Duration::from_secs(1));
            node(1, true);
            accounts_stopped(1);
            switched();
        });
        let page = recorder.handle().render();
        for line in [
            "lockstep_finesse_requests_total{call=\"look\",outcome=\"ok\"} 1",
            "lockstep_finesse_requests_total{call=\"change\",outcome=\"silent\"} 1",
            "lockstep_finesse_node_in_service{node=\"2\"} 1",
            "lockstep_finesse_accounts_stopped 1",
            "lockstep_finesse_node_switches_total 1",
        ] {
            assert!(page.contains(line), "{line} is not in\n{page}");
        }
        assert!(page.contains("lockstep_finesse_request_seconds"), "{page}");
        assert!(!page.contains("1001"), "{page}");
    }
}
