//! `cargo xtask demo`: the product at work between two simulators.

mod board;
mod build;
mod check;
pub(crate) mod config;
mod control;
mod day;
mod desks;
mod keys;
mod layout;
mod live;
mod log;
mod once;
mod opening;
mod page;
mod peer;
mod play;
mod report;
mod scene;
mod screen;
pub(crate) mod stage;
mod view;
mod watch;
mod words;

use std::io::IsTerminal as _;
use std::process::ExitCode;

use anyhow::Context as _;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::Instant;

use self::board::Board;
use self::log::Tail;
use self::once::Moment;
use self::scene::Scene;
use self::stage::Stage;
pub(crate) use self::view::HEAD;
use self::view::View;
use crate::out::say;
use crate::tools;

/// What is happening, for the head of the table and of the page.
#[derive(Debug, Clone, serde::Serialize)]
struct Caption {
    clock: &'static str,
    title: String,
    text: String,
}

/// Columns and rows of the picture.
const PICTURE: (u16, u16) = (100, 29);

/// Builds and plays.
pub(crate) fn run(once: bool) -> anyhow::Result<ExitCode> {
    let once = once || !std::io::stdout().is_terminal();
    if once {
        say(&format!("The agents' desktops are shown by {}.", tools::chromium()?));
    }
    say("Building the gadget, lockstep, webex-sim and finesse-sim …");
    let programs = build::programs()?;
    if once {
        on_this_thread(once::day(&programs, |_| ()))
    } else {
        on_this_thread(live::day(&programs))
    }
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

/// What of a run becomes pictures: the table's cells, and an agent's desktop as PNG.
pub(crate) struct Pictures {
    pub(crate) table: Buffer,
    pub(crate) desktop: Vec<u8>,
}

/// Plays the day and keeps what is to be seen of the scenes that are made for it.
pub(crate) fn pictured() -> anyhow::Result<(ExitCode, Option<Pictures>)> {
    tools::chromium()?;
    let programs = build::programs()?;
    let (mut table, mut desktop) = (None, None);
    let code = on_this_thread(once::day(&programs, |moment| match moment {
        Moment::Table(scene, board) => table = Some(cells(scene, board)),
        Moment::Desktop(png) => desktop = Some(png),
    }))?;
    Ok((code, table.zip(desktop).map(|(table, desktop)| Pictures { table, desktop })))
}

fn cells(scene: &Scene, board: &Board) -> Buffer {
    let mut cells = Buffer::empty(Rect::new(0, 0, PICTURE.0, PICTURE.1));
    let view = View {
        board,
        scene: (scene.clock, scene.title, scene.caption),
        selected: None,
        foot: &[],
        now: Instant::now(),
    };
    view.draw(cells.area, &mut cells);
    cells
}
