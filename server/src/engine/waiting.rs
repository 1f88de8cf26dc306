//! Changes that wait for their turn.

use std::collections::{HashMap, VecDeque};

use lockstep_core::agent::Request;
use lockstep_core::{AgentId, TeamId};

/// The newest change per agent, in the order of asking.
///
/// Bounded by the number of agents: whoever asks again for the same agent has given the older
/// request up, and the newer one takes its place.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    order: VecDeque<AgentId>,
    changes: HashMap<AgentId, (TeamId, Request)>,
}

impl Waiting {
    pub(super) fn push(&mut self, agent: AgentId, team: TeamId, request: Request) {
        if self.changes.insert(agent.clone(), (team, request)).is_none() {
            self.order.push_back(agent);
        }
    }

    pub(super) fn pop(&mut self) -> Option<(AgentId, TeamId, Request)> {
        let agent = self.order.pop_front()?;
        let (team, request) = self.changes.remove(&agent)?;
        Some((agent, team, request))
    }
}
