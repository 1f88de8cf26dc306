//! Rows that may have changed, for whoever looks on.
//!
//! Who looks on asks when it suits them, and is given some rows at a time: the engine sends nothing
//! by itself, waits for nobody, and remembers of each agent only that there is something to tell.

use std::collections::{BTreeSet, VecDeque};

use lockstep_core::AgentId;

use super::Row;
use super::task::Engine;

/// What is new.
#[derive(Debug, Default)]
pub struct News {
    /// Agents who are not watched any more; whoever came back since is among the rows.
    pub gone: Vec<AgentId>,
    /// Rows as they are now; perhaps nothing in them has changed.
    pub rows: Vec<Row>,
    /// Is there more to tell?
    pub more: bool,
}

/// Of whom there is news. Bounded by the agents there are: each is in it once.
#[derive(Debug, Default)]
pub(super) struct Untold {
    /// Does anybody look on?
    asked: bool,
    agents: VecDeque<AgentId>,
    gone: BTreeSet<AgentId>,
}

impl Engine {
    /// Something about the agent may be another.
    pub(super) fn is_news(&mut self, id: &AgentId) {
        if !self.untold.asked {
            return;
        }
        if let Some(slot) = self.slots.get_mut(id).filter(|slot| !slot.is_news) {
            slot.is_news = true;
            self.untold.agents.push_back(id.clone());
        }
    }

    /// The agent is not watched any more.
    pub(super) fn is_gone(&mut self, id: &AgentId) {
        if self.untold.asked {
            self.untold.gone.insert(id.clone());
        }
    }

    pub(super) fn news(&mut self, most: usize) -> News {
        if !self.untold.asked {
            self.untold.asked = true;
            for id in self.ids() {
                self.is_news(&id);
            }
        }
        let (now, ahead) = (self.clock.now(), self.clock_ahead_ms);
        let gone = std::mem::take(&mut self.untold.gone).into_iter().collect();
        let mut rows = Vec::new();
        while rows.len() < most
            && let Some(id) = self.untold.agents.pop_front()
        {
            if let Some(slot) = self.slots.get_mut(&id) {
                slot.is_news = false;
                rows.push(slot.row(now, ahead));
            }
        }
        News { gone, rows, more: !self.untold.agents.is_empty() }
    }

    pub(super) fn no_news(&mut self) {
        self.untold = Untold::default();
        for slot in self.slots.values_mut() {
            slot.is_news = false;
        }
    }
}
