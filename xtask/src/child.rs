//! Child processes that do not outlive this one: each leads a process group of its own, which is
//! ended when its [`Child`] is dropped. On Linux the kernel ends it too when this process is
//! killed.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::time::Instant;

/// How long a child may take to stop by itself.
const GRACE: Duration = Duration::from_secs(5);

/// A running program with its group.
#[derive(Debug)]
pub(crate) struct Child {
    name: &'static str,
    process: std::process::Child,
}

impl Child {
    /// Starts `program` with both outputs going into files.
    ///
    /// To be called on the main thread: the kernel's parent is the thread.
    pub(crate) fn start(
        name: &'static str,
        program: &Path,
        arguments: &[&OsStr],
        output: File,
        errors: File,
    ) -> anyhow::Result<Self> {
        let process = guarded(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .process_group(0)
            .spawn()
            .with_context(|| format!("failed to start {name}"))?;
        Ok(Self { name, process })
    }

    pub(crate) const fn name(&self) -> &'static str {
        self.name
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.process.try_wait().ok().flatten()
    }

    /// Asks it to stop, waits, and then ends it.
    pub(crate) async fn stop(mut self) -> Option<ExitStatus> {
        self.signal(Signal::TERM);
        let deadline = Instant::now() + GRACE;
        while Instant::now() < deadline {
            if let Some(status) = self.ended() {
                return Some(status);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        None
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.process.id()).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid {
            // An error says that nobody is left in the group.
            let _ = kill_process_group(pid, signal);
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
        let _ = self.process.wait();
    }
}

/// A command for `program` that ends with this process.
pub(crate) fn guarded(program: &Path) -> Command {
    if cfg!(target_os = "linux") {
        // Not the path of this file: a build may have replaced it meanwhile.
        let mut command = Command::new("/proc/self/exe");
        command.arg("guard").arg(std::process::id().to_string()).arg(program);
        command
    } else {
        Command::new(program)
    }
}

/// Becomes `command`, to be ended when `parent` ends; comes back only with an error.
pub(crate) fn become_guarded(parent: u32, command: &[OsString]) -> anyhow::Error {
    if let Err(error) = end_with(parent) {
        return error;
    }
    let Some((program, arguments)) = command.split_first() else {
        return anyhow::anyhow!("failed to start nothing");
    };
    let error = Command::new(program).args(arguments).exec();
    anyhow::Error::new(error).context(format!("failed to start {}", program.display()))
}

#[cfg(target_os = "linux")]
fn end_with(parent: u32) -> anyhow::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::TERM))
        .context("failed to ask for a signal at the parent's end")?;
    // It may have ended before the kernel was asked.
    let now = rustix::process::getppid().map(|pid| pid.as_raw_nonzero().get().unsigned_abs());
    anyhow::ensure!(now == Some(parent), "the parent has ended already");
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn end_with(_: u32) -> anyhow::Result<()> {
    Ok(())
}
