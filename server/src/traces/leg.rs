use std::sync::Arc;
use std::time::Duration;

use lockstep_core::AgentId;
use lockstep_core::finesse::Target;
use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanId, SpanKind, Status, TraceId};

use super::tracer::{Inlet, Over};
use crate::finesse::FinesseError;

/// Goes with a request from the decision to Finesse.
#[derive(Debug, Clone)]
pub struct Leg {
    pub(super) inlet: Arc<Inlet>,
    pub(super) agent: AgentId,
    pub(super) trace: TraceId,
    /// The decision.
    pub(super) parent: SpanId,
    /// Which request for what is wanted, from 1.
    pub(super) attempt: u32,
}

impl PartialEq for Leg {
    fn eq(&self, other: &Self) -> bool {
        (self.trace, self.parent, self.attempt) == (other.trace, other.parent, other.attempt)
    }
}

impl Eq for Leg {}

impl Leg {
    /// The time now, since the Unix epoch: these spans are shorter than a millisecond.
    pub fn now(&self) -> Duration {
        self.inlet.clock.exactly()
    }

    /// The intent was written, or could not be.
    pub fn written(&self, began: Duration, done: bool) {
        let status = if done { Status::Unset } else { Status::error("not written") };
        self.put("ledger.write", SpanKind::Internal, began, status, Vec::new());
    }

    /// Finesse was asked and has answered, or not.
    pub fn asked(&self, began: Duration, target: Target, id: &str, got: &Result<(), FinesseError>) {
        let mut attributes = vec![
            KeyValue::new("finesse.target", target.as_str()),
            KeyValue::new("finesse.request", id.to_owned()),
            KeyValue::new("lockstep.attempt", i64::from(self.attempt)),
        ];
        // Without its words: an account's name may be an address.
        let answer = got.as_ref().map_or_else(FinesseError::kind, |()| "accepted");
        attributes.push(KeyValue::new("finesse.answer", answer));
        if let Err(FinesseError::Refused { status, .. }) = got {
            attributes.push(KeyValue::new("http.response.status_code", i64::from(*status)));
        }
        let status = if got.is_ok() { Status::Unset } else { Status::error(answer) };
        self.put("finesse.put", SpanKind::Client, began, status, attributes);
    }

    fn put(
        &self,
        name: &'static str,
        kind: SpanKind,
        began: Duration,
        status: Status,
        mut attributes: Vec<KeyValue>,
    ) {
        attributes.push(KeyValue::new("agent.id", self.agent.to_string()));
        self.inlet.put(Over {
            name,
            trace: self.trace,
            id: self.inlet.span_id(),
            parent: self.parent,
            kind,
            began,
            ended: self.now(),
            attributes,
            status,
        });
    }
}
