//! `lockstep reasons`: what Finesse has of the reasons that the rules name, and making the rest.

mod create;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use lockstep_core::finesse::labels::{FIRST_NUMBER, ReasonCode, Standing, numbers};

use super::FAILED;
use crate::clock::Clock;
use crate::config::Config;
use crate::finesse::rest::Rest;
use crate::finesse::{Finesse as _, Team, User};
use crate::preflight::{Reasons, TeamAndAgent};
use crate::roster::{is_team, select};
use crate::{assembly, tls};

const REASONS_HELP: &str = "\
Agents are shown Not Ready with a reason, and Finesse takes only reasons that an administrator has
configured: for every team (global), or assigned to the agent's team. They are found by label, so
their numbers are yours to choose; reports show the numbers.

Exit codes: 0 nothing is missing; 1 something is missing, or Finesse refused; 2 the configuration
is not valid.";

const CREATE_HELP: &str = "\
Nothing that exists is changed or deleted. A reason that exists and is not assigned to a team is
named, and left to you: Finesse administration, Team Resources. Finesse takes new reasons on its
primary node only; the node of finesse.nodes that does is found. On Packaged CCE reasons are made
in Unified CCE Management, and Finesse refuses them here.

Define the same numbers on the platform (Unified CCE, Unified CCX), or its reports may show another
text for them.

Example:
  lockstep reasons --config lockstep.toml                     # look first; changes nothing
  lockstep reasons create --config lockstep.toml              # for every team
  lockstep reasons create --config lockstep.toml --team Sales # for this team alone";

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(after_help = REASONS_HELP)]
pub(super) struct ReasonsCommand {
    #[command(subcommand)]
    create: Option<Create>,
    #[command(flatten)]
    look: Option<Look>,
}

#[derive(Debug, Args)]
struct Look {
    /// The configuration, a TOML file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Only for this team, by name or id; otherwise for every team that is watched.
    #[arg(long, value_name = "NAME")]
    team: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Create {
    /// Create the reasons that are missing in Finesse, and print each.
    #[command(after_help = CREATE_HELP)]
    Create {
        #[command(flatten)]
        look: Look,
        /// Give the new reasons the first free numbers from this one upwards.
        #[arg(long, value_name = "NUMBER", default_value_t = FIRST_NUMBER,
              value_parser = clap::value_parser!(i64).range(1..=65_535))]
        first_number: i64,
    },
}

impl ReasonsCommand {
    /// The configuration that it needs; the command line's reader sees to it that one is given.
    pub(super) fn file(&self) -> &Path {
        match (&self.create, &self.look) {
            (Some(Create::Create { look, .. }), _) | (None, Some(look)) => &look.config,
            (None, None) => Path::new(""),
        }
    }

    /// Lists, or creates.
    pub(super) fn run(&self, config: &Config) -> anyhow::Result<ExitCode> {
        tls::install();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.context("failed to start the runtime")?;
        let mut out = io::stdout().lock();
        let complete = match (&self.create, &self.look) {
            (Some(Create::Create { look, first_number }), _) => {
                runtime.block_on(create::create(config, look, *first_number, &mut out))?
            }
            (None, Some(look)) => runtime.block_on(list(config, look, &mut out))?,
            (None, None) => bail!("a configuration is needed: --config FILE"),
        };
        Ok(if complete { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
    }
}

/// What is asked for, and what there is.
struct Seen {
    labels: Vec<Arc<str>>,
    teams: Vec<TeamAndAgent>,
    reasons: Reasons,
}

impl Seen {
    async fn read(port: &Rest, config: &Config, team: Option<&str>) -> anyhow::Result<Self> {
        let system = port.system().await.context("failed to ask finesse what it is")?;
        let users = port.users().await.context("failed to read finesse's users")?;
        let teams = teams(config, &users, team)?;
        let labels = assembly::all_labels(config);
        let reasons = Reasons::read(port, system.deployment, &teams, &labels).await;
        let reasons = reasons.context("failed to read finesse's reasons")?;
        Ok(Self { labels, teams, reasons })
    }

    fn are_complete(&self) -> bool {
        let of = |label: &Arc<str>| self.reasons.standings(label).all(|(_, s)| s.is_usable());
        self.labels.iter().all(of)
    }

    /// The labels that nothing in Finesse has.
    fn missing(&self) -> impl Iterator<Item = &Arc<str>> {
        self.labels.iter().filter(|label| {
            self.reasons.standings(label).any(|(_, standing)| standing == Standing::Missing)
        })
    }
}

/// The teams to look at, each with one of its agents: the one that is named, or those watched.
fn teams(
    config: &Config,
    users: &[User],
    named: Option<&str>,
) -> anyhow::Result<Vec<TeamAndAgent>> {
    let mut teams: Vec<TeamAndAgent> = Vec::new();
    let chosen = select(&config.agents, &config.finesse.supervisors, users).chosen;
    let homes = users.iter().filter_map(|user| Some((user, user.team.as_ref()?)));
    let wanted: Vec<(&User, &Team)> = match named {
        Some(name) => homes.filter(|(_, team)| is_team(team, name)).collect(),
        None => chosen,
    };
    for (user, team) in wanted {
        if !teams.iter().any(|(known, _)| known.id == team.id) {
            teams.push((team.clone(), user.id.clone()));
        }
    }
    match (teams.is_empty(), named) {
        (true, Some(name)) => bail!("finesse has no team {name} with anybody in it"),
        (true, None) => bail!("nobody would be watched: see agents.teams and agents.users"),
        (false, _) => Ok(teams),
    }
}

async fn list(config: &Config, look: &Look, out: &mut impl Write) -> anyhow::Result<bool> {
    let port = assembly::finesse(config, Clock::system())?;
    let seen = Seen::read(&port, config, look.team.as_deref()).await?;
    let (platform, range) = (seen.reasons.deployment, numbers(seen.reasons.deployment));
    writeln!(
        out,
        "The reasons that the rules name, in Finesse ({platform}: numbers {} to {})\n",
        range.start(),
        range.end()
    )?;
    for label in &seen.labels {
        for line in lines(&seen.reasons, label) {
            writeln!(out, "  {line}")?;
        }
    }
    if seen.labels.is_empty() {
        writeln!(out, "  the rules name none")?;
    }
    let missing = seen.missing().count();
    if missing > 0 {
        let create = create_command(look);
        writeln!(out, "\n{missing} missing. To create them: {create}")?;
    }
    Ok(seen.are_complete())
}

fn create_command(look: &Look) -> String {
    let team = look.team.as_ref().map(|team| format!(" --team {team:?}")).unwrap_or_default();
    format!("lockstep reasons create --config {}{team}", look.config.display())
}

/// One line where all teams are alike, else one for each team.
fn lines(reasons: &Reasons, label: &str) -> Vec<String> {
    let mut rows: Vec<(String, &Team)> = Vec::new();
    for (team, standing) in reasons.standings(label) {
        rows.push((words(standing), team));
    }
    let alike = rows.windows(2).all(|pair| pair[0].0 == pair[1].0);
    let of_team =
        |(words, team): &(String, &Team)| format!("{label:<24}  {words}, team {}", team.name);
    match rows.first() {
        Some((words, _)) if alike && words.contains("every team") => {
            vec![format!("{label:<24}  {words}")]
        }
        _ => rows.iter().map(of_team).collect(),
    }
}

fn words(standing: Standing<'_>) -> String {
    let number = |code: &ReasonCode| {
        code.code.map_or_else(|| "no number".to_owned(), |code| format!("number {code}"))
    };
    match standing {
        Standing::Global(code) => format!("there     {}, every team", number(code)),
        Standing::OnTeam(code) => format!("there     {}", number(code)),
        Standing::Elsewhere(code) => format!("not here  {}, not assigned", number(code)),
        Standing::System(code) => format!("not ours  {}, a reason of Finesse's own", number(code)),
        Standing::Missing => "missing".to_owned(),
    }
}
