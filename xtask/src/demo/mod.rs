//! `cargo xtask demo`: the product at work between two simulators.

mod board;
mod build;
mod config;
mod control;
mod day;
mod log;
mod once;
mod play;
mod report;
mod scene;
mod stage;
mod watch;

use std::io::IsTerminal as _;
use std::process::ExitCode;

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};

use self::board::Board;
use self::log::Tail;
use self::stage::Stage;
use crate::out::say;

/// Builds and plays.
pub(crate) fn run(once: bool) -> anyhow::Result<ExitCode> {
    say("Building lockstep, webex-sim and finesse-sim …");
    let programs = build::programs()?;
    let _ = std::io::stdout().is_terminal() && !once;
    on_this_thread(once::day(&programs, |_, _| ()))
}

/// Runs `work` until it ends or a signal says to stop. Dropped work ends its processes.
///
/// All of it on this thread, because the kernel ties children to the thread that started them.
fn on_this_thread(
    work: impl Future<Output = anyhow::Result<ExitCode>>,
) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("failed to start the runtime")?;
    runtime.block_on(async {
        let mut interrupted = signal(SignalKind::interrupt())?;
        let mut terminated = signal(SignalKind::terminate())?;
        let mut hung_up = signal(SignalKind::hangup())?;
        tokio::select! {
            done = work => done,
            _ = interrupted.recv() => Ok(ExitCode::from(130)),
            _ = terminated.recv() => Ok(ExitCode::from(143)),
            _ = hung_up.recv() => Ok(ExitCode::from(129)),
        }
    })
}

/// The board of a stage, kept up to date.
fn watching(stage: &Stage) -> tokio::sync::watch::Receiver<Board> {
    let (boards, seen) = tokio::sync::watch::channel(Board::default());
    tokio::spawn(watch::run(stage.control.clone(), Tail::new(stage.log()), boards));
    seen
}

/// Where to look, a line each.
fn places(stage: &Stage) -> Vec<String> {
    let mut lines: Vec<String> =
        stage.control.places().iter().map(|(what, at)| format!("  {what:12}{at}")).collect();
    lines.push(format!("  {:12}{}", "log", stage.log().display()));
    lines
}
