//! The day without a person: played at once, checked, and told as a table.

use std::process::ExitCode;

use tokio::time::Instant;

use super::board::Board;
use super::build::Programs;
use super::play::{AT_ONCE, Player};
use super::report::Report;
use super::stage::{AGENTS, Stage};
use super::{day, places, watching};
use crate::out::say;

/// Plays the day; `picture` sees the board of the scene that is made for it.
pub(super) async fn day(
    programs: &Programs,
    mut picture: impl FnMut(&super::scene::Scene, Board),
) -> anyhow::Result<ExitCode> {
    let began = Instant::now();
    let mut stage = Stage::set(programs).await?;
    say("Lockstep serves twelve agents. Where to look while it runs:");
    for line in places(&stage) {
        say(&line);
    }
    let mut player = Player::new(stage.control.clone(), watching(&stage), AT_ONCE);
    player.ready(AGENTS).await?;
    let mut report = Report::default();
    for scene in day::scenes() {
        Report::scene(&scene);
        report.checked(&player.play(&scene).await?);
        if scene.pictured {
            picture(&scene, player.board());
        }
        stage.check()?;
    }
    report.violations(&stage.control.violations().await?);
    let right = report.end(began.elapsed());
    if !right {
        say(&format!("The logs are in {}", stage.folder().display()));
    }
    stage.strike(!right).await;
    Ok(if right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
