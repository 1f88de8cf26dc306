//! Which request answers which event.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use finesse_sim::RequestRecord;

use crate::load::Event;
use crate::site::Agent;

/// Events with their requests.
#[derive(Debug, Clone, Default)]
pub(super) struct Matched {
    /// Changes of presence, each of which implies a write.
    pub(super) events: usize,
    /// Writes that arrived.
    pub(super) writes: usize,
    /// Per event: was it to a meeting, and how long until its write arrived.
    pub(super) took: Vec<(bool, Duration)>,
    /// Events without a write.
    pub(super) missing: usize,
    /// Writes that no event implies.
    pub(super) surplus: usize,
}

/// Per agent the writes are taken in order: each must ask for what the next event implies.
pub(super) fn matched(agents: &[Agent], events: &[Event], log: &[RequestRecord]) -> Matched {
    let mut writes: HashMap<&str, VecDeque<&RequestRecord>> = HashMap::new();
    for record in log.iter().filter(|record| record.method == "PUT") {
        writes.entry(record.target.as_deref().unwrap_or_default()).or_default().push_back(record);
    }
    let mut matched = Matched { events: events.len(), ..Matched::default() };
    matched.writes = writes.values().map(VecDeque::len).sum();
    for event in events {
        let of_agent = writes.get_mut(agents[event.agent].id.as_str());
        let fits = |record: &&mut &RequestRecord| {
            record.body.contains("NOT_READY") == event.busy && record.arrived >= event.due
        };
        match of_agent.and_then(|writes| {
            writes.front_mut().filter(fits).is_some().then(|| writes.pop_front()).flatten()
        }) {
            Some(record) => matched.took.push((event.busy, record.arrived - event.due)),
            None => matched.missing += 1,
        }
    }
    matched.surplus = writes.values().map(VecDeque::len).sum();
    matched
}
