//! Log lines on stderr: for people on a terminal, JSON otherwise.

use std::io::IsTerminal;

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{EnvFilter, FilterFn, filter_fn};
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// The environment variable that holds the filter, such as `info,lockstep::finesse=debug`.
pub const FILTER_VARIABLE: &str = "LOCKSTEP_LOG";
/// What is logged unless told otherwise.
const DEFAULT_FILTER: &str = "info";

/// Libraries that print what they send and receive below `warn`. The first frame on the Mercury
/// socket holds the token, each request to Finesse a password, and a gadget's first packet its
/// token: no filter lets these through.
const CAPPED: [&str; 9] = [
    "tungstenite",
    "tokio_tungstenite",
    "hyper",
    "hyper_util",
    "h2",
    "reqwest",
    "rustls",
    "socketioxide",
    "engineioxide",
];

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter cannot be read.
    #[error(
        "environment {FILTER_VARIABLE}: {detail}; write a level or target=level,…: \"info,lockstep=debug\""
    )]
    Filter {
        /// What is wrong with it.
        detail: String,
    },
    /// Something else has set up logging in this process.
    #[error("failed to set up logging: it is set up already")]
    Twice,
}

/// Sets up logging for the whole process; `filter` is the value of [`FILTER_VARIABLE`].
pub fn init(filter: Option<&str>) -> Result<(), TelemetryError> {
    let for_people = std::io::stderr().is_terminal();
    if for_people {
        people(filter, std::io::stderr)?.try_init().map_err(|_| TelemetryError::Twice)
    } else {
        json(filter, std::io::stderr)?.try_init().map_err(|_| TelemetryError::Twice)
    }
}

fn people<W>(filter: Option<&str>, writer: W) -> Result<impl Subscriber, TelemetryError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let lines = fmt::layer().with_writer(writer).with_target(false);
    Ok(tracing_subscriber::registry().with(cap()).with(parse(filter)?).with(lines))
}

fn json<W>(filter: Option<&str>, writer: W) -> Result<impl Subscriber, TelemetryError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let lines = fmt::layer().json().flatten_event(true).with_writer(writer);
    Ok(tracing_subscriber::registry().with(cap()).with(parse(filter)?).with(lines))
}

fn parse(filter: Option<&str>) -> Result<EnvFilter, TelemetryError> {
    let filter = filter.map(str::trim).filter(|filter| !filter.is_empty());
    EnvFilter::try_new(filter.unwrap_or(DEFAULT_FILTER))
        .map_err(|error| TelemetryError::Filter { detail: error.to_string() })
}

/// Stands before the filter that people set, so that nothing they set can undo it.
fn cap() -> FilterFn<fn(&Metadata<'_>) -> bool> {
    filter_fn(|line| *line.level() <= Level::WARN || !is_capped(line.target()))
}

fn is_capped(target: &str) -> bool {
    let root = target.split("::").next().unwrap_or(target);
    CAPPED.contains(&root)
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("no panic").write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logged(filter: Option<&str>, log: impl FnOnce()) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = json(filter, move || writer.clone()).expect("a good filter");
        tracing::subscriber::with_default(subscriber, log);
        let bytes = lines.0.lock().expect("no panic").clone();
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn no_filter_lets_a_librarys_frames_through() {
        for filter in ["trace", "tungstenite=trace", "trace,tungstenite::protocol=trace"] {
            let lines = logged(Some(filter), || {
                tracing::trace!(target: "tungstenite::protocol", "s3cret frame");
                tracing::debug!(target: "tokio_tungstenite", "s3cret frame");
                tracing::info!(target: "reqwest::connect", "s3cret header");
                tracing::info!(target: "rustls", "s3cret key");
                tracing::warn!(target: "hyper::proto", "a warning");
            });
            assert!(!lines.contains("s3cret"), "{filter}: {lines}");
            assert_eq!(lines.contains("a warning"), filter.starts_with("trace"), "{filter}");
        }
    }

    #[test]
    fn the_level_is_info_unless_told_otherwise() {
        let log = || {
            tracing::debug!("quiet");
            tracing::info!(agent.id = "0001", "loud");
        };
        let lines = logged(None, log);
        assert!(lines.contains("\"message\":\"loud\"") && !lines.contains("quiet"), "{lines}");
        assert!(lines.contains("\"agent.id\":\"0001\""), "{lines}");
        assert!(logged(Some(" "), log).contains("loud"), "blank is not set");
        assert!(logged(Some("warn,lockstep::telemetry=debug"), log).contains("quiet"));
    }

    #[test]
    fn a_wrong_filter_names_the_variable() {
        let error = parse(Some("lockstep=loud")).expect_err("no such level").to_string();
        assert!(error.starts_with("environment LOCKSTEP_LOG: "), "{error}");
    }
}
