//! On which processors driver and program run.
//!
//! The kernel likes to put two processes that wake one another onto one processor, where a message
//! costs a fraction of what it costs across two; whether it does changes from run to run. What is
//! compared with a floor is therefore measured across.

use anyhow::Context as _;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Who runs where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Placement {
    /// The program has the last processor, the driver all others
    Across,
    /// Wherever the kernel likes
    Any,
}

/// Where the program runs, once the driver has taken its own place.
#[derive(Debug, Clone, Copy)]
pub struct Seat(Option<usize>);

impl Placement {
    /// Keeps this thread, and all that it will start, off the program's processor.
    pub fn take(self) -> anyhow::Result<Seat> {
        if self == Self::Any {
            return Ok(Seat(None));
        }
        let mut own = allowed()?;
        let last = (0..CpuSet::MAX_CPU).rev().find(|cpu| own.is_set(*cpu));
        let last = last.context("this process may run nowhere")?;
        own.unset(last);
        anyhow::ensure!(own.count() > 0, "measuring across processors needs two of them");
        set(&own)?;
        Ok(Seat(Some(last)))
    }
}

impl Seat {
    /// Does the program have a processor of its own?
    pub const fn is_across(self) -> bool {
        self.0.is_some()
    }

    /// Starts a program on its processor. What a thread starts runs where the thread may run, so
    /// this one goes there for as long as that takes.
    pub fn start<T>(self, start: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
        let Some(processor) = self.0 else { return start() };
        let own = allowed()?;
        let mut there = CpuSet::new();
        there.set(processor);
        set(&there)?;
        let started = start();
        set(&own)?;
        started
    }
}

fn allowed() -> anyhow::Result<CpuSet> {
    sched_getaffinity(None).context("failed to learn where this process may run")
}

fn set(processors: &CpuSet) -> anyhow::Result<()> {
    sched_setaffinity(None, processors).context("failed to choose the processors")
}
