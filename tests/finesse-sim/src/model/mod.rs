//! The contact centre behind Finesse: users, states, calls, queues and timers; no socket, no clock, no chance.
//!
//! Every entry takes "now"; what happens later lies in [`Centre::next_due`] until
//! [`Centre::advance`] is called with a later instant.

mod calls;
mod changes;
pub(crate) mod cti;
mod directory;
pub(crate) mod history;
pub(crate) mod reasons;
pub(crate) mod rules;
pub(crate) mod state;
pub(crate) mod system_codes;
mod timers;
pub(crate) mod user;

#[cfg(test)]
mod call_tests;
#[cfg(test)]
mod queue_tests;
#[cfg(test)]
mod table_tests;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use jiff::Timestamp;

use history::HistoryEntry;
use reasons::Catalogue;
use state::Deployment;
use timers::Timer;
use user::User;

pub use calls::CallEvent;
pub(crate) use calls::CallOrder;
pub(crate) use timers::later;

/// Everything that both nodes share.
#[derive(Debug)]
pub(crate) struct Centre {
    pub(crate) deployment: Deployment,
    pub(crate) reasons: Catalogue,
    /// How long wrap-up lasts unless the call says otherwise.
    wrap_up_for: Duration,
    users: BTreeMap<String, User>,
    login_ids: HashMap<String, String>,
    teams: BTreeMap<u32, String>,
    timers: BTreeMap<(Timestamp, u64), (String, Timer)>,
    next_seq: u64,
    pub(crate) events: VecDeque<HistoryEntry>,
}

impl Centre {
    /// An empty contact centre.
    pub(crate) fn new(deployment: Deployment, reasons: Catalogue, wrap_up_for: Duration) -> Self {
        Self {
            deployment,
            reasons,
            wrap_up_for,
            users: BTreeMap::new(),
            login_ids: HashMap::new(),
            teams: BTreeMap::new(),
            timers: BTreeMap::new(),
            next_seq: 1,
            events: VecDeque::new(),
        }
    }

    /// The number of what happened last; nothing has a larger one.
    pub(crate) const fn last_seq(&self) -> u64 {
        self.next_seq - 1
    }

    /// What happened after that, oldest first; bounded.
    pub(crate) fn events_after(&self, seq: u64) -> Vec<HistoryEntry> {
        let newer = self.events.iter().rev().take_while(|event| event.seq > seq);
        let mut newer: Vec<HistoryEntry> = newer.cloned().collect();
        newer.reverse();
        newer
    }

    fn draw_seq(&mut self) -> u64 {
        let seq = self.next_seq;
        self.next_seq += 1;
        seq
    }
}
