use std::sync::Arc;
use std::time::Duration;

use lockstep_core::agent::{Code, Decision};
use lockstep_core::presence::Want;
use lockstep_core::{AgentId, Time};
use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanId, SpanKind, Status, TraceId};

use super::Leg;
use super::tracer::{Inlet, Over};

/// A source that tells a moment further back tells since when, not when it said so: a status that
/// a reading shows may have begun hours ago.
const SAID_WITHIN: Duration = Duration::from_mins(1);

/// The trace of one change of presence for one agent: its first span is `webex.event`.
#[derive(Debug)]
pub struct Trace {
    inlet: Arc<Inlet>,
    agent: AgentId,
    id: TraceId,
    root: SpanId,
    /// The number of the want.
    of: u64,
    received_at: Time,
    /// The last decision of the server's.
    decided: Option<SpanId>,
    /// Requests that followed.
    requests: u32,
    handed: Handed,
}

/// What is wanted, on its way to a gadget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Handed {
    Not,
    /// It was sent then, and is not acknowledged yet.
    At(Time),
    Taken(SpanId),
}

impl Trace {
    pub(super) fn new(inlet: Arc<Inlet>, agent: &AgentId, want: &Want, received_at: Time) -> Self {
        let trace = Self {
            id: inlet.trace_id(),
            root: inlet.span_id(),
            agent: agent.clone(),
            of: want.seq,
            received_at,
            decided: None,
            requests: 0,
            handed: Handed::Not,
            inlet,
        };
        trace.event(want);
        trace
    }

    /// `webex.event`: from what the source said of the moment to when we learned of it.
    fn event(&self, want: &Want) {
        let at = self.received_at;
        let said = at.since(want.since) <= SAID_WITHIN && want.since <= at;
        let mut attributes = vec![
            KeyValue::new("webex.source_time", millis(want.since)),
            KeyValue::new("webex.received", millis(at)),
            KeyValue::new("lockstep.rule", want.rule.to_string()),
            KeyValue::new("lockstep.wanted", want.wanted.to_string()),
        ];
        if let Some(status) = want.facts.get("status") {
            attributes.push(KeyValue::new("webex.status", status.to_owned()));
        }
        let began = if said { want.since } else { at };
        let over = self.span("webex.event", self.root, SpanId::INVALID, began, at);
        self.put(Over { kind: SpanKind::Consumer, ..over }, attributes);
    }

    /// Tells a decision, of a gadget where `by_gadget`; one about another want is none of this
    /// trace's.
    pub fn decided(&mut self, now: Time, decision: &Decision, by_gadget: bool, dry_run: bool) {
        if decision.want.as_ref().is_none_or(|want| want.seq != self.of) {
            return;
        }
        let id = self.inlet.span_id();
        let over = if by_gadget {
            let parent = self.acknowledged(now).unwrap_or(self.root);
            self.span("gadget.report", id, parent, decision.at.min(now), now)
        } else {
            // What is decided later than at once waited for something: it begins when that came.
            let first = self.decided.replace(id).is_none();
            let began = if first { self.received_at } else { decision.at };
            self.span("decide", id, self.root, began, decision.at)
        };
        let state = decision.state.map_or("not seen", lockstep_core::finesse::AgentState::as_str);
        let mut attributes = vec![
            KeyValue::new("decision.code", decision.code.as_str()),
            KeyValue::new("finesse.state", state),
            KeyValue::new("lockstep.held", decision.held),
        ];
        if let Some(want) = &decision.want {
            attributes.push(KeyValue::new("lockstep.wanted", want.wanted.to_string()));
        }
        if dry_run || decision.code == Code::DryRun {
            attributes.push(KeyValue::new("lockstep.dry_run", true));
        }
        self.put(over, attributes);
    }

    /// What goes with the request that follows from the last decision.
    pub fn leg(&mut self) -> Box<Leg> {
        self.requests = self.requests.saturating_add(1);
        Box::new(Leg {
            inlet: Arc::clone(&self.inlet),
            agent: self.agent.clone(),
            trace: self.id,
            parent: self.decided.unwrap_or(self.root),
            attempt: self.requests,
        })
    }

    /// What is wanted was sent to a gadget that acts.
    pub fn handed(&mut self, now: Time) {
        if self.handed == Handed::Not {
            self.handed = Handed::At(now);
        }
    }

    /// The gadget that acts has taken in what is wanted: `gadget.wanted` is over.
    pub fn acknowledged(&mut self, now: Time) -> Option<SpanId> {
        match self.handed {
            Handed::Not => None,
            Handed::Taken(id) => Some(id),
            Handed::At(sent_at) => {
                let id = self.inlet.span_id();
                let over = self.span("gadget.wanted", id, self.root, sent_at, now);
                self.put(Over { kind: SpanKind::Producer, ..over }, Vec::new());
                self.handed = Handed::Taken(id);
                Some(id)
            }
        }
    }

    fn span(
        &self,
        name: &'static str,
        id: SpanId,
        parent: SpanId,
        began: Time,
        ended: Time,
    ) -> Over {
        Over {
            name,
            trace: self.id,
            id,
            parent,
            kind: SpanKind::Internal,
            began: Duration::from_millis(began.as_millis()),
            ended: Duration::from_millis(ended.as_millis()),
            attributes: Vec::new(),
            status: Status::Unset,
        }
    }

    fn put(&self, over: Over, mut attributes: Vec<KeyValue>) {
        attributes.push(KeyValue::new("agent.id", self.agent.to_string()));
        self.inlet.put(Over { attributes, ..over });
    }
}

fn millis(time: Time) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
