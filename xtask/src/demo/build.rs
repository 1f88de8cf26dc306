//! Builds the three programs and finds them.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::Context as _;
use serde_json::Value;

use crate::{child, workspace};

/// The programs of the demo.
#[derive(Debug)]
pub(super) struct Programs {
    pub(super) lockstep: PathBuf,
    pub(super) webex_sim: PathBuf,
    pub(super) finesse_sim: PathBuf,
}

/// `cargo build`, with its progress on standard error; cargo itself says where the programs are.
pub(super) fn programs() -> anyhow::Result<Programs> {
    let cargo = workspace::cargo();
    let mut build = child::guarded(cargo.get_program().as_ref())
        .args(["build", "--message-format", "json-render-diagnostics"])
        .current_dir(workspace::root())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("failed to start cargo")?;
    let lines = build.stdout.take().context("cargo has no standard output")?;
    let mut found: Vec<(String, PathBuf)> = Vec::new();
    for line in BufReader::new(lines).lines() {
        found.extend(program(&line.context("failed to read what cargo says")?));
    }
    let status = build.wait().context("failed to wait for cargo")?;
    anyhow::ensure!(status.success(), "cargo build failed; its words are above");
    let mut take = |name: &str| {
        let at = found.iter().position(|(found, _)| found == name);
        at.map(|at| found.swap_remove(at).1)
            .with_context(|| format!("cargo build made no program {name}"))
    };
    Ok(Programs {
        lockstep: take("lockstep")?,
        webex_sim: take("webex-sim")?,
        finesse_sim: take("finesse-sim")?,
    })
}

/// The program that a line of cargo's tells of.
fn program(line: &str) -> Option<(String, PathBuf)> {
    let value: Value = serde_json::from_str(line).ok()?;
    let path = value.get("executable")?.as_str()?;
    let target = value.get("target")?;
    let is_program = target.get("kind")?.as_array()?.iter().any(|kind| kind == "bin");
    let name = target.get("name")?.as_str()?;
    is_program.then(|| (name.to_owned(), PathBuf::from(path)))
}
