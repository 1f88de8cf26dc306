//! What `lockstep check` found: one screen for people, JSON for scripts.

use std::io::{self, Write};

use serde::Serialize;

use crate::config::Problems;

/// Of a screen; terminals are as wide or wider.
const COLUMNS: usize = 80;
/// Characters of a subject that the text stands beside.
const LONGEST_SUBJECT: usize = 19;
/// Findings that are told of many alike.
const ALIKE: usize = 3;

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

/// What a finding belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Section {
    /// The file, and what is on this machine.
    Configuration,
    /// Nodes, accounts, teams, reasons.
    Finesse,
    /// Who is watched.
    Agents,
    /// The token and the services.
    Webex,
    /// What desktops load from this server.
    Desktops,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it belongs to.
    pub section: Section,
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
        let (section, subject) = (Section::Configuration, subject.to_owned());
        Self { section, status: Status::Green, subject, text: text.into(), remedy: None }
    }

    /// It works, but look at it.
    pub fn amber(subject: &str, text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { status: Status::Amber, ..Self::red(subject, text, remedy) }
    }

    /// Is the same to be done about the same thing?
    fn is_like(&self, other: &Self) -> bool {
        self.remedy.is_some()
            && (self.status, &self.subject, &self.remedy)
                == (other.status, &other.subject, &other.remedy)
    }

    /// It will not work.
    pub fn red(subject: &str, text: impl Into<String>, remedy: impl Into<String>) -> Self {
        let remedy = Some(remedy.into());
        Self { status: Status::Red, remedy, ..Self::green(subject, text) }
    }
}

// === impl Section ===

impl Section {
    /// In the order of the screen.
    const ALL: [Self; 5] =
        [Self::Configuration, Self::Finesse, Self::Agents, Self::Webex, Self::Desktops];

    const fn title(self) -> &'static str {
        match self {
            Self::Configuration => "Configuration and state",
            Self::Finesse => "Finesse",
            Self::Agents => "Agents",
            Self::Webex => "Webex",
            Self::Desktops => "Desktops",
        }
    }
}

// === impl Screen ===

/// How findings are laid out.
struct Screen {
    /// Columns of the subject.
    width: usize,
    colour: bool,
}

impl Screen {
    /// `last` of those that are alike: with their remedy, and how many `more` there are.
    fn write(
        &self,
        finding: &Finding,
        last: bool,
        more: usize,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let Finding { status, subject, text, remedy, .. } = finding;
        let (on, off) = if self.colour { (status.colour(), "\x1b[0m") } else { ("", "") };
        let width = self.width;
        // The status and the gaps around the subject.
        let indent = 2 + 5 + 2 + width + 2;
        let mut lines = wrapped(text, COLUMNS - indent).into_iter();
        let first = lines.next().unwrap_or_default();
        write!(out, "  {on}{:5}{off}  ", status.as_str())?;
        if subject.chars().count() > width {
            write!(out, "{subject}\n{:indent$}", "")?;
        } else {
            write!(out, "{subject:width$}  ")?;
        }
        writeln!(out, "{first}")?;
        for line in lines {
            writeln!(out, "{:indent$}{line}", "")?;
        }
        if more > 0 && last {
            writeln!(out, "{:indent$}and {more} more; --json tells all", "")?;
        }
        let remedy = remedy.as_deref().filter(|_| last).unwrap_or_default();
        for (at, line) in wrapped(remedy, COLUMNS - indent - 3).iter().enumerate() {
            let arrow = if at == 0 { "->" } else { "  " };
            writeln!(out, "{:indent$}{arrow} {line}", "")?;
        }
        Ok(())
    }
}

/// `text` in lines of at most `width` characters; a longer word has a line of its own.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
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

    /// Adds what was found of `section`.
    pub fn add(&mut self, section: Section, found: Vec<Finding>) {
        self.0.extend(found.into_iter().map(|finding| Finding { section, ..finding }));
    }

    /// For people, within 80 columns: status, subject, text; the remedy below it. Of many that are
    /// alike the first few are told.
    pub fn write_text(&self, out: &mut impl Write, colour: bool) -> io::Result<()> {
        let width = self.0.iter().map(|f| f.subject.chars().count()).max().unwrap_or_default();
        let screen = Screen { width: width.min(LONGEST_SUBJECT), colour };
        for section in Section::ALL {
            let of: Vec<&Finding> = self.0.iter().filter(|f| f.section == section).collect();
            if of.is_empty() {
                continue;
            }
            writeln!(out, "{}", section.title())?;
            for alike in of.chunk_by(|one, other| one.is_like(other)) {
                for (at, finding) in alike.iter().take(ALIKE).enumerate() {
                    let last = at + 1 == alike.len().min(ALIKE);
                    screen.write(finding, last, alike.len().saturating_sub(ALIKE), out)?;
                }
            }
        }
        writeln!(out, "\n{}", self.verdict())
    }

    /// One sentence for all.
    fn verdict(&self) -> String {
        let count = |status| self.0.iter().filter(|finding| finding.status == status).count();
        let (red, amber) = (count(Status::Red), count(Status::Amber));
        let counts = format!("{red} red, {amber} amber, {} green", count(Status::Green));
        match (red, amber) {
            (0, 0) => format!("{counts}: ready."),
            (0, _) => format!("{counts}: it works; look at what is amber."),
            _ => format!("{counts}: it will not work until what is red is cured."),
        }
    }

    /// For scripts: `{"status": …, "findings": [{"section", "status", "subject", "text", "remedy"}]}`.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn screen(findings: &Findings, colour: bool) -> String {
        let mut out = Vec::new();
        findings.write_text(&mut out, colour).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn it_fits_80_columns_and_remedies_stand_below() {
        let mut findings = Findings::default();
        let long = "finesse refused the password of account supervisor1; correct it, it is not tried again";
        findings.add(
            Section::Finesse,
            vec![
                Finding::green("node", "http://127.0.0.1:8445 is in service, UCCX"),
                Finding::red(
                    "team Sales",
                    long,
                    "check the password and the rights of the team's supervisor, then check again",
                ),
            ],
        );
        assert_eq!(
            screen(&findings, false),
            "\
Finesse
  green  node        http://127.0.0.1:8445 is in service, UCCX
  red    team Sales  finesse refused the password of account supervisor1;
                     correct it, it is not tried again
                     -> check the password and the rights of the team's
                        supervisor, then check again

1 red, 0 amber, 1 green: it will not work until what is red is cured.
"
        );
        assert!(screen(&findings, false).lines().all(|line| line.chars().count() <= COLUMNS));
        assert!(screen(&findings, true).contains("\x1b[31mred  \x1b[0m"));
    }

    #[test]
    fn of_many_alike_three_are_told_with_one_remedy() {
        let one = |n: usize| Finding::amber("agents in webex", format!("agent{n}"), "add it");
        let findings = Findings((1..=9).map(one).collect());
        let screen = screen(&findings, false);
        assert!(screen.contains("agent3") && !screen.contains("agent4"), "{screen}");
        assert!(screen.contains("and 6 more; --json tells all"), "{screen}");
        assert_eq!(screen.matches("-> add it").count(), 1);
    }

    #[test]
    fn a_long_subject_has_a_line_of_its_own() {
        let findings = Findings(vec![Finding::green("agents.overrides.somebody", "is there")]);
        assert!(screen(&findings, false).lines().all(|line| line.chars().count() <= COLUMNS));
        assert!(screen(&findings, false).contains("agents.overrides.somebody\n"));
    }
}
