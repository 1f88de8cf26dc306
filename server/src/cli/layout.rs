//! `lockstep layout add` and `lockstep layout check`.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};

use super::{FAILED, complain, place};
use crate::layout::{Address, Layout, MAX_BYTES, Outcome, Placement, Roles, Weight};

/// The name of a file that stands for stdin or stdout.
const STANDARD: &str = "-";

const ADD_HELP: &str = "\
Where the layout comes from, and where it goes:
  In Finesse administration open Manage Desktop Layout (for one team: Team Resources, Desktop
  Layout), copy the text into a file, and paste the outcome back. It takes effect at the next
  sign-in.

What is changed:
  The gadget's lines are put in; every other byte stays as it is. Where a role has the gadget
  already, on any page or tab, nothing is done. A layout that Finesse would refuse is refused
  here, with line and column.

Examples:
  lockstep layout add --config lockstep.toml --in current.xml --out new.xml
  lockstep layout add --url https://lockstep.example.com --role agent --place headless \\
      --in - --out - < current.xml > new.xml
  lockstep layout add --url /3rdpartygadget/files/lockstep/lockstep.xml \\
      --in current.xml --out new.xml";

#[derive(Debug, Subcommand)]
pub(super) enum LayoutCommand {
    /// Put the gadget into a desktop layout, and keep everything else byte for byte.
    #[command(after_help = ADD_HELP)]
    Add(Add),
    /// Check a desktop layout: what Finesse would refuse, and what its documents do not speak of.
    ///
    /// Exits 1 when Finesse would refuse it.
    Check {
        /// The layout; - for stdin.
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// The layout as Finesse has it; - for stdin.
    #[arg(long = "in", value_name = "FILE")]
    input: PathBuf,
    /// Where to write the layout with the gadget; - for stdout.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The gadget's XML, or the server that serves it at /gadget/lockstep.xml.
    #[arg(long, value_name = "URL", required_unless_present = "config", conflicts_with = "config")]
    url: Option<Address>,
    /// Take the server's address from the key `http.public_url` of this configuration.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Whose desktops get the gadget.
    #[arg(long, value_enum, default_value = "all")]
    role: Roles,
    /// Where it is put.
    #[arg(long, value_enum, default_value = "page")]
    place: Placement,
}

pub(super) fn run(
    command: &LayoutCommand,
    environment: Vec<(OsString, OsString)>,
) -> anyhow::Result<ExitCode> {
    match command {
        LayoutCommand::Add(arguments) => add(arguments, environment),
        LayoutCommand::Check { file } => check(file),
    }
}

fn add(arguments: &Add, environment: Vec<(OsString, OsString)>) -> anyhow::Result<ExitCode> {
    let address = match (&arguments.url, &arguments.config) {
        (Some(address), _) => address.clone(),
        (None, Some(path)) => match place::of_config(path, environment) {
            Ok(server) => Address::of_server(&server),
            Err(code) => return Ok(code),
        },
        (None, None) => anyhow::bail!("say where the gadget is, by --url or --config"),
    };
    let bytes = read(&arguments.input)?;
    let name = arguments.input.display();
    let layout = match Layout::read(&bytes) {
        Ok(layout) => layout,
        Err(error) => return Ok(refused(&format!("{name}: {error}"))),
    };
    match layout.add(&address, arguments.role, arguments.place) {
        Ok(outcome) => {
            write(&arguments.out, &outcome.bytes)?;
            tell(&outcome, &address);
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => Ok(refused(&format!("{name}: {error}"))),
    }
}

/// The outcome may be on stdout, so what is told goes to stderr.
fn tell(outcome: &Outcome, address: &Address) {
    for remark in &outcome.remarks {
        complain(&format!("note: {remark}"));
    }
    for role in &outcome.roles {
        let done = if role.added { "added" } else { "there already" };
        complain(&format!("{}: {done}, {}: {address}", role.role, role.at));
    }
    if outcome.roles.iter().all(|role| !role.added) {
        complain("nothing to do: the layout is as it was");
    }
}

fn refused(why: &str) -> ExitCode {
    complain(&format!("lockstep: the layout is refused, nothing was written\n{why}"));
    ExitCode::from(FAILED)
}

fn check(file: &Path) -> anyhow::Result<ExitCode> {
    let bytes = read(file)?;
    let mut out = io::stdout().lock();
    let name = file.display();
    let findings = match Layout::read(&bytes) {
        Ok(layout) => layout.findings(),
        Err(error) => {
            writeln!(out, "red    {name}: {error}")?;
            return Ok(ExitCode::from(FAILED));
        }
    };
    for finding in &findings {
        let colour = if finding.weight == Weight::Fault { "red" } else { "amber" };
        writeln!(out, "{colour:5}  {name}: {finding}")?;
    }
    if findings.iter().any(|finding| finding.weight == Weight::Fault) {
        return Ok(ExitCode::from(FAILED));
    }
    writeln!(out, "green  {name}: a desktop layout")?;
    Ok(ExitCode::SUCCESS)
}

/// Reads one byte more than a layout may have, so that a larger one is told from one that fits.
fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX) + 1;
    let read = if path == Path::new(STANDARD) {
        io::stdin().lock().take(most).read_to_end(&mut bytes)
    } else {
        fs::File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes))
    };
    read.with_context(|| format!("failed to read {}", path.display()))?;
    Ok(bytes)
}

/// A file is there whole or not at all: a layout that is cut off may be pasted all the same.
fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if path == Path::new(STANDARD) {
        let mut out = io::stdout().lock();
        out.write_all(bytes)?;
        return Ok(out.flush()?);
    }
    let failed = || format!("failed to write {}", path.display());
    let mut name = path.file_name().with_context(failed)?.to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    fs::write(&new, bytes).and_then(|()| fs::rename(&new, path)).with_context(failed)
}
