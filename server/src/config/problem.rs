//! What is wrong with a configuration: which key, where, and what to do.

use std::fmt;
use std::path::PathBuf;

use lockstep_core::rules;

/// Where a problem stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In a file as a whole.
    Whole(PathBuf),
    /// In a file, at a line and a column.
    File(PathBuf, rules::Place),
    /// In the environment variable of this name.
    Environment(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(path) => path.display().fmt(f),
            Self::File(path, at) => write!(f, "{}:{}:{}", path.display(), at.line, at.column),
            Self::Environment(name) => write!(f, "environment {name}"),
        }
    }
}

/// One thing that is wrong, or doubtful.
///
/// Never contains a secret: a value is shown only where its key cannot hold one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The key, `sync.hold_down`; empty when it is about the file as a whole.
    pub key: String,
    /// Where it stands; for a missing key, where it ought to be.
    pub place: Place,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        write!(f, "{}; {}", self.what, self.remedy)
    }
}

/// Every problem that keeps a configuration from being used; one line each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.0.iter().enumerate() {
            let newline = if at == 0 { "" } else { "\n" };
            write!(f, "{newline}{problem}")?;
        }
        Ok(())
    }
}

/// Collects while the sections are read.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) errors: Vec<Problem>,
    pub(super) warnings: Vec<Problem>,
}

impl Report {
    pub(super) fn error(
        &mut self,
        key: &str,
        place: &Place,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.errors.push(problem(key, place, what, remedy));
    }

    pub(super) fn warning(
        &mut self,
        key: &str,
        place: &Place,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.warnings.push(problem(key, place, what, remedy));
    }

    /// `value` and the warnings, or every error in the order of the text.
    pub(super) fn finish<T>(mut self, value: Option<T>) -> Result<(T, Vec<Problem>), Problems> {
        match value {
            Some(value) if self.errors.is_empty() => Ok((value, self.warnings)),
            _ => {
                self.errors.sort_by(|a, b| a.place.cmp(&b.place));
                self.errors.dedup();
                Err(Problems(first(self.errors)))
            }
        }
    }
}

/// Nobody mends more of them at once, and a file may have one in every line.
const MOST: usize = 100;

/// The first of them; the last one says how many there are besides.
fn first(mut errors: Vec<Problem>) -> Vec<Problem> {
    if errors.len() > MOST {
        let what = format!("{} problems more are not shown", errors.len() - MOST);
        let place = errors[MOST].place.clone();
        errors.truncate(MOST);
        errors.push(problem("", &place, what, "mend those above first"));
    }
    errors
}

fn problem(
    key: &str,
    place: &Place,
    what: impl Into<String>,
    remedy: impl Into<String>,
) -> Problem {
    Problem { key: key.to_owned(), place: place.clone(), what: what.into(), remedy: remedy.into() }
}
