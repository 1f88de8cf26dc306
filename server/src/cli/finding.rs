//! What `lockstep check` found, one line each.

use std::io::{self, Write};

use serde::Serialize;

use crate::config::Problems;

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// As it should be.
    Green,
    /// It works, but look at it; or it does not, and this mode does not use it.
    Amber,
    /// It will not work.
    Red,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How it is.
    pub status: Status,
    /// What was looked at: a key, a host, an agent.
    pub subject: String,
    /// What was found.
    pub text: String,
    /// What to do; `None` where nothing is to be done.
    pub remedy: Option<String>,
}

/// Everything that was looked at, in the order of looking.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings(pub Vec<Finding>);

/// The JSON that scripts read.
#[derive(Serialize)]
struct Document<'a> {
    /// The worst of all findings.
    status: Status,
    findings: &'a [Finding],
}

// === impl Finding ===

impl Finding {
    /// It is as it should be.
    pub fn green(subject: &str, text: impl Into<String>) -> Self {
        Self { status: Status::Green, subject: subject.to_owned(), text: text.into(), remedy: None }
    }

    /// It works, but look at it.
    pub fn amber(subject: &str, text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { status: Status::Amber, ..Self::red(subject, text, remedy) }
    }

    /// It will not work.
    pub fn red(subject: &str, text: impl Into<String>, remedy: impl Into<String>) -> Self {
        let remedy = Some(remedy.into());
        Self { status: Status::Red, subject: subject.to_owned(), text: text.into(), remedy }
    }
}

// === impl Status ===

impl Status {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Amber => "amber",
            Self::Red => "red",
        }
    }

    /// The escape sequence of a terminal that gives the colour.
    const fn colour(self) -> &'static str {
        match self {
            Self::Green => "\x1b[32m",
            Self::Amber => "\x1b[33m",
            Self::Red => "\x1b[31m",
        }
    }
}

// === impl Findings ===

impl Findings {
    /// Is anything red?
    pub fn is_red(&self) -> bool {
        self.worst() == Status::Red
    }

    /// For people: status, subject, text; the remedy on a line of its own.
    pub fn write_text(&self, out: &mut impl Write, colour: bool) -> io::Result<()> {
        let width = self.0.iter().map(|f| f.subject.chars().count()).max().unwrap_or_default();
        for Finding { status, subject, text, remedy } in &self.0 {
            let (on, off) = if colour { (status.colour(), "\x1b[0m") } else { ("", "") };
            writeln!(out, "{on}{:5}{off}  {subject:width$}  {text}", status.as_str())?;
            if let Some(remedy) = remedy {
                writeln!(out, "{:5}  {:width$}  -> {remedy}", "", "")?;
            }
        }
        Ok(())
    }

    /// For scripts: `{"status": …, "findings": [{"status", "subject", "text", "remedy"}]}`.
    pub fn write_json(&self, out: &mut impl Write) -> io::Result<()> {
        let document = Document { status: self.worst(), findings: &self.0 };
        serde_json::to_writer_pretty(&mut *out, &document)?;
        writeln!(out)
    }

    fn worst(&self) -> Status {
        self.0.iter().map(|finding| finding.status).max().unwrap_or(Status::Green)
    }
}

impl From<&Problems> for Findings {
    fn from(problems: &Problems) -> Self {
        let finding = |problem: &crate::config::Problem| {
            let text = format!("{}: {}", problem.place, problem.what);
            let subject = if problem.key.is_empty() { "configuration" } else { &problem.key };
            Finding::red(subject, text, &problem.remedy)
        };
        Self(problems.0.iter().map(finding).collect())
    }
}
