//! What the kernel tells of a process: time on a processor, and memory.

use std::fs;
use std::time::Duration;

use anyhow::Context as _;

/// Time on a processor, in steps of 10 ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cpu {
    /// In the program itself.
    pub user: Duration,
    /// In the kernel, for it.
    pub system: Duration,
}

impl Cpu {
    /// Both.
    pub fn total(self) -> Duration {
        self.user + self.system
    }

    /// What was added to `before`.
    #[must_use]
    pub fn since(self, before: Self) -> Self {
        Self {
            user: self.user.saturating_sub(before.user),
            system: self.system.saturating_sub(before.system),
        }
    }
}

/// Time on a processor so far, of all threads.
pub fn cpu(pid: u32) -> anyhow::Result<Cpu> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))
        .context("failed to read the process's times")?;
    cpu_of(&stat).context("the kernel's line on the process has another form")
}

/// The name in the second field may hold anything, so the fields are counted from its end.
fn cpu_of(stat: &str) -> Option<Cpu> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace().skip(11);
    let in_a_second = u32::try_from(rustix::param::clock_ticks_per_second()).ok()?;
    let mut next = || Some(Duration::from_secs(fields.next()?.parse().ok()?) / in_a_second);
    Some(Cpu { user: next()?, system: next()? })
}

/// Memory that is in use, in KiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Now (`VmRSS`).
    pub now: u64,
    /// At most so far (`VmHWM`).
    pub peak: u64,
}

/// Reads the resident memory of a process.
pub fn memory(pid: u32) -> anyhow::Result<Memory> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))
        .context("failed to read the process's memory")?;
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim_start_matches(':').trim().trim_end_matches("kB").trim().parse().ok()
    };
    let memory = field("VmRSS").zip(field("VmHWM")).map(|(now, peak)| Memory { now, peak });
    memory.context("the kernel does not tell the process's memory")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_behind_any_name() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 9 0 1 1 1";
        let ticks = u32::try_from(rustix::param::clock_ticks_per_second()).unwrap();
        let [user, system] = [250, 50].map(|many| Duration::from_secs(many) / ticks);
        assert_eq!(cpu_of(stat), Some(Cpu { user, system }));
    }

    #[test]
    fn this_process_has_memory_and_times() {
        let own = std::process::id();
        let memory = memory(own).unwrap();
        assert!(memory.now > 100 && memory.peak >= memory.now, "{memory:?}");
        cpu(own).unwrap();
    }
}
