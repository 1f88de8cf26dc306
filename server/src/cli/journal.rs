//! `lockstep journal export`.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use jiff::tz::TimeZone;
use lockstep_core::Time;

use super::moment::{FORMS, Reading};
use super::people::{self, Found};
use super::{ConfigFile, INVALID, complain};
use crate::clock::Clock;
use crate::config::Config;
use crate::journal::{JournalError, Reader, Span, csv_head, csv_row, json_row};

const EXPORT_HELP: &str = "\
Times in what is written are UTC, RFC 3339. In CSV a text that a spreadsheet could take for a formula
begins with an apostrophe.

Example:
  lockstep journal export --config lockstep.toml --from -1d > yesterday.csv
  lockstep journal export --config lockstep.toml --from 2026-11-21T08:00 --to 2026-11-21T18:00 \\
      --agent agent1001 --format json";

#[derive(Debug, Subcommand)]
pub(super) enum JournalCommand {
    /// Print decisions, oldest first, while the server runs or not.
    ///
    /// Nothing is changed. Run it as the user of the server: the journal is readable by nobody else.
    #[command(after_help = EXPORT_HELP)]
    Export(Export),
}

#[derive(Debug, Args)]
pub(super) struct Export {
    #[command(flatten)]
    pub(super) file: ConfigFile,
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, help = from_help())]
    from: Option<String>,
    /// Up to this moment, and not with it; now, unless given.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    to: Option<String>,
    /// Of this agent alone: loginId, loginName or name.
    #[arg(long)]
    agent: Option<String>,
    /// How.
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
}

fn from_help() -> String {
    format!("From this moment on: {FORMS}. From the beginning, unless given")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Comma-separated, with headings (RFC 4180).
    Csv,
    /// A list of objects, one per line.
    Json,
}

pub(super) fn export(config: &Config, wish: &Export) -> anyhow::Result<ExitCode> {
    let reading = Reading { now: Clock::system().now(), zone: TimeZone::system() };
    let span = match wish.span(&reading) {
        Ok(span) => span,
        Err(problem) => {
            complain(&format!("lockstep: {problem}"));
            return Ok(ExitCode::from(INVALID));
        }
    };
    let Some(journal) = people::journal(config)? else { return Ok(ExitCode::from(super::FAILED)) };
    let agent = match &wish.agent {
        None => None,
        Some(whom) => match people::find(&journal, whom)? {
            Found::One(person) => Some(person.agent),
            Found::Told => return Ok(ExitCode::from(super::FAILED)),
        },
    };
    let mut out = BufWriter::new(io::stdout().lock());
    write(&journal, span, agent.as_deref(), wish.format, &mut out)?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

impl Export {
    fn span(&self, reading: &Reading) -> Result<Span, String> {
        let read = |text: &Option<String>, otherwise| {
            text.as_deref().map_or(Ok(otherwise), |text| reading.read(text))
        };
        // What is decided while this runs has a place in it, too.
        let end = Time::from_millis(u64::MAX);
        let span = Span { from: read(&self.from, Time::default())?, to: read(&self.to, end)? };
        if span.from > span.to {
            return Err("--from is later than --to".to_owned());
        }
        Ok(span)
    }
}

/// Broken pipes are io errors, and are told from what is wrong with the journal.
#[derive(Debug, thiserror::Error)]
enum ExportError {
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Io(#[from] io::Error),
}

fn write(
    journal: &Reader,
    span: Span,
    agent: Option<&str>,
    format: Format,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let written = match format {
        Format::Csv => csv_head(out).map_err(ExportError::from).and_then(|()| {
            journal.export(span, agent, |cells| csv_row(out, cells).map_err(ExportError::from))
        }),
        Format::Json => write_json(journal, span, agent, out),
    };
    written.map_err(|error| match error {
        ExportError::Journal(error) => error.into(),
        ExportError::Io(error) => error.into(),
    })
}

fn write_json(
    journal: &Reader,
    span: Span,
    agent: Option<&str>,
    out: &mut impl Write,
) -> Result<(), ExportError> {
    let mut before = "[\n";
    journal.export(span, agent, |cells| {
        out.write_all(std::mem::replace(&mut before, ",\n").as_bytes())?;
        json_row(out, cells).map_err(ExportError::from)
    })?;
    out.write_all(if before == "[\n" { b"[]\n" } else { b"\n]\n" })?;
    Ok(())
}
