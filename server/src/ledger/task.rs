use std::collections::BTreeMap;

use lockstep_core::AgentId;
use lockstep_core::agent::LedgerEntry;
use tokio::sync::mpsc;

use super::{LedgerError, Store};
use crate::engine::dispatch::Job;

/// Commits gathered into one write.
const GATHERED: usize = 256;

/// What the engine wants recorded, and what may be done once it is.
#[derive(Debug, Default)]
pub struct Commit {
    /// Entries that changed; an empty one is removed.
    pub entries: Vec<(AgentId, LedgerEntry)>,
    /// Requests and looks that follow.
    pub jobs: Vec<Job>,
}

impl Commit {
    /// Is there nothing in it?
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.jobs.is_empty()
    }
}

/// Writes commits and passes their jobs on, until the engine is gone.
///
/// A disk that fails is reported with each write and stops nobody: the entries stay in memory and
/// go out with the next write. What a crash would then forget is a hold, and a forgotten hold is
/// never released by us, only by its agent.
pub async fn run<S: Store>(
    mut store: S,
    mut commits: mpsc::Receiver<Commit>,
    jobs: mpsc::Sender<Job>,
    healthy: impl Fn(Result<(), String>),
) {
    let mut unwritten = BTreeMap::new();
    let mut gathered = Vec::with_capacity(GATHERED);
    while commits.recv_many(&mut gathered, GATHERED).await > 0 {
        let mut follow = Vec::new();
        let mut changed = false;
        for commit in gathered.drain(..) {
            changed |= !commit.entries.is_empty();
            unwritten.extend(commit.entries);
            follow.extend(commit.jobs);
        }
        if changed {
            let written = store.write(&unwritten).await.map_err(|error| words(&error));
            match &written {
                Ok(()) => unwritten.clear(),
                Err(error) => {
                    tracing::error!(%error, "failed to write the ledger; holds are in memory only");
                }
            }
            healthy(written);
        }
        for job in follow {
            if jobs.send(job).await.is_err() {
                return;
            }
        }
    }
}

fn words(error: &LedgerError) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
