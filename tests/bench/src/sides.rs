//! The two that are measured in turns, and what is promised of the second.

use std::fmt::Display;

use crate::out::say;

/// A driver that needs more of its processor than this is measured itself.
pub const DRIVER_MAY: f64 = 0.7;

/// Who is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The bare relay.
    Floor,
    /// The release build of `lockstep`.
    Ours,
}

/// Says of each figure whether it is as promised, and remembers those that are not.
#[derive(Debug, Default)]
pub struct Judge(Vec<String>);

impl Judge {
    /// `figure` may be at most `most`; `why` says where that comes from.
    pub fn at_most(&mut self, what: &str, figure: f64, most: f64, unit: &str, why: &str) {
        let met = figure <= most;
        let word = if met { "met" } else { "NOT met" };
        say(&format!("{what} {figure:.1} {unit}: {word}; {why} = {most:.1} {unit}"));
        if !met {
            self.breaks(format!("{what} is {figure:.1} {unit}, over {most:.1} {unit}"));
        }
    }

    /// This is not as promised.
    pub fn breaks(&mut self, what: impl Display) {
        self.0.push(what.to_string());
    }

    /// Fails with all that is not as promised.
    pub fn end(self) -> anyhow::Result<()> {
        anyhow::ensure!(self.0.is_empty(), "not as promised: {}", self.0.join("; "));
        Ok(())
    }
}
