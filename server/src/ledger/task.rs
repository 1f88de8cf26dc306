use std::collections::BTreeMap;
use std::sync::Arc;

use lockstep_core::AgentId;
use lockstep_core::agent::LedgerEntry;
use tokio::sync::mpsc;

use super::LedgerFile;
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
pub async fn run(
    file: LedgerFile,
    mut entries: BTreeMap<AgentId, LedgerEntry>,
    mut commits: mpsc::Receiver<Commit>,
    jobs: mpsc::Sender<Job>,
    healthy: impl Fn(Result<(), String>),
) {
    let file = Arc::new(file);
    let mut gathered = Vec::with_capacity(GATHERED);
    while commits.recv_many(&mut gathered, GATHERED).await > 0 {
        let mut follow = Vec::new();
        let mut changed = false;
        for commit in gathered.drain(..) {
            changed |= !commit.entries.is_empty();
            apply(&mut entries, commit.entries);
            follow.extend(commit.jobs);
        }
        if changed {
            healthy(write(&file, &entries).await);
        }
        for job in follow {
            if jobs.send(job).await.is_err() {
                return;
            }
        }
    }
}

fn apply(entries: &mut BTreeMap<AgentId, LedgerEntry>, changes: Vec<(AgentId, LedgerEntry)>) {
    for (agent, entry) in changes {
        if entry.is_empty() {
            entries.remove(&agent);
        } else {
            entries.insert(agent, entry);
        }
    }
}

async fn write(
    file: &Arc<LedgerFile>,
    entries: &BTreeMap<AgentId, LedgerEntry>,
) -> Result<(), String> {
    let (file, entries) = (Arc::clone(file), entries.clone());
    let written = tokio::task::spawn_blocking(move || file.write(&entries)).await;
    let failure = match written {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => match std::error::Error::source(&error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        },
        Err(error) => error.to_string(),
    };
    tracing::error!(error = %failure, "failed to write the ledger; holds are in memory only");
    Err(failure)
}
