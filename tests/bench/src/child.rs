//! A program under measurement: started in a folder, its log kept in files, ended with this value.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};
use tokio::time::{Instant, sleep};

/// How long a program may take to stop by itself.
const GRACE: Duration = Duration::from_secs(12);
/// How often it is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The file that a program logs into.
#[derive(Debug, Clone)]
pub struct LogFile(PathBuf);

impl LogFile {
    /// What was logged so far.
    pub fn read(&self) -> String {
        fs::read_to_string(&self.0).unwrap_or_default()
    }
}

/// A running program.
#[derive(Debug)]
pub struct Program {
    name: &'static str,
    process: Child,
    log: PathBuf,
}

impl Program {
    /// Starts `program` in `folder`; standard error goes to `<name>.log` there.
    pub fn start(
        name: &'static str,
        program: &Path,
        arguments: &[&OsStr],
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let log = folder.join(format!("{name}.log"));
        let file = File::create(&log).context("failed to make a file for the log")?;
        let process = Command::new(program)
            .args(arguments)
            .current_dir(folder)
            .env_clear()
            .env("LOCKSTEP_LOG", "info")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(file)
            .spawn()
            .with_context(|| format!("failed to start {}", program.display()))?;
        Ok(Self { name, process, log })
    }

    /// Its number.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Where it logs.
    pub fn log_file(&self) -> LogFile {
        LogFile(self.log.clone())
    }

    /// Waits until `look` finds something; fails when the program ends, or after `patience`.
    pub async fn until<T>(
        &mut self,
        what: &str,
        patience: Duration,
        mut look: impl FnMut() -> Option<T>,
    ) -> anyhow::Result<T> {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(found) = look() {
                return Ok(found);
            }
            let ended = self.process.try_wait().context("failed to look at the program")?;
            let name = self.name;
            anyhow::ensure!(ended.is_none(), "{name} ended before {what}; {}", self.last_words());
            anyhow::ensure!(
                Instant::now() < deadline,
                "{name}: not within {patience:?}: {what}; {}",
                self.last_words()
            );
            sleep(LOOK_EVERY).await;
        }
    }

    /// The end of the log.
    pub fn last_words(&self) -> String {
        let log = self.log_file().read();
        let lines: Vec<&str> = log.lines().collect();
        let last = lines[lines.len().saturating_sub(12)..].join("\n  ");
        format!("its log ends with:\n  {last}")
    }

    /// Asks it to stop and waits for its end.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        let pid = i32::try_from(self.pid()).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid {
            let _ = kill_process(pid, Signal::TERM);
        }
        let deadline = Instant::now() + GRACE;
        while self.process.try_wait().context("failed to wait for the program")?.is_none() {
            anyhow::ensure!(Instant::now() < deadline, "{} did not stop", self.name);
            sleep(LOOK_EVERY).await;
        }
        Ok(())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
