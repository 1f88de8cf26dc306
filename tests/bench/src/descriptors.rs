//! Thousands of connections need as many descriptors, and a shell gives a process 1,024.

use anyhow::Context as _;
use rustix::process::{Resource, getrlimit, setrlimit};

/// Raises this process's bound, and that of what it starts, to what the machine allows.
pub fn raise() -> anyhow::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, rustix::process::Rlimit { current: limit.maximum, ..limit })
        .context("failed to raise the number of open files")
}
