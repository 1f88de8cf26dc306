//! Keeps the board up to date.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::board::Board;
use super::control::Control;
use super::log::Tail;

/// How often everything is looked at.
const EVERY: Duration = Duration::from_millis(80);

/// Looks until nobody reads the board any more.
pub(super) async fn run(control: Control, mut log: Tail, boards: watch::Sender<Board>) {
    let mut board = Board::default();
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !boards.is_closed() {
        ticks.tick().await;
        // A look that failed is repeated; the stage says when a program has ended.
        let _ = look(&control, &mut log, &mut board).await;
        boards.send_replace(board.clone());
    }
}

async fn look(control: &Control, log: &mut Tail, board: &mut Board) -> anyhow::Result<()> {
    let health = control.health().await?;
    board.take_health(&health, Instant::now());
    board.take_users(control.users().await?)?;
    board.take_people(control.people().await?)?;
    board.take_events(control.events(board.last_seq()).await?)?;
    for line in log.lines() {
        board.take_line(line, Instant::now());
    }
    Ok(())
}
