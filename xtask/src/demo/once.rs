//! The day without a person: played at once, checked, and told as a table.

use std::process::ExitCode;

use tokio::time::Instant;

use super::board::{Board, Row};
use super::build::Programs;
use super::check::Open;
use super::desks::Desks;
use super::play::{AT_ONCE, Player};
use super::report::Report;
use super::scene::{Scene, Who};
use super::stage::{AGENTS, Stage};
use super::{day, places, watching};
use crate::out::say;

/// What is made for a picture.
pub(super) enum Moment<'a> {
    /// The table at the end of this scene.
    Table(&'a Scene, &'a Board),
    /// A desktop, as PNG.
    Desktop(Vec<u8>),
}

/// Plays the day; `picture` sees the moments that are made for it.
pub(super) async fn day(
    programs: &Programs,
    mut picture: impl FnMut(Moment<'_>),
) -> anyhow::Result<ExitCode> {
    let began = Instant::now();
    let mut stage = Stage::set(programs).await?;
    say("Lockstep serves twelve agents. Where to look while it runs:");
    for line in places(&stage) {
        say(&line);
    }
    let open = Open::Of(day::AT_DESKS.to_vec());
    let mut player = Player::new(stage.control.clone(), watching(&stage), AT_ONCE, open);
    player.ready(AGENTS).await?;
    let rows = player.board().rows;
    let desktop = stage.control.desktops();
    let desks = Desks::open(stage.folder(), &desktop, &rows, &day::AT_DESKS).await?;
    say(&format!("  {:12}{}", "at a desk", names(&rows)));
    let mut report = Report::default();
    for scene in day::scenes() {
        Report::scene(&scene);
        let mut checked = player.play(&scene).await?;
        let named: Vec<_> = scene.expect.iter().map(|expect| expect.who).collect();
        checked.extend(desks.check(&rows, player.expected(), &named).await?);
        report.checked(&checked);
        if scene.pictured {
            picture(Moment::Table(&scene, &player.board()));
        }
        if let Some(who) = scene.desktop_pictured {
            picture(Moment::Desktop(desks.picture(who).await?));
        }
        stage.check()?;
    }
    report.violations(&stage.control.violations().await?);
    let right = report.end(began.elapsed());
    if !right {
        say(&format!("The logs are in {}", stage.folder().display()));
    }
    // The browser keeps its files in the stage's folder.
    drop(desks);
    stage.strike(!right).await;
    Ok(if right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Who has a desktop with the gadget.
fn names(rows: &[Row]) -> String {
    let name = |who: &Who| rows.get(*who).map(|row| row.name.as_str());
    let names: Vec<&str> = day::AT_DESKS.iter().filter_map(name).collect();
    format!("{}: the gadget acts; for the others the server", names.join(", "))
}
