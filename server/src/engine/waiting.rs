//! Changes that wait for a place, the urgent ones first.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use lockstep_core::agent::Request;
use lockstep_core::finesse::Target;
use lockstep_core::{AgentId, TeamId, Time};

use crate::traces::Leg;

/// One change that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Waits {
    pub(super) team: TeamId,
    pub(super) request: Request,
    pub(super) seen_at: Time,
    pub(super) leg: Option<Box<Leg>>,
}

/// The newest change per agent, in the order of asking.
///
/// Bounded by the number of agents: whoever asks again for the same agent has given the older
/// request up, and the newer one takes its place.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    changes: BTreeMap<AgentId, Waits>,
    /// Who has a request under way, whoever asked for it: one at a time per agent (law 4), also
    /// for one who left the roster and came back meanwhile.
    under_way: BTreeSet<AgentId>,
    /// Who is to be made unavailable; some may want something else by now.
    unavailable: VecDeque<AgentId>,
    /// Who is to be made available; some may want something else by now.
    available: VecDeque<AgentId>,
}

impl Waiting {
    pub(super) fn push(&mut self, agent: AgentId, waits: Waits) {
        let is_ready = waits.request.target == Target::Ready;
        let before = self.changes.insert(agent.clone(), waits);
        let stands = before.is_some_and(|old| (old.request.target == Target::Ready) == is_ready);
        if !stands && !self.under_way.contains(&agent) {
            self.join(agent, is_ready);
        }
    }

    /// The agent's request is answered.
    pub(super) fn answered(&mut self, agent: &AgentId) {
        self.under_way.remove(agent);
        if let Some(waits) = self.changes.get(agent) {
            let is_ready = waits.request.target == Target::Ready;
            self.join(agent.clone(), is_ready);
        }
    }

    fn join(&mut self, agent: AgentId, is_ready: bool) {
        let queue = if is_ready { &mut self.available } else { &mut self.unavailable };
        queue.push_back(agent);
    }

    /// The next change: whoever must not get a customer's call goes first. `available`: is there
    /// a place for one that makes somebody available?
    pub(super) fn pop(&mut self, available: bool) -> Option<(AgentId, Waits)> {
        let unavailable = Self::next(&mut self.unavailable, &mut self.changes, false);
        let next = unavailable.or_else(|| {
            available.then(|| Self::next(&mut self.available, &mut self.changes, true)).flatten()
        })?;
        self.under_way.insert(next.0.clone());
        Some(next)
    }

    fn next(
        queue: &mut VecDeque<AgentId>,
        changes: &mut BTreeMap<AgentId, Waits>,
        is_ready: bool,
    ) -> Option<(AgentId, Waits)> {
        while let Some(agent) = queue.pop_front() {
            let wants = |waits: &Waits| (waits.request.target == Target::Ready) == is_ready;
            if changes.get(&agent).is_some_and(wants) {
                return changes.remove_entry(&agent);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Target::{NotReady, Ready};

    fn push(waiting: &mut Waiting, agent: &str, number: u64, target: Target) {
        let request = Request { number, target, reason: None };
        let waits =
            Waits { team: TeamId::new("1"), request, seen_at: Time::from_millis(1), leg: None };
        waiting.push(AgentId::new(agent), waits);
    }

    fn drain(waiting: &mut Waiting, available: bool) -> Vec<(String, u64)> {
        let mut all = Vec::new();
        while let Some((agent, waits)) = waiting.pop(available) {
            all.push((agent.to_string(), waits.request.number));
        }
        all
    }

    fn expected(all: &[(&str, u64)]) -> Vec<(String, u64)> {
        all.iter().map(|(agent, number)| ((*agent).to_owned(), *number)).collect()
    }

    #[test]
    fn who_is_to_be_made_unavailable_goes_first() {
        let mut waiting = Waiting::default();
        for (agent, target) in [("1", Ready), ("2", NotReady), ("3", Ready), ("4", NotReady)] {
            push(&mut waiting, agent, 1, target);
        }
        assert_eq!(drain(&mut waiting, false), expected(&[("2", 1), ("4", 1)]));
        assert_eq!(drain(&mut waiting, true), expected(&[("1", 1), ("3", 1)]));
    }

    #[test]
    fn law_4_one_request_per_agent_is_under_way() {
        let mut waiting = Waiting::default();
        push(&mut waiting, "1", 1, NotReady);
        assert_eq!(drain(&mut waiting, true), expected(&[("1", 1)]));
        push(&mut waiting, "1", 2, NotReady);
        push(&mut waiting, "1", 3, Ready);
        assert_eq!(drain(&mut waiting, true), expected(&[]));
        waiting.answered(&AgentId::new("1"));
        assert_eq!(drain(&mut waiting, true), expected(&[("1", 3)]));
        waiting.answered(&AgentId::new("1"));
        assert_eq!(drain(&mut waiting, true), expected(&[]));
    }

    #[test]
    fn the_newest_change_of_an_agent_counts_whatever_came_before_it() {
        let mut waiting = Waiting::default();
        push(&mut waiting, "1", 1, Ready);
        push(&mut waiting, "2", 1, NotReady);
        push(&mut waiting, "1", 2, NotReady);
        push(&mut waiting, "2", 2, Ready);
        push(&mut waiting, "1", 3, Ready);
        push(&mut waiting, "1", 4, Ready);
        let all = drain(&mut waiting, true);
        assert_eq!(all, expected(&[("1", 4), ("2", 2)]));
        assert!(waiting.available.is_empty() && waiting.unavailable.is_empty());
    }
}
