//! What `--once` prints: the day as a table, scene by scene.

use std::time::Duration;

use super::check::Checked;
use super::scene::Scene;
use crate::out::{say, seconds};

/// Prints scenes and counts what was right and wrong.
#[derive(Debug, Default)]
pub(super) struct Report {
    passed: usize,
    failed: usize,
}

impl Report {
    /// The head of a scene.
    pub(super) fn scene(scene: &Scene) {
        say("");
        say(&format!("{}  {}", scene.clock, scene.title));
        say(&format!("       {}", scene.caption));
    }

    /// Its rows: those whom it names, and whoever is not where they should be; the others in one.
    pub(super) fn checked(&mut self, checked: &[Checked]) {
        let (told, others): (Vec<_>, Vec<_>) =
            checked.iter().partition(|check| check.named || !check.ok);
        let (panels, told): (Vec<_>, Vec<_>) = told.into_iter().partition(|check| check.panel);
        let wide = |of: fn(&Checked) -> &str| {
            told.iter().map(|check| of(check).chars().count()).max().unwrap_or(0)
        };
        let (who, expected, got) =
            (wide(|one| &one.who).max(12), wide(|one| &one.expected), wide(|one| &one.got));
        if !told.is_empty() {
            say(&format!(
                "       {:who$}  {:expected$}  {:got$}  ok   took",
                "agent", "expected", "got"
            ));
        }
        for check in &told {
            let ok = if check.ok { "yes" } else { "NO " };
            let took = seconds(check.took);
            say(&format!(
                "       {:who$}  {:expected$}  {:got$}  {ok}  {took}",
                check.who, check.expected, check.got
            ));
        }
        panels.into_iter().for_each(panel);
        let agents = others.iter().filter(|check| !check.panel).count();
        if agents > 0 {
            say(&format!("       {agents} more       as they were, untouched"));
        }
        let failed = checked.iter().filter(|check| !check.ok).count();
        self.failed += failed;
        self.passed += checked.len() - failed;
    }

    /// What the simulators were asked against their documents.
    pub(super) fn violations(&mut self, sentences: &[String]) {
        say("");
        if sentences.is_empty() {
            say("Both simulators counted no violation.");
            self.passed += 1;
        }
        for sentence in sentences {
            say(&format!("violation  {sentence}"));
        }
        self.failed += sentences.len();
    }

    /// The end; was everything right?
    pub(super) fn end(&self, took: Duration) -> bool {
        say(&format!("The day took {}.", seconds(took)));
        say(&format!("demo: {} passed, {} failed", self.passed, self.failed));
        self.failed == 0
    }
}

/// What a desktop says, and what it should say where it does not.
fn panel(Checked { who, expected, got, ok, .. }: &Checked) {
    let mark = if *ok { "yes" } else { "NO " };
    say(&format!("       {who}  {mark}  {got}"));
    if !ok {
        say(&format!("       {:wide$}  expected  {expected}", "", wide = who.chars().count()));
    }
}
