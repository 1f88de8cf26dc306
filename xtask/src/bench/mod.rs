//! `cargo xtask bench`: measurements of the release build as tables; `docs/performance.md` tells
//! the method.

mod instructions;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};

use anyhow::Context as _;
use clap::ValueEnum;

use crate::out::say;
use crate::programs::{self, Program};
use crate::steps::{Said, Steps};
use crate::{child, gadget, tools, workspace};

/// Both packages at once, so that what they share is compiled once.
const RELEASE: [&str; 5] = ["--release", "--package", "lockstep", "--package", "lockstep-bench"];

/// One of the measurements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Mercury frame in → PUT on the wire, against a bare relay in the same run
    Latency,
    /// Mercury frame in → Socket.IO frame out to gadgets, against a bare relay in the same run
    Push,
    /// The gadget's frame navigated → its panel live, in browsers with fresh profiles
    Ready,
    /// 5,000 decisions a second into the journal: none lost, processor and bytes of each
    Journal,
    /// Starts with 10,000 agents: time, requests, memory
    Scale,
    /// A day of flapping presence for 1,000 agents: how many writes
    Day,
    /// Instructions per event, counted by callgrind
    Instructions,
}

/// What the reader asks for.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    /// One measurement instead of all.
    pub(crate) only: Option<Part>,
    /// Runs of each side in the measurement of latency.
    pub(crate) runs: usize,
    /// Another build, compared with this one in turns.
    pub(crate) against: Option<PathBuf>,
    /// Keep the count of instructions as the new one.
    pub(crate) accept: bool,
}

/// Builds and measures; every measurement is taken, whatever became of the one before.
pub(crate) fn run(wish: &Wish) -> anyhow::Result<ExitCode> {
    if wish.accept {
        instructions::accept()?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(before) = &wish.against {
        return compare(wish, before);
    }
    let wants = |part| wish.only.is_none_or(|only| only == part);
    let mut steps = Steps::going_on();
    if wants(Part::Ready) {
        // The release build takes it in.
        steps.step("the gadget, for the browser", built);
    }
    let released = [Part::Latency, Part::Push, Part::Ready, Part::Journal, Part::Scale];
    if released.into_iter().any(wants) {
        let programs = programs::build(&RELEASE, &[])?;
        let driver = found(&programs, "lockstep-bench")?;
        let of = |part: &str| [part.into(), "--runs".into(), wish.runs.to_string().into()];
        if wants(Part::Latency) {
            steps.step("from a Mercury frame to its PUT", || measure(driver, &of("latency")));
        }
        if wants(Part::Push) {
            steps.step("from a Mercury frame to its gadget", || measure(driver, &of("push")));
            let anywhere = ["push", "--only", "calm", "--placement", "any", "--runs", "3"];
            let anywhere = anywhere.map(OsString::from);
            steps.step("the same on any processor", || measure(driver, &anywhere));
            steps.step("the gadget's first load", first_load);
        }
        if wants(Part::Ready) {
            steps.step("from the gadget's frame to its live panel", || {
                tools::chromium()?;
                // A browser costs seconds: a few more than runs of the others.
                measure(
                    driver,
                    &["ready".into(), "--runs".into(), (wish.runs + 2).to_string().into()],
                )
            });
        }
        if wants(Part::Journal) {
            steps.step("5,000 decisions a second into the journal", || {
                measure(driver, &["journal".into()])
            });
        }
        if wants(Part::Scale) {
            steps.step("starts with 10,000 agents", || measure(driver, &["scale".into()]));
        }
    }
    if wants(Part::Day) {
        steps.step("a day of flapping presence", day);
    }
    if wants(Part::Instructions) {
        steps.step("instructions per event", instructions::check);
    }
    Ok(steps.end())
}

/// Two builds in turns, under the loads of one measurement.
fn compare(wish: &Wish, before: &Path) -> anyhow::Result<ExitCode> {
    let part = match wish.only {
        Some(Part::Latency) => "latency",
        Some(Part::Push) => "push",
        _ => anyhow::bail!("--against compares latency or push"),
    };
    let before = before.canonicalize().with_context(|| format!("no {}", before.display()))?;
    let programs = programs::build(&RELEASE, &[])?;
    let driver = found(&programs, "lockstep-bench")?;
    let runs = wish.runs.to_string().into();
    let arguments = [part.into(), "--runs".into(), runs, "--against".into(), before.into()];
    let mut steps = Steps::going_on();
    steps.step("two builds in turns", || measure(driver, &arguments));
    Ok(steps.end())
}

/// The count of instructions against the one kept, as a step of `cargo xtask ci`.
pub(crate) fn count() -> Said {
    instructions::check()
}

fn measure(driver: &Path, arguments: &[OsString]) -> Said {
    let status = child::guarded(driver)
        .args(arguments)
        .stdin(Stdio::null())
        .status()
        .context("failed to start the measurement")?;
    anyhow::ensure!(status.success(), "its words are above");
    Ok(String::new())
}

/// What `cargo xtask gadget` holds to its bounds, for the reader of these tables.
fn first_load() -> Said {
    if !gadget::folder().join("bundle.json").is_file() {
        return Ok("none is built: cargo xtask gadget".to_owned());
    }
    gadget::tell_sizes()?;
    Ok(String::new())
}

/// The bundle, with its sizes.
fn built() -> Said {
    anyhow::ensure!(gadget::run()? == ExitCode::SUCCESS, "it is too large");
    Ok(String::new())
}

/// It runs on simulated time, so how it was built does not matter.
fn day() -> Said {
    let mut cargo = workspace::cargo();
    cargo.args(["test", "--quiet", "--package", "lockstep", "--test", "day", "--", "--nocapture"]);
    let status = cargo.stdin(Stdio::null()).status().context("failed to start cargo")?;
    anyhow::ensure!(status.success(), "its words are above");
    Ok(String::new())
}

fn found<'a>(programs: &'a [Program], name: &str) -> anyhow::Result<&'a Path> {
    let program = programs.iter().find(|(found, _)| found == name);
    let (_, path) = program.with_context(|| format!("cargo build made no program {name}"))?;
    Ok(path)
}

/// Tells where a figure is kept.
fn kept_in(path: &Path) {
    say(&format!("kept in {}", path.strip_prefix(workspace::root()).unwrap_or(path).display()));
}
