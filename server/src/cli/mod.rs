//! The command line.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{Config, Origin, Problems};
use crate::telemetry;

pub mod check;
mod finding;
mod gadget;
mod healthcheck;
mod journal;
mod layout;
mod moment;
mod people;
mod place;
mod reasons;
pub mod rules;
pub mod run;
mod why;

use check::Form;
pub use finding::{Finding, Findings, Section, Status};
use gadget::GadgetCommand;
use journal::JournalCommand;
use layout::LayoutCommand;
use reasons::ReasonsCommand;

/// Something failed; for `check`, something is red.
const FAILED: u8 = 1;
/// The configuration, or the command line, cannot be used.
const INVALID: u8 = 2;

const LONG_ABOUT: &str = "\
Keeps a Cisco Finesse agent's state in step with that person's Webex presence: while a person is \
busy in Webex no customer call is routed to them, and when they are free again they are back in \
the queue. What they, or their supervisor, chose by hand is never overridden.";

const CHECK_HELP: &str = "\
What is looked at:
  Configuration  the file, the rules, what this build has of the gadget, state.dir
  Finesse        each node: in service, its clock, its certificate; the administrator's account;
                 supervisors and their teams; the reasons that the rules name
  Agents         who would be watched, and whom Webex knows
  Webex          the token, its kind and organisation; discovery, device, socket, subscriptions
  Desktops       the public address and its certificate, the gadget, CORS for each origin

Certificates are always verified. No secret is part of a finding.

Exit codes: 0 nothing is red; 1 something is; 2 the configuration is not valid, and nothing was
contacted.";

const AFTER_HELP: &str = "\
Exit codes:
  0  done; for check: nothing is red
  1  failed; for check: something is red
  2  the configuration or the command line is not valid; nothing was contacted

Environment:
  LOCKSTEP_SECTION__KEY  overrides a key of the configuration, as in LOCKSTEP_SYNC__HOLD_DOWN=1s;
                         lists and tables as TOML text
  LOCKSTEP_LOG           what is logged to stderr, as in info,lockstep::finesse=debug; for check
                         and reasons nothing, unless it is set

Example:
  lockstep check --config /etc/lockstep/lockstep.toml
  lockstep run --config /etc/lockstep/lockstep.toml";

/// Keeps a Cisco Finesse agent's state in step with that person's Webex presence.
#[derive(Debug, Parser)]
#[command(name = "lockstep", version, long_about = LONG_ABOUT, after_help = AFTER_HELP)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve, in the foreground.
    ///
    /// SIGTERM and SIGINT finish what is under way and exit 0. SIGHUP reads the configuration
    /// again; a broken one is reported, and the old one stays.
    Run(ConfigFile),
    /// Check the configuration and everything that it leads to, before anything depends on it.
    ///
    /// Each finding is green, amber or red; a red one keeps Lockstep from working, and comes with its
    /// remedy. What the mode does not use is amber at most. Nobody's state is changed; in Webex a
    /// device of the check's own is registered and removed again. It takes fifteen seconds at most,
    /// whatever is dead.
    #[command(after_help = CHECK_HELP)]
    Check {
        #[command(flatten)]
        file: ConfigFile,
        /// Print the findings as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Ask a running server how it is: exit 0 where it answers that it is well.
    ///
    /// For the health checks of container engines and of scripts; needs no configuration.
    Healthcheck(healthcheck::Question),
    /// Show the rules that apply, and which rule each known presence meets.
    Rules(ConfigFile),
    /// Show which reasons the rules name and Finesse has, per team; create what is missing.
    ///
    /// Without `create` nothing is changed.
    Reasons(ReasonsCommand),
    /// Say why an agent is, or was, in the state they are in.
    Why(why::Why),
    /// What was decided, of everybody.
    #[command(subcommand)]
    Journal(JournalCommand),
    /// The gadget that runs in the agents' desktops.
    #[command(subcommand)]
    Gadget(GadgetCommand),
    /// The desktop layouts of Finesse, which say where the gadget is shown.
    #[command(subcommand)]
    Layout(LayoutCommand),
}

#[derive(Debug, Args)]
struct ConfigFile {
    /// The configuration, a TOML file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

/// Does what the command line says, and reports failure on stderr.
pub fn execute(cli: &Cli, environment: Vec<(OsString, OsString)>) -> ExitCode {
    let filter = environment
        .iter()
        .find(|(name, _)| name == telemetry::FILTER_VARIABLE)
        .map(|(_, value)| value.to_string_lossy().into_owned());
    // What check and reasons have to say is their screen; the log would run through it.
    let is_screen = matches!(cli.command, Command::Check { .. } | Command::Reasons(_));
    let filter = filter.or_else(|| is_screen.then(|| "off".to_owned()));
    if let Err(error) = telemetry::init(filter.as_deref()) {
        complain(&format!("lockstep: {error}"));
        return ExitCode::from(INVALID);
    }
    let plain = environment.iter().any(|(name, value)| name == "NO_COLOR" && !value.is_empty());
    let outcome = match &cli.command {
        Command::Run(file) => configured(&file.config, false, environment, run::run),
        Command::Check { file, json } => {
            let form = match (*json, plain) {
                (true, _) => Form::Json,
                (false, true) => Form::Plain,
                (false, false) => Form::Coloured,
            };
            configured(&file.config, *json, environment, |config, origin| {
                check::check(&config, origin, form)
            })
        }
        Command::Rules(file) => configured(&file.config, false, environment, |config, _| {
            rules::print(&config, &mut io::stdout().lock())?;
            Ok(ExitCode::SUCCESS)
        }),
        Command::Reasons(command) => {
            configured(command.file(), false, environment, |config, _| command.run(&config))
        }
        Command::Why(wish) => {
            configured(&wish.file.config, false, environment, |config, _| why::why(&config, wish))
        }
        Command::Journal(JournalCommand::Export(wish)) => {
            let file = &wish.file.config;
            configured(file, false, environment, |config, _| journal::export(&config, wish))
        }
        Command::Healthcheck(question) => healthcheck::ask(question),
        Command::Gadget(command) => gadget::run(command, environment),
        Command::Layout(command) => layout::run(command, environment),
    };
    outcome.unwrap_or_else(|error| failed(&error))
}

/// Does what needs the whole configuration; `json`: how to tell that it is not valid.
fn configured(
    path: &Path,
    json: bool,
    environment: Vec<(OsString, OsString)>,
    act: impl FnOnce(Config, &Origin) -> anyhow::Result<ExitCode>,
) -> anyhow::Result<ExitCode> {
    let origin = Origin::new(path.to_owned(), environment);
    match origin.load() {
        Ok(config) => act(config, &origin),
        Err(problems) => invalid(&problems, json),
    }
}

/// Every problem, for people on stderr; as findings on stdout where JSON is asked for.
fn invalid(problems: &Problems, json: bool) -> anyhow::Result<ExitCode> {
    let count = match problems.0.len() {
        1 => "1 problem".to_owned(),
        count => format!("{count} problems"),
    };
    complain(&format!("lockstep: the configuration is not valid: {count}\n{problems}"));
    if json {
        Findings::from(problems).write_json(&mut io::stdout().lock())?;
    }
    Ok(ExitCode::from(INVALID))
}

fn failed(error: &anyhow::Error) -> ExitCode {
    let is_closed = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    if error.downcast_ref::<io::Error>().is_some_and(is_closed) {
        return ExitCode::SUCCESS; // whoever read our output has seen enough
    }
    complain(&format!("lockstep: {error:#}"));
    ExitCode::from(FAILED)
}

fn complain(text: &str) {
    // Nobody is left to tell when stderr itself is gone.
    let _ = writeln!(io::stderr().lock(), "{text}");
}
