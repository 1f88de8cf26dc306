//! The gadget's module and the core of this machine, held against each other.

use std::process::{ExitCode, Stdio};

use anyhow::Context as _;
use wasm_bindgen_cli_support::Bindgen;

use crate::out::say;
use crate::steps::Said;
use crate::{tools, workspace};

const TARGET: &str = "wasm32-unknown-unknown";
const MODULE: &str = "lockstep_gadget";

/// The step by itself.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    say(&format!("the same: {}", step()?));
    Ok(ExitCode::SUCCESS)
}

/// Builds the module with its histories, for node, and runs the test that plays them on both sides.
pub(crate) fn step() -> Said {
    tools::need(tools::WASM)?;
    // A folder of its own, so that what ships is not built anew.
    let folder = workspace::target().join("agree");
    let mut cargo = workspace::cargo();
    cargo.args(["rustc", "--package", "lockstep-gadget", "--lib", "--crate-type", "cdylib"]);
    cargo.args(["--features", "agree", "--profile", "gadget", "--target", TARGET, "--target-dir"]);
    cargo.arg(&folder);
    // The caller's flags are meant for this machine.
    for variable in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS"] {
        cargo.env_remove(variable);
    }
    let built = cargo.stdin(Stdio::null()).status().context("failed to start cargo")?;
    anyhow::ensure!(built.success(), "the module does not build; cargo's words are above");
    let wasm = folder.join(TARGET).join("gadget").join(format!("{MODULE}.wasm"));
    Bindgen::new()
        .input_path(wasm)
        .out_name(MODULE)
        .nodejs(true)?
        .typescript(false)
        .generate(&folder)
        .context("wasm-bindgen does not take the module")?;
    let mut cargo = workspace::cargo();
    cargo.args(["test", "--package", "lockstep-core", "--features", "agree", "--test", "agree"]);
    cargo.env("LOCKSTEP_AGREE", folder.join(format!("{MODULE}.js")));
    let same = cargo.stdin(Stdio::null()).status().context("failed to start cargo")?;
    anyhow::ensure!(same.success(), "the two do not agree; the number of the history is above");
    Ok("10,000 histories".to_owned())
}
