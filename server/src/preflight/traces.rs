//! Does anybody take the traces?

use super::WITHIN;
use crate::cli::Finding;
use crate::config::Traces;
use crate::traces::{Collector, try_it};

const SUBJECT: &str = "traces";

/// Sends nothing to the collector, where there is one. Amber at most: nothing depends on it.
pub async fn traces(configured: &Traces) -> Option<Finding> {
    let endpoint = configured.endpoint.as_ref()?;
    let taken = match Collector::of(configured) {
        Ok(Some(collector)) => {
            let tried = tokio::time::timeout(WITHIN / 2, try_it(&collector)).await;
            tried.unwrap_or_else(|_| Err(format!("no answer within {} s", WITHIN.as_secs() / 2)))
        }
        Ok(None) => return None,
        Err(error) => Err(error.to_string()),
    };
    Some(match taken {
        Ok(()) => Finding::green(SUBJECT, format!("{endpoint} takes them")),
        Err(why) => {
            let text = format!("{endpoint} does not take them: {why}");
            let remedy = "start the collector, or correct traces.endpoint (or OTEL_EXPORTER_OTLP_ENDPOINT); until then traces are lost, and nothing else";
            Finding::amber(SUBJECT, text, remedy)
        }
    })
}
