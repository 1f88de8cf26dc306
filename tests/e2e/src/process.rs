//! `lockstep` as a process: started, spoken to by signals, listened to, waited for.

use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use crate::binary::lockstep;
use crate::log::Log;

/// A signal to the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Stop in order.
    Term,
    /// As from a keyboard.
    Int,
    /// Read the configuration again.
    Hup,
    /// As a power cut.
    Kill,
}

/// How a process ended.
#[derive(Debug)]
pub struct Exit {
    /// The exit code; none after a signal.
    pub code: Option<i32>,
    /// How long it took from the wait on.
    pub took: Duration,
}

/// A running `lockstep`.
#[derive(Debug)]
pub struct Process {
    child: Child,
    readers: [JoinHandle<()>; 2],
}

impl Process {
    /// Starts the binary in a folder, with this environment and nothing of our own.
    pub(crate) fn start(
        folder: &Path,
        arguments: &[&str],
        environment: &[(String, String)],
        out: Log,
        err: Log,
    ) -> Self {
        let mut child = Command::new(lockstep())
            .args(arguments)
            .current_dir(folder)
            .env_clear()
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the binary starts");
        let stdout = child.stdout.take().expect("piped");
        let stderr = child.stderr.take().expect("piped");
        let readers = [tokio::spawn(read(stdout, out)), tokio::spawn(read(stderr, err))];
        Self { child, readers }
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        let name = match signal {
            Signal::Term => "TERM",
            Signal::Int => "INT",
            Signal::Hup => "HUP",
            Signal::Kill => "KILL",
        };
        let id = self.child.id().expect("the process runs");
        let kill = format!("kill -{name} {id}");
        let sent = std::process::Command::new("sh").args(["-c", &kill]).status();
        let sent = sent.expect("a shell");
        assert!(sent.success(), "the process {id} is not there any more");
    }

    /// Is it still there?
    pub fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits until it has ended and everything that it printed was read.
    pub async fn exit(mut self, within: Duration) -> Exit {
        let began = Instant::now();
        let status: ExitStatus = timeout(within, self.child.wait())
            .await
            .unwrap_or_else(|_| panic!("lockstep did not end within {within:?}"))
            .expect("a child can be waited for");
        for reader in self.readers {
            reader.await.expect("reading does not panic");
        }
        Exit { code: status.code(), took: began.elapsed() }
    }
}

async fn read(stream: impl AsyncRead + Unpin, log: Log) {
    let mut lines = BufReader::new(stream).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        log.push(line);
    }
}
