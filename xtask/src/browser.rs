//! `cargo xtask browser`: the stories of `tests/browser` in headless Chromium.

use std::process::{ExitCode, Stdio};

use anyhow::Context as _;

use crate::out::say;
use crate::{tools, workspace};

/// Finds or installs the browser, and runs the stories.
pub(crate) fn run(name: Option<&str>) -> anyhow::Result<ExitCode> {
    say(&tools::chromium()?);
    let mut cargo = workspace::cargo();
    cargo.args(["test", "--package", "lockstep-browser", "--no-fail-fast", "--"]).args(name);
    let status = cargo.stdin(Stdio::null()).status().context("failed to start cargo")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
