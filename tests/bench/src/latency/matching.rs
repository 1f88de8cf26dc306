//! Which write answers which event.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use finesse_sim::RequestRecord;

use crate::load::{Event, Kind};
use crate::numbers::Sample;
use crate::site::Agent;

/// Events with their writes.
#[derive(Debug, Clone, Default)]
pub(super) struct Matched {
    /// Changes of presence, each of which implies a write.
    pub(super) events: usize,
    /// Writes that arrived.
    pub(super) writes: usize,
    /// Per event, how long until its write arrived.
    took: Vec<(Kind, Duration)>,
    /// Events without a write.
    pub(super) missing: usize,
    /// Writes that no event implies.
    pub(super) surplus: usize,
}

impl Matched {
    pub(super) fn all(&self) -> Sample {
        self.of(|_| true)
    }

    pub(super) fn of(&self, is: impl Fn(Kind) -> bool) -> Sample {
        Sample::new(self.took.iter().filter(|(kind, _)| is(*kind)).map(|(_, took)| *took).collect())
    }
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
        let answers = |record: &&mut &RequestRecord| {
            let not_ready = record.body.contains("NOT_READY");
            not_ready == event.kind.is_busy() && record.arrived >= event.due
        };
        let of_agent = writes.get_mut(agents[event.agent].id.as_str());
        match of_agent.and_then(|writes| {
            writes.front_mut().as_ref().is_some_and(answers).then(|| writes.pop_front())?
        }) {
            Some(write) => matched.took.push((event.kind, write.arrived - event.due)),
            None => matched.missing += 1,
        }
    }
    matched.surplus = writes.values().map(VecDeque::len).sum();
    matched
}
