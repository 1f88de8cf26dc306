//! `cargo xtask kills`: the real binary killed at random moments under load.

use std::process::{ExitCode, Stdio};

use anyhow::Context as _;

use crate::workspace;

/// How often, among how many, and from which seed; what is left out is as in the tests.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish {
    pub(crate) kills: u32,
    pub(crate) agents: u32,
    pub(crate) seed: Option<u64>,
}

/// Kills, and passes on what is told after each site.
pub(crate) fn run(wish: Wish) -> anyhow::Result<ExitCode> {
    let mut cargo = workspace::cargo();
    cargo.args(["test", "--package", "lockstep-e2e", "--test", "kills", "--", "--nocapture"]);
    cargo.env("LOCKSTEP_KILLS", wish.kills.to_string());
    cargo.env("LOCKSTEP_KILLS_AGENTS", wish.agents.to_string());
    if let Some(seed) = wish.seed {
        cargo.env("LOCKSTEP_KILLS_SEED", seed.to_string());
    }
    let status = cargo.stdin(Stdio::null()).status().context("failed to start cargo")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
