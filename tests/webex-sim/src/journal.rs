//! The ordered log of what clients did and what they were told, and the counters beside it.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use serde::Serialize;

use crate::clock::Clock;

/// Ten thousand entries of some 200 bytes: half a minute at 300 events a second, 2 MB at most.
const KEPT_ENTRIES: usize = 10_000;

/// Violations kept as sentences; all are counted. A test that has a hundred has one cause.
const KEPT_VIOLATIONS: usize = 100;

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A request and how it was answered.
    Request,
    /// A frame from a client.
    FrameIn,
    /// A frame to a client.
    FrameOut,
    /// A socket opened, proved itself, or closed.
    Socket,
    /// A person's presence was changed.
    Presence,
    /// A fault was set, met, or cleared.
    Fault,
    /// A client did what the wire notes do not allow.
    Violation,
}

/// One thing that happened. Tokens are never in it.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Consecutive, from 1; a gap to the first kept one tells how many were dropped.
    pub seq: u64,
    /// When.
    #[serde(serialize_with = "crate::clock::serialize")]
    pub at: Timestamp,
    /// About what.
    pub kind: Kind,
    /// The endpoint's name, for requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<&'static str>,
    /// The answer's status, for requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// A sentence.
    pub text: String,
}

/// Totals since the start; they never go back, also when faults are cleared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// What clients did that the wire notes do not allow. Tests demand 0.
    pub violations: u64,
    /// Requests by endpoint name.
    pub requests: BTreeMap<&'static str, u64>,
    /// Of those, answered with 400 or more, by endpoint name.
    pub refused: BTreeMap<&'static str, u64>,
    /// Sockets that finished the upgrade.
    pub sockets_opened: u64,
    /// Sockets that proved themselves.
    pub sockets_ready: u64,
    /// Sockets that ended, whoever ended them.
    pub sockets_closed: u64,
    /// Changes of presence.
    pub presence_changes: u64,
    /// Presence events put on a socket.
    pub events_sent: u64,
    /// Presence events for a device that was subscribed and had no socket.
    pub events_unheard: u64,
    /// Presence events that a fault swallowed.
    pub events_lost: u64,
    /// JSON pings answered.
    pub pings: u64,
    /// WebSocket pings that clients answered.
    pub pongs: u64,
    /// Acknowledgements received.
    pub acks: u64,
    /// Uses of a token after it was revoked or had expired.
    pub dead_token_uses: u64,
    /// Uses of a refresh token after it was replaced.
    pub dead_refresh_token_uses: u64,
    /// Access tokens given out.
    pub tokens_issued: u64,
    /// How often a fault struck, by name.
    pub faults_met: BTreeMap<&'static str, u64>,
}

#[derive(Debug)]
pub(crate) struct Journal {
    clock: Clock,
    pub(crate) counters: Counters,
    entries: VecDeque<Entry>,
    violations: VecDeque<String>,
    last: u64,
}

// === impl Journal ===

impl Journal {
    pub(crate) fn new(clock: Clock) -> Self {
        let (counters, entries, violations) = Default::default();
        Self { clock, counters, entries, violations, last: 0 }
    }

    pub(crate) fn note(&mut self, kind: Kind, text: String) {
        self.push(kind, None, None, text);
    }

    pub(crate) fn request(&mut self, endpoint: &'static str, status: u16, text: String) {
        *self.counters.requests.entry(endpoint).or_default() += 1;
        if status >= 400 {
            *self.counters.refused.entry(endpoint).or_default() += 1;
        }
        self.push(Kind::Request, Some(endpoint), Some(status), text);
    }

    pub(crate) fn violation(&mut self, text: String) {
        self.counters.violations += 1;
        if self.violations.len() < KEPT_VIOLATIONS {
            self.violations.push_back(text.clone());
        }
        tracing::warn!("violation: {text}");
        self.push(Kind::Violation, None, None, text);
    }

    pub(crate) fn met(&mut self, fault: &'static str) {
        *self.counters.faults_met.entry(fault).or_default() += 1;
    }

    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.entries.iter().cloned().collect()
    }

    pub(crate) fn violations(&self) -> Vec<String> {
        self.violations.iter().cloned().collect()
    }

    fn push(
        &mut self,
        kind: Kind,
        endpoint: Option<&'static str>,
        status: Option<u16>,
        text: String,
    ) {
        if self.entries.len() == KEPT_ENTRIES {
            self.entries.pop_front();
        }
        self.last += 1;
        tracing::debug!(?kind, endpoint, status, "{text}");
        let at = self.clock.now();
        self.entries.push_back(Entry { seq: self.last, at, kind, endpoint, status, text });
    }
}
