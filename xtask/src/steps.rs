//! Steps with titles, one after the other, and what became of them.

use std::process::ExitCode;
use std::time::Duration;

use tokio::time::Instant;

use crate::out::{say, seconds};

/// What a step says when it is done; empty where there is nothing to say.
pub(crate) type Said = anyhow::Result<String>;

/// The steps of one task.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    done: Vec<Done>,
    failed: bool,
    goes_on: bool,
}

#[derive(Debug)]
struct Done {
    title: &'static str,
    took: Duration,
    said: Result<String, String>,
}

impl Steps {
    /// Steps that say nothing of each other: all are taken.
    pub(crate) fn going_on() -> Self {
        Self { goes_on: true, ..Self::default() }
    }

    /// Runs a step, unless one before it has failed.
    pub(crate) fn step(&mut self, title: &'static str, work: impl FnOnce() -> Said) {
        if self.failed && !self.goes_on {
            return;
        }
        say(&format!("\n==> {title}"));
        let began = Instant::now();
        let said = work().map_err(|error| format!("{error:#}"));
        self.failed |= said.is_err();
        self.done.push(Done { title, took: began.elapsed(), said });
    }

    /// The summary.
    pub(crate) fn end(self) -> ExitCode {
        say("");
        let wide = self.done.iter().map(|done| done.title.chars().count()).max().unwrap_or(0);
        for Done { title, took, said } in &self.done {
            let (mark, words) = match said {
                Ok(words) => ("ok    ", words),
                Err(words) => ("FAILED", words),
            };
            let line = format!("{mark}  {title:wide$}  {:>8}  {words}", seconds(*took));
            say(line.trim_end());
        }
        if self.failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}
