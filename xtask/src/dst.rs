//! `cargo xtask dst`: the simulation, over many seeds or over one.

use std::ffi::OsString;
use std::process::{Command, ExitCode, Stdio};

use anyhow::Context as _;

use crate::steps::Said;
use crate::workspace;

/// Seeds that CI runs; by hand any number.
const SEEDS_OF_CI: &str = "200";

/// Runs the simulation with these arguments.
pub(crate) fn run(arguments: &[OsString]) -> anyhow::Result<ExitCode> {
    let status = command(OPTIMISED).args(arguments).status().context("failed to start cargo")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What CI runs.
pub(crate) fn step() -> Said {
    let mut command = command(AS_THE_TESTS);
    command.args(["--seeds", SEEDS_OF_CI]).stdin(Stdio::null());
    let status = command.status().context("failed to start cargo")?;
    anyhow::ensure!(status.success(), "a law was broken; the command that replays it is above");
    Ok(format!("{SEEDS_OF_CI} seeds"))
}

/// By hand: months are computed (Cargo.toml says more).
const OPTIMISED: &str = "dst";
/// In CI: what the tests have built already; to build it all once more takes longer than to run it.
/// Both write the same journal for the same seed.
const AS_THE_TESTS: &str = "dev";

fn command(profile: &str) -> Command {
    let mut cargo = workspace::cargo();
    cargo.args(["run", "--quiet", "--profile", profile, "--package", "lockstep-dst", "--"]);
    cargo
}
