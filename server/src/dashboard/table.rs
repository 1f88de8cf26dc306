//! What the page shows, by agent, each with the number of its last change: whoever has seen
//! everything up to a number is told what has changed since, however long ago that was.
//!
//! So nothing queues for anybody: a browser that reads slowly is told less often, and whole rows.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use lockstep_core::board::Mark;
use lockstep_core::{AgentId, TeamId, Time};

use super::rights::Scope;
use super::wire;
use crate::engine::{News, Row};

/// Agents who went that are remembered; whoever has not heard of one that is forgotten is told
/// everything anew.
const GONE: usize = 1_024;

/// All rows.
#[derive(Debug)]
pub(super) struct Table {
    sequence: u64,
    shown: BTreeMap<AgentId, Shown>,
    /// Who changed last, by the number of the change.
    order: BTreeMap<u64, AgentId>,
    gone: VecDeque<(u64, AgentId, TeamId)>,
    /// What went before this number is not known any more.
    known_since: u64,
    /// Of whom a mark comes with time alone.
    ripening: BTreeSet<AgentId>,
}

#[derive(Debug)]
struct Shown {
    row: Row,
    json: Arc<str>,
    marks: Vec<Mark>,
    sequence: u64,
}

/// What somebody is told.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    pub(super) rows: Vec<Arc<str>>,
    pub(super) gone: Vec<AgentId>,
    pub(super) sequence: u64,
}

/// How many of those in sight are what.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) agents: usize,
    pub(super) held: usize,
    pub(super) stale: usize,
    pub(super) mismatch: usize,
    pub(super) spared: usize,
    pub(super) snoozed: usize,
    /// Milliseconds of the last request of each, in order.
    pub(super) latencies: Vec<u64>,
}

impl Table {
    /// An empty table, which goes on after `sequence`.
    pub(super) const fn after(sequence: u64) -> Self {
        Self {
            sequence,
            shown: BTreeMap::new(),
            order: BTreeMap::new(),
            gone: VecDeque::new(),
            known_since: sequence.saturating_add(1),
            ripening: BTreeSet::new(),
        }
    }

    pub(super) const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Takes in what the engine told; has anything changed?
    pub(super) fn take(&mut self, now: Time, news: News) -> bool {
        let before = self.sequence;
        for agent in news.gone {
            self.remove(&agent);
        }
        for row in news.rows {
            self.put(now, row);
        }
        self.sequence > before
    }

    /// Time has passed: marks that come by themselves; has anything changed?
    pub(super) fn ripen(&mut self, now: Time) -> bool {
        let before = self.sequence;
        for agent in std::mem::take(&mut self.ripening) {
            if let Some(row) = self.shown.get(&agent).map(|shown| shown.row.clone()) {
                self.put(now, row);
            }
        }
        self.sequence > before
    }

    fn put(&mut self, now: Time, row: Row) {
        let glance = wire::glance(&row, now);
        let marks = glance.marks();
        let ripens = (row.stale_at.is_some() && !glance.stale)
            || glance.mismatch_at().is_some_and(|at| at > now);
        let json = wire::json(&row, &glance, &marks);
        let agent = row.agent.clone();
        if ripens {
            self.ripening.insert(agent.clone());
        } else {
            self.ripening.remove(&agent);
        }
        let json = match self.shown.get_mut(&agent) {
            // What is shown is the same, what is not may be another.
            Some(shown) if *shown.json == *json => {
                shown.row = row;
                return;
            }
            Some(shown) => {
                let (sequence, moved) = (shown.sequence, shown.row.team_id != row.team_id);
                self.order.remove(&sequence);
                if moved {
                    let team = shown.row.team_id.clone();
                    self.went(agent.clone(), team);
                }
                json
            }
            None => json,
        };
        self.sequence += 1;
        self.order.insert(self.sequence, agent.clone());
        let shown = Shown { row, json: Arc::from(json), marks, sequence: self.sequence };
        self.shown.insert(agent, shown);
    }

    fn remove(&mut self, agent: &AgentId) {
        if let Some(shown) = self.shown.remove(agent) {
            self.order.remove(&shown.sequence);
            self.ripening.remove(agent);
            self.went(agent.clone(), shown.row.team_id);
        }
    }

    fn went(&mut self, agent: AgentId, team: TeamId) {
        self.sequence += 1;
        self.gone.push_back((self.sequence, agent, team));
        if self.gone.len() > GONE
            && let Some((sequence, ..)) = self.gone.pop_front()
        {
            self.known_since = sequence + 1;
        }
    }

    /// Everything in sight.
    pub(super) fn snapshot(&self, scope: &Scope) -> Changes {
        let rows = self.shown.values().filter(|shown| scope.sees(&shown.row.team_id));
        let rows = rows.map(|shown| Arc::clone(&shown.json)).collect();
        Changes { rows, gone: Vec::new(), sequence: self.sequence }
    }

    /// What has changed in sight since `seen`; `None` where only everything anew will do.
    pub(super) fn since(&self, seen: u64, scope: &Scope) -> Option<Changes> {
        if seen > self.sequence || seen + 1 < self.known_since {
            return None;
        }
        let changed = self.order.range(seen + 1..).filter_map(|(_, agent)| self.shown.get(agent));
        let rows = changed.filter(|shown| scope.sees(&shown.row.team_id));
        let rows = rows.map(|shown| Arc::clone(&shown.json)).collect();
        let in_sight = |agent: &AgentId| {
            self.shown.get(agent).is_some_and(|shown| scope.sees(&shown.row.team_id))
        };
        let gone = self
            .gone
            .iter()
            .filter(|(at, agent, team)| *at > seen && scope.sees(team) && !in_sight(agent));
        let gone = gone.map(|(_, agent, _)| agent.clone()).collect();
        Some(Changes { rows, gone, sequence: self.sequence })
    }

    /// An agent in sight.
    pub(super) fn row(&self, agent: &AgentId, scope: &Scope) -> Option<&Row> {
        let shown = self.shown.get(agent)?;
        scope.sees(&shown.row.team_id).then_some(&shown.row)
    }

    /// Everybody in sight.
    pub(super) fn rows<'t>(&'t self, scope: &'t Scope) -> impl Iterator<Item = &'t Row> {
        self.shown.values().map(|shown| &shown.row).filter(|row| scope.sees(&row.team_id))
    }

    /// Counts those in sight.
    pub(super) fn tally(&self, scope: &Scope) -> Tally {
        let mut tally = Tally::default();
        for shown in self.shown.values().filter(|shown| scope.sees(&shown.row.team_id)) {
            tally.agents += 1;
            tally.held += usize::from(shown.row.ledger.hold.is_some());
            for mark in &shown.marks {
                match mark {
                    Mark::Stale => tally.stale += 1,
                    Mark::Mismatch => tally.mismatch += 1,
                    Mark::Spared => tally.spared += 1,
                    Mark::Snoozed => tally.snoozed += 1,
                    _ => {}
                }
            }
            tally.latencies.extend(shown.row.latency_ms);
        }
        tally.latencies.sort_unstable();
        tally
    }
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
