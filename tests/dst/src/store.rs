//! A ledger that survives the simulated crash of its process, and a disk that can fail.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lockstep::ledger::{LedgerError, Store};
use lockstep_core::AgentId;
use lockstep_core::agent::LedgerEntry;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

/// A handle to the disk; clones share it, and it outlives Lockstep's host.
#[derive(Clone, Debug)]
pub struct Disk {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    /// What a crash leaves.
    written: BTreeMap<AgentId, LedgerEntry>,
    /// What the process believes, written or not.
    believed: BTreeMap<AgentId, LedgerEntry>,
    /// Of whom the disk lacks what the process believes, because a write failed.
    unwritten: BTreeSet<AgentId>,
    failing: bool,
    random: StdRng,
}

impl Disk {
    /// An empty disk.
    pub fn new(seed: u64) -> Self {
        let random = StdRng::seed_from_u64(seed);
        let (written, believed) = (BTreeMap::new(), BTreeMap::new());
        let unwritten = BTreeSet::new();
        let state = State { written, believed, unwritten, failing: false, random };
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// From now on every write fails, or none.
    pub fn set_failing(&self, failing: bool) {
        self.lock().failing = failing;
    }

    /// What the process holds of this agent: on the disk, or in memory while the disk fails.
    pub fn entry(&self, agent: &AgentId) -> LedgerEntry {
        self.lock().believed.get(agent).cloned().unwrap_or_default()
    }

    /// Is what the process holds of this agent on the disk?
    pub fn is_written(&self, agent: &AgentId) -> bool {
        let state = self.lock();
        state.written.get(agent) == state.believed.get(agent)
    }

    /// Of whom a process that ends now forgets something.
    pub fn unwritten(&self) -> Vec<AgentId> {
        self.lock().unwritten.iter().cloned().collect()
    }

    /// Is the disk failing?
    pub fn fails(&self) -> bool {
        self.lock().failing
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pause(&self) -> Duration {
        Duration::from_millis(self.lock().random.random_range(0..15))
    }
}

impl State {
    fn keep(map: &mut BTreeMap<AgentId, LedgerEntry>, changes: &BTreeMap<AgentId, LedgerEntry>) {
        for (agent, entry) in changes {
            if *entry == LedgerEntry::default() {
                map.remove(agent);
            } else {
                map.insert(agent.clone(), entry.clone());
            }
        }
    }
}

impl Store for Disk {
    fn read(&mut self) -> Result<BTreeMap<AgentId, LedgerEntry>, LedgerError> {
        let mut state = self.lock();
        state.believed = state.written.clone();
        state.unwritten.clear();
        Ok(state.written.clone())
    }

    /// A crash before the change loses it; one after it, before the answer, does not.
    async fn write(&mut self, changes: &BTreeMap<AgentId, LedgerEntry>) -> Result<(), LedgerError> {
        tokio::time::sleep(self.pause()).await;
        {
            let mut state = self.lock();
            State::keep(&mut state.believed, changes);
            if state.failing {
                state.unwritten.extend(changes.keys().cloned());
                return Err(LedgerError::Io {
                    what: "write",
                    path: PathBuf::from("ledger"),
                    source: io::Error::other("the simulated disk fails"),
                });
            }
            State::keep(&mut state.written, changes);
            state.unwritten.clear();
        }
        tokio::time::sleep(self.pause()).await;
        Ok(())
    }
}
