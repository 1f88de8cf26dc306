//! One target: its program and its corpora.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use tokio::time::Instant;

use super::output::Output;
use crate::out::say;
use crate::programs::Program;
use crate::{child, workspace};

/// A single input that takes longer is a hang; the slowest of the corpora take milliseconds.
const HANG_SECONDS: u32 = 10;
/// Memory of the whole program, in MB; it needs 40 without any input.
const MEMORY_MB: u32 = 512;
/// Bytes of an input: several times the largest of the corpora. What only happens in larger ones
/// is a test of its own, `fuzz/tests/largest.rs`.
const LONGEST: u32 = 16 * 1024;
/// How often a long run says how far it is.
const PROGRESS: Duration = Duration::from_secs(10);

/// A program that fuzzes one parser.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) name: String,
    program: PathBuf,
}

impl Target {
    pub(super) fn new((name, program): Program) -> Self {
        Self { name, program }
    }

    /// Where the inputs are that the repository keeps.
    pub(super) fn kept(&self) -> PathBuf {
        workspace::root().join("fuzz/corpus").join(&self.name)
    }

    /// Where those are that were found here; they stay from run to run.
    fn found(&self) -> PathBuf {
        workspace::target().join("fuzz/found").join(&self.name)
    }

    /// Where an input goes that broke a promise.
    fn broken(&self) -> PathBuf {
        workspace::target().join("fuzz/broken").join(&self.name)
    }

    /// Fuzzes for `span`, and says now and then how far it is.
    pub(super) fn run(&self, span: Duration) -> anyhow::Result<Output> {
        let before = count(&self.found())?;
        for folder in [self.found(), self.broken()] {
            fs::create_dir_all(&folder)
                .with_context(|| format!("failed to make {}", folder.display()))?;
        }
        let mut program = self
            .command()
            .arg(format!("-max_total_time={}", span.as_secs().max(1)))
            .arg(format!("-max_len={LONGEST}"))
            .arg(format!("-artifact_prefix={}/", self.broken().display()))
            .args(["-print_final_stats=1", "-reduce_inputs=0"])
            .args([self.found(), self.kept()])
            .spawn()
            .with_context(|| format!("failed to start {}", self.name))?;
        let words = program.stderr.take().context("it has no standard error")?;
        let mut output = Output::default();
        let mut told = Instant::now();
        for line in BufReader::new(words).split(b'\n') {
            output.take(&String::from_utf8_lossy(&line.context("failed to read its words")?));
            if told.elapsed() >= PROGRESS {
                told = Instant::now();
                let Output { runs, features, .. } = output;
                say(&format!("{}: {runs} runs, {features} features", self.name));
            }
        }
        let status = program.wait().context("failed to wait for it")?;
        output.ended(status.success(), count(&self.found())?.saturating_sub(before));
        Ok(output)
    }

    /// Copies to the kept inputs the fewest that reach what none of them reaches; says how many.
    pub(super) fn keep(&self) -> anyhow::Result<usize> {
        let before = count(&self.kept())?;
        let merged = self
            .command()
            .args(["-set_cover_merge=1", "-use_counters=0"])
            .args([self.kept(), self.found()])
            .stderr(Stdio::null())
            .status()
            .with_context(|| format!("failed to start {}", self.name))?;
        anyhow::ensure!(merged.success(), "{} could not merge its inputs: {merged}", self.name);
        Ok(count(&self.kept())?.saturating_sub(before))
    }

    fn command(&self) -> Command {
        let mut command = child::guarded(&self.program);
        command
            .arg(format!("-timeout={HANG_SECONDS}"))
            .arg(format!("-rss_limit_mb={MEMORY_MB}"))
            .current_dir(workspace::root())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        command
    }
}

fn count(folder: &Path) -> anyhow::Result<usize> {
    match fs::read_dir(folder) {
        Ok(files) => Ok(files.count()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error).with_context(|| format!("failed to read {}", folder.display())),
    }
}
