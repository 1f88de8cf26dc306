//! Sends spans to a collector, by OTLP over HTTP.

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry_otlp::{
    ExporterBuildError, Protocol, RetryPolicy, SpanExporter as Otlp, WithExportConfig,
    WithHttpConfig,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use reqwest::{Certificate, Client, redirect};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::Outlet;
use crate::config::Traces;

/// Spans sent at once, some 300 KiB.
const BATCH: usize = 512;
/// How long the first span of a batch waits for others.
const GATHERING: Duration = Duration::from_secs(1);
/// How long a collector may take for a batch; as long as OpenTelemetry's own default.
const WITHIN: Duration = Duration::from_secs(10);
/// What a stop waits for the last spans at most.
const FAREWELL: Duration = Duration::from_secs(2);
/// A collector's words are for the log, and it is somebody else's program.
const LONGEST_WORDS: usize = 300;

/// Who takes the spans.
#[derive(Debug)]
pub struct Collector {
    otlp: Otlp,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum CollectorError {
    /// The client cannot be made, for want of certificates that can be read.
    #[error("failed to prepare the client of the traces' collector")]
    Client(#[from] reqwest::Error),
    /// The settings of the environment (`OTEL_EXPORTER_OTLP_…`) cannot be used.
    #[error("failed to prepare the sending of traces")]
    Settings(#[from] ExporterBuildError),
}

impl Collector {
    /// The one of the configuration, if any. What is sent beside the spans, headers with their
    /// secrets too, is read from the environment by its standard names.
    pub fn of(traces: &Traces) -> Result<Option<Self>, CollectorError> {
        let Some(endpoint) = &traces.endpoint else { return Ok(None) };
        let mut client = Client::builder()
            .user_agent(concat!("lockstep/", env!("CARGO_PKG_VERSION")))
            .timeout(WITHIN)
            .redirect(redirect::Policy::none())
            // What is in the clear is for this machine, and not for the proxy of its way out.
            .no_proxy();
        if let Some(ca) = &traces.ca {
            client = client.tls_certs_merge(Certificate::from_pem_bundle(&ca.pem)?);
        }
        let mut otlp = Otlp::builder()
            .with_http()
            .with_http_client(client.build()?)
            .with_retry_policy(RetryPolicy::disabled())
            .with_endpoint(endpoint.as_str())
            .with_protocol(Protocol::HttpBinary)
            .with_timeout(WITHIN)
            .build()?;
        otlp.set_resource(&resource());
        Ok(Some(Self { otlp }))
    }
}

/// Whoever takes spans; in tests somebody else.
trait Takes: Sync {
    fn take(&self, batch: Vec<SpanData>) -> impl Future<Output = Result<(), String>> + Send;
}

impl Takes for Collector {
    async fn take(&self, batch: Vec<SpanData>) -> Result<(), String> {
        match timeout(WITHIN, self.otlp.export(batch)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => {
                let words = error.to_string();
                Err(words.chars().filter(|c| !c.is_control()).take(LONGEST_WORDS).collect())
            }
            Err(_) => Err(format!("no answer within {} s", WITHIN.as_secs())),
        }
    }
}

/// As the environment's standard names have it, and otherwise by our own name.
fn resource() -> Resource {
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let told = Resource::builder().with_attribute(version.clone()).build();
    let name = told.get(&"service.name".into()).map(|name| name.to_string());
    if name.is_some_and(|name| !name.starts_with("unknown_service")) {
        return told;
    }
    Resource::builder().with_attribute(version).with_service_name("lockstep").build()
}

/// Sends nothing, to see whether it would be taken.
pub async fn try_it(collector: &Collector) -> Result<(), String> {
    collector.take(Vec::new()).await
}

/// Sends what comes out of `outlet` until nobody puts anything in any more, or `stop` was some
/// seconds ago. Spans that the collector does not take are gone: keeping them would take memory for
/// as long as it is dead.
pub async fn run(outlet: Outlet, collector: Collector, stop: CancellationToken) {
    let losses = std::sync::Arc::clone(&outlet.losses);
    let late = async {
        stop.cancelled().await;
        sleep(FAREWELL).await;
    };
    tokio::select! {
        biased; // what is sent counts first
        () = send(outlet, &collector, &stop) => {}
        () = late => losses.add(1, "the collector did not take the last ones in time"),
    }
}

async fn send(mut outlet: Outlet, collector: &impl Takes, stop: &CancellationToken) {
    loop {
        let mut batch = Vec::new();
        if outlet.spans.recv_many(&mut batch, BATCH).await == 0 {
            return;
        }
        if batch.len() < BATCH {
            let _ = stop.run_until_cancelled(sleep(GATHERING)).await;
        }
        while batch.len() < BATCH
            && let Ok(span) = outlet.spans.try_recv()
        {
            batch.push(span);
        }
        let spans = batch.len();
        match collector.take(batch).await {
            Ok(()) => outlet.losses.over(),
            Err(why) => outlet.losses.add(spans, &why),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, PoisonError};

    use lockstep_core::presence::{Facts, Want};
    use lockstep_core::rules::Wanted;
    use lockstep_core::{AgentId, Time};
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;
    use tokio::time::Instant;

    use super::*;
    use crate::clock::Clock;
    use crate::traces::Tracer;

    /// Takes batches and keeps their sizes; or refuses them.
    #[derive(Default)]
    struct Counter {
        sizes: Mutex<Vec<usize>>,
        refuses: bool,
    }

    impl Takes for Counter {
        async fn take(&self, batch: Vec<SpanData>) -> Result<(), String> {
            self.sizes.lock().unwrap_or_else(PoisonError::into_inner).push(batch.len());
            if self.refuses { Err("it does not like them".to_owned()) } else { Ok(()) }
        }
    }

    /// So many changes of presence, each of which is a span.
    fn changes(count: u64) -> Outlet {
        let clock = Clock::starting_at(Time::from_millis(1_000_000));
        let (tracer, outlet) = Tracer::new(clock, StdRng::seed_from_u64(1));
        for seq in 0..count {
            let at = clock.now();
            let want = Want {
                seq,
                wanted: Wanted::Free,
                rule: "active".into(),
                facts: Facts::new(),
                since: at,
                at,
                may_be_contact_call: false,
                spared: false,
            };
            assert!(tracer.begin(&AgentId::new("1"), &want, at).is_some());
        }
        outlet
    }

    #[tokio::test(start_paused = true)]
    async fn what_waits_goes_out_at_once_and_what_is_left_after_a_moment() {
        let (began, counter) = (Instant::now(), Counter::default());
        send(changes(2 * BATCH as u64 + 7), &counter, &CancellationToken::new()).await;
        assert_eq!(*counter.sizes.lock().unwrap(), [BATCH, BATCH, 7]);
        assert_eq!(began.elapsed(), GATHERING, "only the last one waited for others");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_refused_is_gone_and_does_not_keep_the_next_from_going() {
        let counter = Counter { refuses: true, ..Counter::default() };
        let outlet = changes(BATCH as u64 + 1);
        send(outlet, &counter, &CancellationToken::new()).await;
        assert_eq!(*counter.sizes.lock().unwrap(), [BATCH, 1]);
    }
}
