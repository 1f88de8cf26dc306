//! `cargo xtask test` and `cargo xtask ci`.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, ExitCode, Stdio};

use anyhow::Context as _;

use crate::out::say;
use crate::steps::{Said, Steps};
use crate::{agree, bench, demo, dst, fuzz, gadget, package, tools, workspace};

/// How many tests run at once, for Rust's own test runner; what the caller says counts.
const TEST_THREADS: &str = "RUST_TEST_THREADS";
/// Most of what takes long waits for real seconds of the product: backoffs, polls, look-ups.
const THREADS_PER_CORE: usize = 3;

/// Everything that must pass.
pub(crate) fn test() -> ExitCode {
    let mut steps = Steps::default();
    let mut counts = Counts::default();
    steps.step("a browser for the stories", tools::chromium);
    // The server takes it in when it is built, and the stories are about it.
    steps.step("the gadget's bundle", || {
        let code = gadget::run()?;
        anyhow::ensure!(code == ExitCode::SUCCESS, "it has grown too large");
        Ok(String::new())
    });
    steps.step("tests", || {
        counted(&["test", "--workspace", "--all-targets", "--no-fail-fast"], &mut counts)
    });
    steps.step("documentation's examples", || {
        counted(&["test", "--workspace", "--doc"], &mut counts)
    });
    steps.step("simulated storms", dst::step);
    steps.step("fuzz targets", fuzz::short);
    steps.step("the core for WebAssembly", wasm);
    steps.step("module and core agree", agree::step);
    steps.step("the demo's day", || {
        let code = demo::run(true)?;
        anyhow::ensure!(code == ExitCode::SUCCESS, "the day did not end as it should");
        Ok(String::new())
    });
    steps.step("package and image", package::step);
    let code = steps.end();
    say(&format!("tests: {} passed, {} failed", counts.passed, counts.failed));
    code
}

/// What is checked beside the tests.
pub(crate) fn ci() -> ExitCode {
    let mut steps = Steps::default();
    steps.step("format", || {
        tools::need(tools::RUSTFMT)?;
        run(workspace::cargo().args(["fmt", "--all", "--check"]), "cargo fmt --all mends it")
    });
    steps.step("lints", || {
        tools::need(tools::CLIPPY)?;
        let mut cargo = workspace::cargo();
        cargo.args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]);
        run(&mut cargo, "warnings are errors here")
    });
    steps.step("documentation", || {
        let mut cargo = workspace::cargo();
        cargo.args(["doc", "--workspace", "--no-deps", "--document-private-items"]);
        run(cargo.env("RUSTDOCFLAGS", "-D warnings"), "warnings are errors here")
    });
    steps.step("dependencies: licences, bans, sources", || {
        let mut deny = Command::new(tools::cargo_deny()?);
        deny.current_dir(workspace::root());
        // Advisories need a database from the network.
        deny.args([
            "--workspace",
            "check",
            "--hide-inclusion-graph",
            "licenses",
            "bans",
            "sources",
        ]);
        run(&mut deny, "deny.toml says what is allowed")
    });
    steps.step("instructions per event", bench::count);
    steps.end()
}

fn wasm() -> Said {
    tools::need(tools::WASM)?;
    let mut cargo = workspace::cargo();
    cargo.args(["build", "--package", "lockstep-core", "--target", "wasm32-unknown-unknown"]);
    // The caller's flags are meant for this machine.
    for variable in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS"] {
        cargo.env_remove(variable);
    }
    run(&mut cargo, "the core must build without an operating system")
}

/// Runs a command whose words the reader sees.
fn run(command: &mut Command, remark: &str) -> Said {
    let status = command.stdin(Stdio::null()).status().context("failed to start it")?;
    anyhow::ensure!(status.success(), "its words are above; {remark}");
    Ok(String::new())
}

/// What cargo's tests said in all.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Counts {
    passed: usize,
    failed: usize,
}

/// Runs tests, passes their words on and counts them.
fn counted(arguments: &[&str], counts: &mut Counts) -> Said {
    let mut cargo = workspace::cargo();
    if std::env::var_os(TEST_THREADS).is_none() {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        cargo.env(TEST_THREADS, (cores * THREADS_PER_CORE).to_string());
    }
    let mut cargo = cargo
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("failed to start cargo")?;
    let output = cargo.stdout.take().context("cargo has no standard output")?;
    let before = *counts;
    for line in BufReader::new(output).split(b'\n') {
        let line = line.context("failed to read what cargo says")?;
        let line = String::from_utf8_lossy(&line);
        say(&line);
        counts.take(&line);
    }
    let status = cargo.wait().context("failed to wait for cargo")?;
    let words = match counts.failed - before.failed {
        0 => "the tests did not run to their end".to_owned(),
        failed => format!("{failed} failed"),
    };
    anyhow::ensure!(status.success(), "{words}; cargo's words are above");
    Ok(format!("{} passed", counts.passed - before.passed))
}

impl Counts {
    /// `test result: ok. 12 passed; 0 failed; 1 ignored; …`
    fn take(&mut self, line: &str) {
        let Some((_, rest)) = line.split_once("test result: ") else { return };
        let words: Vec<&str> = rest.split([' ', ';']).filter(|word| !word.is_empty()).collect();
        let before = |noun: &str| {
            let at = words.iter().position(|word| *word == noun)?;
            words.get(at.checked_sub(1)?)?.parse::<usize>().ok()
        };
        self.passed += before("passed").unwrap_or(0);
        self.failed += before("failed").unwrap_or(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_results_of_all_programs_are_added_up() {
        let mut counts = Counts::default();
        for line in [
            "running 3 tests",
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out",
            "test result: FAILED. 2 passed; 3 failed; 0 ignored; finished in 0.01s",
            "12 passed; 9 failed",
        ] {
            counts.take(line);
        }
        assert_eq!(counts, Counts { passed: 14, failed: 3 });
    }
}
