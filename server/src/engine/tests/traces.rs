//! What a trace of the gadget's side is made of, and that nobody waits for who collects it.

use std::collections::BTreeSet;

use lockstep_core::agent::{Code, Decision};
use opentelemetry_sdk::trace::SpanData;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use super::tab::{Tab, held};
use super::*;
use crate::traces::Outlet;

/// A bench whose spans come out of the second.
async fn traced(mode: Mode) -> (Bench, Outlet) {
    let mut outlet = None;
    let tracer = |clock| {
        let (tracer, spans) = Tracer::new(clock, StdRng::seed_from_u64(1));
        outlet = Some(spans);
        tracer
    };
    let bench = Bench::start_traced(mode, tracer).await;
    (bench, outlet.expect("the bench has a tracer"))
}

fn names(spans: &[SpanData]) -> Vec<&str> {
    spans.iter().map(|span| span.name.as_ref()).collect()
}

fn of_0001(spans: &[SpanData]) -> Vec<SpanData> {
    let is_own = |span: &&SpanData| {
        let agent = span.attributes.iter().find(|one| one.key.as_str() == "agent.id");
        agent.is_some_and(|agent| agent.value.as_str() == "0001")
    };
    spans.iter().filter(is_own).cloned().collect()
}

#[tokio::test(start_paused = true)]
async fn what_is_wanted_of_a_gadget_and_what_it_reports_are_one_trace() {
    let (mut bench, mut outlet) = traced(Mode::Gadget).await;
    let mut tab = Tab::open(&bench, "0001", 1).await;
    tab.all().await;
    outlet.taken();
    bench.says("0001", "dnd").await;
    tab.all().await;
    tokio::time::sleep(Duration::from_millis(40)).await;
    let decision = Decision {
        at: bench.clock.now(),
        code: Code::Taken,
        want: tab.want.clone(),
        state: Some(AgentState::NotReady),
        held: true,
        text: "Not Ready is set.".to_owned(),
    };
    tab.report(held(), Some(decision)).await;
    bench.row("0001").await;
    let spans = outlet.taken();
    assert_eq!(names(&spans), ["webex.event", "gadget.wanted", "gadget.report"]);
    let [event, wanted, report] = &spans[..] else { unreachable!("three of them") };
    let id = |span: &SpanData| span.span_context.span_id();
    assert_eq!((wanted.parent_span_id, report.parent_span_id), (id(event), id(wanted)));
    let took = wanted.end_time.duration_since(wanted.start_time).unwrap_or_default();
    assert!(took >= Duration::from_millis(40), "until it is acknowledged: {took:?}");
    assert!(
        spans.iter().all(|span| { span.span_context.trace_id() == event.span_context.trace_id() })
    );
}

#[tokio::test(start_paused = true)]
async fn every_change_of_presence_is_a_trace_of_its_own_also_where_nothing_is_done() {
    let (mut bench, mut outlet) = traced(Mode::Server).await;
    bench.says("0001", "busy").await;
    bench.until("left", "0001", |row| row.decided == Some("left_by_rule")).await;
    bench.says("0001", "dnd").await;
    bench.until_held("0001", true).await;
    let spans = outlet.taken();
    let own = of_0001(&spans);
    let events = own.iter().filter(|span| span.name == "webex.event");
    let traces: BTreeSet<String> =
        events.map(|span| span.span_context.trace_id().to_string()).collect();
    let names = names(&own);
    let counted = |name: &str| names.iter().filter(|one| **one == name).count();
    assert_eq!(traces.len(), counted("webex.event"), "{names:?}");
    assert_eq!((counted("ledger.write"), counted("finesse.put")), (1, 1), "{names:?}");
    assert!(counted("decide") >= 2, "{names:?}");
}

/// The hold-down is the decision's time, and not the way from Webex.
#[tokio::test(start_paused = true)]
async fn what_waits_for_the_hold_down_was_received_when_it_was_said() {
    let (mut bench, mut outlet) = traced(Mode::Server).await;
    bench.says("0001", "dnd").await;
    bench.until_held("0001", true).await;
    outlet.taken();
    let said = bench.clock.now();
    bench.says("0001", "active").await;
    bench.until_held("0001", false).await;
    let spans = of_0001(&outlet.taken());
    let named = |name: &str| spans.iter().find(|span| span.name == name).expect(name);
    let took = |span: &SpanData| span.end_time.duration_since(span.start_time).unwrap_or_default();
    let (event, decide) = (named("webex.event"), named("decide"));
    let received = event.attributes.iter().find(|one| one.key.as_str() == "webex.received");
    assert_eq!(received.expect("it is told").value.as_str(), said.as_millis().to_string());
    assert!(took(event) < Duration::from_millis(100), "{:?}", took(event));
    assert!(took(decide) >= PresenceSettings::default().hold_down, "{:?}", took(decide));
}

/// Nobody takes the spans: the queue fills, and everything goes on.
#[tokio::test(start_paused = true)]
async fn a_queue_that_is_full_holds_nobody_up() {
    let mut outlet = None;
    let tracer = |clock| {
        let (tracer, spans) = Tracer::with_room_for(2, clock, StdRng::seed_from_u64(1));
        outlet = Some(spans);
        tracer
    };
    let mut bench = Bench::start_traced(Mode::Server, tracer).await;
    for _ in 0..3 {
        bench.says("0001", "dnd").await;
        bench.until_held("0001", true).await;
        bench.says("0001", "active").await;
        bench.until_held("0001", false).await;
    }
    assert_eq!(outlet.expect("there is one").taken().len(), 2);
}
