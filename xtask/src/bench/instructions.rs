//! Instructions per event, counted by callgrind and compared with the count that the repository
//! keeps: unlike time, it is the same on a busy machine.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::{RELEASE, found, kept_in};
use crate::out::say;
use crate::steps::Said;
use crate::{programs, tools, workspace};

/// How far the count may be off, in percent: the C library picks its routines by the processor. On
/// one machine it is the same to a hundredth of that.
const TOLERANCE: f64 = 3.0;
/// What counts: the parsers, the engine and the bodies, without the making of the inputs.
const COUNTED: [&str; 2] = ["*measured*Way*frame*", "*measured*Way*list*"];

/// The file in the repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    /// Instructions per event.
    per_event: u64,
    /// The compiler that made the program.
    rustc: String,
}

/// Counts and compares.
pub(super) fn check() -> Said {
    let counted = count()?;
    let path = path();
    let text = fs::read_to_string(&path).context("failed to read the count that is kept")?;
    let kept: Kept = serde_json::from_str(&text)
        .with_context(|| format!("{} is not what --accept writes", path.display()))?;
    let more = change(kept.per_event, counted.per_event);
    let line = format!(
        "{} instructions per event, {} are kept ({more:+.1} %)",
        counted.per_event, kept.per_event
    );
    say(&line);
    let other = if kept.rustc == counted.rustc {
        String::new()
    } else {
        format!("; it was counted with {}, this is {}", kept.rustc, counted.rustc)
    };
    anyhow::ensure!(
        more.abs() <= TOLERANCE,
        "more than {TOLERANCE} % off{other}. If that is meant, keep the new count: cargo xtask bench --accept"
    );
    Ok(line)
}

/// Counts and keeps.
pub(super) fn accept() -> anyhow::Result<()> {
    let counted = count()?;
    let path = path();
    let text = serde_json::to_string_pretty(&counted).context("failed to write a number")?;
    fs::write(&path, text + "\n").context("failed to keep the count")?;
    say(&format!("{} instructions per event", counted.per_event));
    kept_in(&path);
    Ok(())
}

fn count() -> anyhow::Result<Kept> {
    let programs = programs::build(&[&RELEASE[..], &["--bin", "hot-path"]].concat(), &[])?;
    let program = found(&programs, "hot-path")?;
    tools::valgrind()?;
    let out = workspace::target().join("callgrind.out");
    let mut valgrind = Command::new("valgrind");
    valgrind.arg("--tool=callgrind").arg(format!("--callgrind-out-file={}", out.display()));
    valgrind.args(COUNTED.map(|name| format!("--toggle-collect={name}")));
    let output =
        valgrind.arg(program).stdin(Stdio::null()).output().context("failed to start valgrind")?;
    let told = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "the program under callgrind failed:\n{told}");
    let events = String::from_utf8_lossy(&output.stdout);
    let events: u64 = events.trim().parse().context("the program did not tell its events")?;
    let all = collected(&told).context("callgrind told no count")?;
    Ok(Kept { per_event: all / events, rustc: rustc()? })
}

/// `==7== Collected : 192601550`
fn collected(told: &str) -> Option<u64> {
    let (_, rest) = told.lines().find_map(|line| line.split_once("Collected :"))?;
    rest.trim().parse().ok().filter(|count| *count > 0)
}

fn rustc() -> anyhow::Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output().context("failed to ask rustc")?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// In percent of `before`.
fn change(before: u64, now: u64) -> f64 {
    let number = |count: u64| u32::try_from(count).map_or(f64::MAX, f64::from);
    100.0 * (number(now) - number(before)) / number(before)
}

fn path() -> PathBuf {
    workspace::root().join("tests/bench/instructions.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callgrinds_count_is_read_and_nothing_is_no_count() {
        let told = "==7== Events    : Ir\n==7== Collected : 1234\n==7==\n";
        assert_eq!(collected(told), Some(1_234));
        assert_eq!(collected("==7== Collected : 0\n"), None, "the names were not found");
        assert_eq!(collected(""), None);
    }

    #[test]
    fn a_change_is_told_in_percent() {
        assert!((change(200, 206) - 3.0).abs() < 1e-9);
        assert!((change(200, 190) + 5.0).abs() < 1e-9);
    }
}
