//! `cargo xtask fuzz`: libFuzzer on every parser of foreign bytes.

mod output;
mod target;

use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use anyhow::Context as _;

use self::output::Output;
use self::target::Target;
use crate::out::{say, seconds};
use crate::steps::Said;
use crate::{programs, workspace};

/// How long each target is given where everything is tested; together they take this times their
/// number, divided by the processors.
const SHORT: Duration = Duration::from_secs(4);

/// What the reader asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish<'a> {
    /// One target instead of all.
    pub(crate) target: Option<&'a str>,
    /// How long each is given.
    pub(crate) span: Duration,
    /// Take over into the repository what reaches code that nothing kept there reaches.
    pub(crate) keep: bool,
}

/// One target, with what came of it.
type Done = (Target, anyhow::Result<Output>);

/// Builds the targets, runs them and shows a table.
pub(crate) fn run(wish: Wish<'_>) -> anyhow::Result<ExitCode> {
    let broken = fuzz(wish)?;
    Ok(if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Every target for a few seconds, as a step of `cargo xtask test`.
pub(crate) fn short() -> Said {
    let broken = fuzz(Wish { target: None, span: SHORT, keep: false })?;
    anyhow::ensure!(broken == 0, "{broken} of them found something; it is told above");
    Ok(format!("{} each", seconds(SHORT)))
}

/// Runs what is wished for; says how many of the targets found something.
fn fuzz(wish: Wish<'_>) -> anyhow::Result<usize> {
    let targets = targets(wish.target)?;
    let width = thread::available_parallelism().map_or(1, usize::from).min(targets.len());
    say(&format!("{} targets, {} each, {width} at a time", targets.len(), seconds(wish.span)));
    let done = all(targets, width, wish.span);
    table(&done);
    for (target, output) in &done {
        match output {
            Ok(output) if output.is_broken() => tell(target, output),
            Ok(_) => {}
            Err(error) => say(&format!("{}: {error:#}", target.name)),
        }
    }
    if wish.keep {
        for (target, _) in &done {
            say(&format!("{}: {} inputs taken over", target.name, target.keep()?));
        }
    }
    Ok(done.iter().filter(|(_, output)| output.as_ref().map_or(true, Output::is_broken)).count())
}

fn targets(one: Option<&str>) -> anyhow::Result<Vec<Target>> {
    let wrapper = [("RUSTC_WORKSPACE_WRAPPER", workspace::root().join("fuzz/instrument.sh"))];
    let arguments = ["--package", "lockstep-fuzz", "--features", "libfuzzer", "--bins"];
    let found = programs::build(&arguments, &wrapper)
        .context("libFuzzer is C++; does it lack a compiler (Debian: g++)?")?;
    let mut targets: Vec<Target> = found.into_iter().map(Target::new).collect();
    targets.sort_by(|a, b| a.name.cmp(&b.name));
    let Some(one) = one else { return Ok(targets) };
    let names: Vec<String> = targets.iter().map(|target| target.name.clone()).collect();
    targets.retain(|target| target.name == one);
    anyhow::ensure!(!targets.is_empty(), "no target {one}; there are {}", names.join(", "));
    Ok(targets)
}

/// Runs `width` of them at a time.
fn all(targets: Vec<Target>, width: usize, span: Duration) -> Vec<Done> {
    let waiting = Mutex::new(targets.into_iter());
    let done = Mutex::new(Vec::new());
    let next = || waiting.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next();
    thread::scope(|scope| {
        for _ in 0..width {
            scope.spawn(|| {
                while let Some(target) = next() {
                    let output = target.run(span);
                    let mut done = done.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    done.push((target, output));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
    done
}

fn table(done: &[Done]) {
    let head = ["target", "runs", "features", "new files", "peak memory"];
    say(&format!("\n{:22}{:>12}{:>10}{:>11}{:>13}", head[0], head[1], head[2], head[3], head[4]));
    for (target, output) in done {
        let name = &target.name;
        let row = output.as_ref().map_or_else(
            |_| format!("{name:22}{:>12}", "not run"),
            |Output { runs, features, new_files, peak_mb, .. }| {
                let mark =
                    if output.as_ref().is_ok_and(Output::is_broken) { "  BROKEN" } else { "" };
                format!("{name:22}{runs:>12}{features:>10}{new_files:>11}{peak_mb:>10} MB{mark}")
            },
        );
        say(&row);
    }
}

fn tell(target: &Target, output: &Output) {
    say(&format!("\n{} broke a promise:", target.name));
    output.last_words().for_each(|line| say(&format!("  {line}")));
    if let Some(input) = output.artifact() {
        say(&format!(
            "  the input is {input}; to keep it, move it to {} under a telling name: \
             cargo test -p lockstep-fuzz replays it",
            target.kept().display()
        ));
    }
}
