use std::time::Duration;

use lockstep_core::AgentId;
use lockstep_core::agent::LedgerEntry;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::{Entries, LedgerError, Store};
use crate::engine::dispatch::Job;

/// Commits gathered into one write.
const GATHERED: usize = 256;
/// The first pause before a write that failed is repeated by itself; doubles up to
/// [`LONGEST_PAUSE`]. Each burst of changes is a further attempt.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// A full disk is full for minutes, and each attempt is a line in the log.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

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
/// go out with the next write, or by themselves after a pause. What a crash would then forget is a
/// hold, and a forgotten hold is never released by us, only by its agent.
pub async fn run<S: Store>(
    store: S,
    mut commits: mpsc::Receiver<Commit>,
    jobs: mpsc::Sender<Job>,
    healthy: impl Fn(Result<(), String>),
) {
    let mut writing = Writing { store, unwritten: Entries::new(), failures: 0, again: None };
    let mut gathered = Vec::with_capacity(GATHERED);
    loop {
        let taken = tokio::select! {
            biased; // one order, so that a simulation repeats
            taken = commits.recv_many(&mut gathered, GATHERED) => taken,
            () = at(writing.again) => {
                writing.write(&healthy).await;
                continue;
            }
        };
        let mut follow = Vec::new();
        let before = writing.unwritten.len();
        let mut changed = taken == 0 && before > 0;
        for commit in gathered.drain(..) {
            changed |= !commit.entries.is_empty();
            writing.unwritten.extend(commit.entries);
            follow.extend(commit.jobs);
        }
        if changed {
            let began = follow.iter().find_map(|job| Some(job.leg.as_ref()?.now()));
            let written = writing.write(&healthy).await;
            if let Some(began) = began {
                let legs = follow.iter().filter_map(|job| job.leg.as_ref());
                legs.for_each(|leg| leg.written(began, written));
            }
        }
        for job in follow {
            if jobs.send(job).await.is_err() {
                return;
            }
        }
        if taken == 0 {
            return;
        }
    }
}

/// The store and what it has yet to take.
struct Writing<S> {
    store: S,
    /// Bounded by the number of agents: of each the newest entry.
    unwritten: Entries,
    failures: u32,
    /// When a write that failed is repeated.
    again: Option<Instant>,
}

impl<S: Store> Writing<S> {
    /// Tells whether all is written.
    async fn write(&mut self, healthy: &impl Fn(Result<(), String>)) -> bool {
        let written = self.store.write(&self.unwritten).await.map_err(|error| words(&error));
        match &written {
            Ok(()) => {
                self.unwritten.clear();
                self.failures = 0;
                self.again = None;
            }
            Err(error) => {
                let pause =
                    FIRST_PAUSE.saturating_mul(1 << self.failures.min(5)).min(LONGEST_PAUSE);
                self.failures = self.failures.saturating_add(1);
                self.again = Some(Instant::now() + pause);
                tracing::error!(%error, "failed to write the ledger; holds are in memory only");
            }
        }
        let done = written.is_ok();
        healthy(written);
        done
    }
}

async fn at(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

fn words(error: &LedgerError) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use lockstep_core::{TeamId, Time};

    use super::*;
    use crate::engine::dispatch::Task;

    /// A disk that fails so many times, and what got onto it.
    #[derive(Debug, Clone, Default)]
    struct Disk(Arc<Mutex<(usize, Vec<Entries>)>>);

    impl Store for Disk {
        fn read(&mut self) -> Result<Entries, LedgerError> {
            Ok(Entries::new())
        }

        async fn write(&mut self, changes: &Entries) -> Result<(), LedgerError> {
            let mut disk = self.0.lock().unwrap();
            if disk.0 > 0 {
                disk.0 -= 1;
                let source = io::ErrorKind::StorageFull.into();
                return Err(LedgerError::Io { what: "write", path: "ledger".into(), source });
            }
            disk.1.push(changes.clone());
            Ok(())
        }
    }

    fn commit(agent: &str) -> Commit {
        let id = AgentId::new(agent);
        let snoozed_until = Some(Time::from_millis(7));
        let entry = LedgerEntry { snoozed_until, ..LedgerEntry::default() };
        let job = Job { agent: id.clone(), team: TeamId::new("1"), task: Task::Look, leg: None };
        Commit { entries: vec![(id, entry)], jobs: vec![job] }
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_that_failed_is_repeated_by_itself_and_stops_nobody() {
        let disk = Disk(Arc::new(Mutex::new((3, Vec::new()))));
        let (commits, to_write) = mpsc::channel(4);
        let (jobs, mut to_do) = mpsc::channel(4);
        let said = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&said);
        let healthy =
            move |written: Result<(), String>| heard.lock().unwrap().push(written.is_ok());
        let began = Instant::now();
        let task = tokio::spawn(run(disk.clone(), to_write, jobs, healthy));
        commits.send(commit("1")).await.unwrap();
        assert!(to_do.recv().await.is_some());
        assert_eq!(began.elapsed(), Duration::ZERO, "the job follows at once");

        let written = || disk.0.lock().unwrap().1.len();
        while written() == 0 {
            assert!(began.elapsed() < Duration::from_mins(1), "never written");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert!(began.elapsed() >= Duration::from_secs(7), "after 1, 2 and 4 seconds");
        assert_eq!(*said.lock().unwrap(), [false, false, false, true]);
        drop(commits);
        task.await.unwrap();
        assert_eq!(written(), 1, "and not again");
    }

    #[tokio::test(start_paused = true)]
    async fn what_could_not_be_written_is_tried_once_more_at_the_end() {
        let disk = Disk(Arc::new(Mutex::new((1, Vec::new()))));
        let (commits, to_write) = mpsc::channel(4);
        let (jobs, mut to_do) = mpsc::channel(4);
        let task = tokio::spawn(run(disk.clone(), to_write, jobs, |_| ()));
        commits.send(commit("1")).await.unwrap();
        to_do.recv().await;
        drop(commits);
        task.await.unwrap();
        assert_eq!(
            disk.0.lock().unwrap().1,
            [Entries::from(commit("1").entries.try_into().map(|entries: [_; 1]| entries).unwrap())]
        );
    }
}
