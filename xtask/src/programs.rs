//! Builds programs with cargo and finds them: cargo itself says where they are.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::Context as _;
use serde_json::Value;

use crate::{child, workspace};

/// A program by its name.
pub(crate) type Program = (String, PathBuf);

/// `cargo build` with these arguments and this environment, its progress on standard error.
pub(crate) fn build(
    arguments: &[&str],
    environment: &[(&str, PathBuf)],
) -> anyhow::Result<Vec<Program>> {
    let cargo = workspace::cargo();
    let mut build = child::guarded(cargo.get_program().as_ref())
        .args(["build", "--message-format", "json-render-diagnostics"])
        .args(arguments)
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .current_dir(workspace::root())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("failed to start cargo")?;
    let lines = build.stdout.take().context("cargo has no standard output")?;
    let mut found = Vec::new();
    for line in BufReader::new(lines).lines() {
        found.extend(program(&line.context("failed to read what cargo says")?));
    }
    let status = build.wait().context("failed to wait for cargo")?;
    anyhow::ensure!(status.success(), "cargo build failed; its words are above");
    Ok(found)
}

/// The program that a line of cargo's tells of.
fn program(line: &str) -> Option<Program> {
    let value: Value = serde_json::from_str(line).ok()?;
    let path = value.get("executable")?.as_str()?;
    let target = value.get("target")?;
    let is_program = target.get("kind")?.as_array()?.iter().any(|kind| kind == "bin");
    let name = target.get("name")?.as_str()?;
    is_program.then(|| (name.to_owned(), PathBuf::from(path)))
}
