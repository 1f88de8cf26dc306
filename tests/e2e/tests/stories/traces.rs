//! What a collector of traces sees, and that one that is dead disturbs nobody.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::routing::post;
use finesse_sim::Deployment;
use lockstep_e2e::{PASSWORD, Signal, Site, SiteConfig, on_both};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use tokio::net::TcpListener;

/// A stop that waits for a collector is bounded far below what a stop may take.
const NOT_HELD_UP: Duration = Duration::from_secs(6);

/// Takes OTLP over HTTP, and keeps it.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Taken>>);

#[derive(Default)]
struct Taken {
    spans: Vec<Span>,
    services: Vec<String>,
    bytes: Vec<u8>,
    keys: Vec<String>,
}

impl Collector {
    async fn start() -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let collector = Self::default();
        let own = collector.clone();
        let take = move |headers: HeaderMap, body: Bytes| {
            own.take(&headers, &body);
            std::future::ready(())
        };
        let routes = Router::new().route("/v1/traces", post(take));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        (collector, format!("http://{address}"))
    }

    fn take(&self, headers: &HeaderMap, body: &Bytes) {
        let request = ExportTraceServiceRequest::decode(body.clone()).expect("OTLP");
        let key = headers.get("api-key").and_then(|key| key.to_str().ok()).unwrap_or_default();
        self.with(|taken| {
            taken.keys.push(key.to_owned());
            taken.bytes.extend_from_slice(body);
            for part in request.resource_spans {
                let resource = part.resource.unwrap_or_default();
                taken.services.push(text(&resource.attributes, "service.name"));
                taken.spans.extend(part.scope_spans.into_iter().flat_map(|scope| scope.spans));
            }
        });
    }

    fn with<T>(&self, work: impl FnOnce(&mut Taken) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The spans of the trace whose decision has this code, once the request is among them.
    fn chain(&self, code: &str) -> Option<Vec<Span>> {
        self.with(|taken| {
            let decided = taken.spans.iter().find(|span| said(span, "decision.code") == code)?;
            let of = decided.trace_id.clone();
            let chain = taken.spans.iter().filter(|span| span.trace_id == of);
            let chain: Vec<Span> = chain.cloned().collect();
            chain.iter().any(|span| span.name == "finesse.put").then_some(chain)
        })
    }
}

fn text(attributes: &[KeyValue], key: &str) -> String {
    let value = attributes.iter().find(|one| one.key == key).and_then(|one| one.value.clone());
    match value.and_then(|value| value.value) {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        _ => String::new(),
    }
}

fn said(span: &Span, key: &str) -> String {
    text(&span.attributes, key)
}

fn named<'a>(chain: &'a [Span], name: &str) -> &'a Span {
    let names: Vec<&str> = chain.iter().map(|span| span.name.as_str()).collect();
    chain.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("no {name}: {names:?}"))
}

#[tokio::test]
async fn a_collector_sees_the_way_of_a_presence_to_finesse_as_one_trace() {
    on_both(|deployment| async move {
        let (collector, endpoint) = Collector::start().await;
        let mut config = SiteConfig::new(deployment, 2);
        config.environment = vec![
            ("OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(), endpoint),
            ("OTEL_EXPORTER_OTLP_HEADERS".to_owned(), "api-key=s3cret-of-ours".to_owned()),
        ];
        let site = Site::start(config).await;
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        let chain = site.wait_for("a trace", |_| collector.chain("taking")).await;
        let [event, decide] = ["webex.event", "decide"].map(|name| named(&chain, name));
        let [write, put] = ["ledger.write", "finesse.put"].map(|name| named(&chain, name));
        assert!(event.parent_span_id.is_empty(), "it is the first");
        assert_eq!(decide.parent_span_id, event.span_id);
        for follows in [write, put] {
            let parent = chain.iter().find(|span| span.span_id == follows.parent_span_id);
            assert_eq!(parent.map(|span| said(span, "decision.code")).as_deref(), Some("taking"));
        }
        assert!(event.start_time_unix_nano <= event.end_time_unix_nano);
        assert!(event.end_time_unix_nano <= put.start_time_unix_nano);
        assert!(write.end_time_unix_nano <= put.start_time_unix_nano, "the intent comes first");
        assert_eq!(said(event, "webex.status"), "dnd");
        assert!(said(event, "webex.source_time") <= said(event, "webex.received"));
        assert_eq!([said(put, "finesse.answer"), said(put, "lockstep.attempt")], ["accepted", "1"]);
        let id = site.finesse.user("agent1001").expect("a user").login_id;
        assert!(chain.iter().all(|span| said(span, "agent.id") == id), "{chain:#?}");

        let token = site.webex.token();
        collector.with(|taken| {
            assert!(taken.services.iter().all(|name| name == "lockstep"), "{:?}", taken.services);
            assert!(taken.keys.iter().all(|key| key == "s3cret-of-ours"));
            let bytes = String::from_utf8_lossy(&taken.bytes);
            for secret in
                [&Site::address("agent1001"), "example.com", "agent1001", &token, PASSWORD]
            {
                assert!(!bytes.contains(secret), "{secret} was sent to the collector");
            }
        });
        assert_eq!(site.lines(&["s3cret-of-ours"]).len(), 0, "the collector's key is in the log");
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_collector_that_is_not_there_is_told_once_and_disturbs_nobody() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let nobody = listener.local_addr().expect("an address");
    // Ends each connection at once; a port that was given up may be somebody else's by then.
    tokio::spawn(async move {
        while let Ok(caller) = listener.accept().await {
            drop(caller);
        }
    });
    let config = SiteConfig::new(Deployment::Uccx, 2);
    let site = Site::start(config.set("traces", "endpoint", format!("http://{nobody}"))).await;
    let lost = |page: &lockstep_e2e::Page| page.metric("lockstep_traces_dropped_total", "");
    site.follows("agent1001").await;
    let before = lost(&site.page("/metrics", "spans are counted", |page| lost(page) > 0.0).await);
    site.follows("agent1002").await;
    site.page("/metrics", "more spans are counted", |page| lost(page) > before).await;
    assert_eq!(site.lines(&["traces are lost"]).len(), 1);
    assert_eq!(site.get("/readyz").await.status, 200);
    site.end().await;
}

#[tokio::test]
async fn a_collector_that_never_answers_holds_nobody_up_not_even_the_end() {
    // Takes connections, by the system's own queue, and reads nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = silent.local_addr().expect("an address");
    let config = SiteConfig::new(Deployment::Ucce, 2);
    let mut site = Site::start(config.set("traces", "endpoint", format!("http://{address}"))).await;
    site.follows("agent1001").await;
    site.follows("agent1002").await;
    let exit = site.stop_by(Signal::Term).await;
    assert_eq!(exit.code, Some(0));
    assert!(exit.took < NOT_HELD_UP, "{:?}", exit.took);
    site.run();
    site.wait_ready().await;
    site.end().await;
}
