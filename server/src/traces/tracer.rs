//! Where spans go in: bounded, and without ever waiting.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use lockstep_core::presence::Want;
use lockstep_core::{AgentId, Time};
use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use rand::RngExt;
use rand::rngs::StdRng;
use tokio::sync::mpsc;

use super::Trace;
use crate::clock::Clock;

/// Spans that wait to be sent: those of a burst of 2,000 changes, some 8 MiB while a collector
/// stands still.
pub(super) const CAPACITY: usize = 8_192;

/// Begins traces; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Tracer(Option<Arc<Inlet>>);

/// Where the spans come out.
#[derive(Debug)]
pub struct Outlet {
    pub(super) spans: mpsc::Receiver<SpanData>,
    pub(super) losses: Arc<Losses>,
}

#[derive(Debug)]
pub(super) struct Inlet {
    pub(super) clock: Clock,
    spans: mpsc::Sender<SpanData>,
    losses: Arc<Losses>,
    /// Locked for the time of a draw.
    ids: Mutex<StdRng>,
    scope: InstrumentationScope,
}

/// Spans that reached no collector; told once until one does again.
#[derive(Debug, Default)]
pub(super) struct Losses {
    told: AtomicBool,
}

/// A span that is over.
#[derive(Debug)]
pub(super) struct Over {
    pub(super) name: &'static str,
    pub(super) trace: TraceId,
    pub(super) id: SpanId,
    /// [`SpanId::INVALID`] for the first of a trace.
    pub(super) parent: SpanId,
    pub(super) kind: SpanKind,
    /// Since the Unix epoch, on our clock.
    pub(super) began: Duration,
    pub(super) ended: Duration,
    pub(super) attributes: Vec<KeyValue>,
    pub(super) status: Status,
}

impl Tracer {
    /// Begins none.
    pub const fn off() -> Self {
        Self(None)
    }

    /// A tracer whose ids are drawn from `ids`, and where its spans come out.
    pub fn new(clock: Clock, ids: StdRng) -> (Self, Outlet) {
        Self::with_room_for(CAPACITY, clock, ids)
    }

    /// The same, with room for so many spans that wait.
    pub(crate) fn with_room_for(capacity: usize, clock: Clock, ids: StdRng) -> (Self, Outlet) {
        let (spans, outlet) = mpsc::channel(capacity);
        let losses = Arc::new(Losses::default());
        let scope = InstrumentationScope::builder("lockstep")
            .with_version(env!("CARGO_PKG_VERSION"))
            .build();
        let (ids, shared) = (Mutex::new(ids), Arc::clone(&losses));
        let inlet = Inlet { clock, spans, losses: shared, ids, scope };
        (Self(Some(Arc::new(inlet))), Outlet { spans: outlet, losses })
    }

    /// Does anybody collect traces?
    pub const fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// The trace of what is wanted now of this agent because of what was received then; `None` where
    /// nobody collects any.
    pub fn begin(&self, agent: &AgentId, want: &Want, received: Time) -> Option<Box<Trace>> {
        let inlet = self.0.as_ref()?;
        Some(Box::new(Trace::new(Arc::clone(inlet), agent, want, received)))
    }
}

#[cfg(test)]
impl Outlet {
    /// What has come by now.
    pub(crate) fn taken(&mut self) -> Vec<SpanData> {
        std::iter::from_fn(|| self.spans.try_recv().ok()).collect()
    }
}

impl Inlet {
    pub(super) fn span_id(&self) -> SpanId {
        SpanId::from(self.draw::<u64>().max(1))
    }

    pub(super) fn trace_id(&self) -> TraceId {
        TraceId::from(self.draw::<u128>().max(1))
    }

    fn draw<T>(&self) -> T
    where
        rand::distr::StandardUniform: rand::distr::Distribution<T>,
    {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).random()
    }

    pub(super) fn put(&self, over: Over) {
        let Over { name, trace, id, parent, kind, began, ended, attributes, status } = over;
        let state = TraceState::NONE;
        let span = SpanData {
            span_context: SpanContext::new(trace, id, TraceFlags::SAMPLED, false, state),
            parent_span_id: parent,
            parent_span_is_remote: false,
            span_kind: kind,
            name: name.into(),
            start_time: SystemTime::UNIX_EPOCH + began,
            end_time: SystemTime::UNIX_EPOCH + ended.max(began),
            attributes,
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status,
            instrumentation_scope: self.scope.clone(),
        };
        if self.spans.try_send(span).is_err() {
            self.losses.add(1, "the queue is full");
        }
    }
}

impl Losses {
    /// So many spans are lost, because of `why`.
    pub(super) fn add(&self, spans: usize, why: &str) {
        metrics::counter!("lockstep_traces_dropped_total").increment(spans as u64);
        if !self.told.swap(true, Ordering::AcqRel) {
            tracing::warn!(
                why,
                "traces are lost until the collector takes them again; nothing else is"
            );
        }
    }

    /// The collector has taken spans.
    pub(super) fn over(&self) {
        if self.told.swap(false, Ordering::AcqRel) {
            tracing::info!("the collector takes traces again");
        }
    }
}
