//! `finesse-sim`: the simulated Finesse as a program, for the demo and for looking at by hand.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Parser, ValueEnum};
use finesse_sim::{
    AgentState, Config, Deployment, Fault, FinesseSim, Phase, Scope, usual_teams, usual_users,
};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

const ABOUT: &str = r#"A simulated Cisco Finesse (REST and desktop) on loopback.

Accounts, all with the password `secret`: `administrator`; `supervisor1`, who supervises every
team; agents 1001001, 1001002, … with the loginNames agent1001, agent1002, …

Play the people by the control API:
  GET  /sim/users/agent1001
  PUT  /sim/users/agent1001/state  {"state":"NOT_READY","reason":"Lunch","by":"agent"}
  POST /sim/users/agent1001/call   {"event":"ring"}   then answer, hold, resume, end; or rona
  GET  /sim/faults                 what can go wrong; POST {"fault":"slow_cti"}, DELETE ends all
  PUT  /sim/layout                 a desktop layout; the desktop is at /desktop/
  GET  /sim/log                    what was asked, and what the document does not allow"#;

/// A simulated Cisco Finesse (REST) on loopback
#[derive(Debug, Parser)]
#[command(version, long_about = ABOUT)]
struct Arguments {
    /// Where the primary node listens; loopback only, port 0 for any
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8445")]
    listen: SocketAddr,
    /// Where a secondary node listens; both share one contact centre
    #[arg(long, value_name = "ADDR")]
    secondary: Option<SocketAddr>,
    /// How many agents there are
    #[arg(long, value_name = "N", default_value_t = 5)]
    agents: usize,
    /// Over how many teams they are spread: Sales, Support, Billing, Team 4, …
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    teams: u32,
    /// Which contact centre stands behind it
    #[arg(long, value_enum)]
    deployment: DeploymentArgument,
    /// Make a CA in DIR (ca.pem) and serve HTTPS by it
    #[arg(long, value_name = "DIR")]
    tls: Option<PathBuf>,
    /// The desktop's layout, as exported from Finesse; default: one without gadgets
    #[arg(long, value_name = "FILE")]
    layout: Option<PathBuf>,
    /// The vendor's finesse.js, in place of the simulator's own
    #[arg(long, value_name = "FILE")]
    finesse_js: Option<PathBuf>,
    /// The vendor's jQuery, in place of the simulator's own
    #[arg(long, value_name = "FILE")]
    jquery: Option<PathBuf>,
    /// Agents start signed out instead of READY
    #[arg(long)]
    signed_out: bool,
    /// Draw ids, delays and chances from this seed, the same at every start
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// How long CTI takes to apply a state change
    #[arg(long, value_name = "FROM-TO", default_value = "20-120", value_parser = milliseconds)]
    cti_delay_ms: (u64, u64),
    /// How long wrap-up lasts
    #[arg(long, value_name = "MS", default_value_t = 10_000)]
    wrap_up_ms: u64,
    /// Every answer takes this long; a fault like any other, so DELETE /sim/faults ends it
    #[arg(long, value_name = "FROM-TO", value_parser = milliseconds)]
    latency_ms: Option<(u64, u64)>,
    /// The chance, 0 to 1, of a 500: half before, half after the request took effect
    #[arg(long, value_name = "P", value_parser = chance)]
    error_rate: Option<f64>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum DeploymentArgument {
    /// Unified Contact Center Express
    Uccx,
    /// Unified Contact Center Enterprise
    Ucce,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If even standard error is closed, the exit code has to say it.
            let _ = writeln!(io::stderr(), "finesse-sim: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();
    let config = config(Arguments::parse())?;
    let mut terminated = signal(SignalKind::terminate()).context("failed to watch for SIGTERM")?;
    let mut interrupted = signal(SignalKind::interrupt()).context("failed to watch for SIGINT")?;
    let sim = FinesseSim::start(config).await.context("failed to start finesse-sim")?;
    announce(&sim).context("failed to announce the addresses")?;
    tokio::select! {
        _ = terminated.recv() => {}
        _ = interrupted.recv() => {}
    }
    sim.shutdown().await;
    Ok(())
}

/// One line per node, for people and for scripts that wait for it.
fn announce(sim: &FinesseSim) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "finesse-sim listening on {}", sim.base_url())?;
    if let Some(secondary) = sim.secondary_url() {
        writeln!(out, "finesse-sim listening on {secondary}")?;
    }
    out.flush()
}

fn config(arguments: Arguments) -> anyhow::Result<Config> {
    let deployment = match arguments.deployment {
        DeploymentArgument::Uccx => Deployment::Uccx,
        DeploymentArgument::Ucce => Deployment::Ucce,
    };
    let state = if arguments.signed_out { AgentState::Logout } else { AgentState::Ready };
    let (from, to) = arguments.cti_delay_ms;
    Ok(Config {
        listen: arguments.listen,
        secondary: arguments.secondary,
        teams: usual_teams(arguments.teams),
        users: usual_users(arguments.agents, arguments.teams, state),
        cti_delay: (Duration::from_millis(from), Duration::from_millis(to)),
        wrap_up_for: Duration::from_millis(arguments.wrap_up_ms),
        faults: weather(arguments.latency_ms, arguments.error_rate),
        tls: arguments.tls,
        layout: text(arguments.layout)?,
        finesse_js: text(arguments.finesse_js)?,
        jquery: text(arguments.jquery)?,
        seed: arguments.seed,
        ..Config::empty(deployment)
    })
}

fn text(file: Option<PathBuf>) -> anyhow::Result<Option<String>> {
    let read = |file: PathBuf| {
        let failed = || format!("failed to read {}", file.display());
        std::fs::read_to_string(&file).with_context(failed)
    };
    file.map(read).transpose()
}

fn weather(latency: Option<(u64, u64)>, error_rate: Option<f64>) -> Vec<(Fault, Scope)> {
    let mut faults = Vec::new();
    if let Some((min_ms, max_ms)) = latency {
        let fault = Fault::Latency { min_ms, max_ms, phase: Phase::Before };
        faults.push((fault, Scope::default()));
    }
    if let Some(rate) = error_rate {
        let scope = Scope { probability: Some(rate / 2.0), ..Scope::default() };
        faults.push((Fault::ErrorBefore { status: 500 }, scope.clone()));
        faults.push((Fault::ErrorAfter { status: 500 }, scope));
    }
    faults
}

fn milliseconds(text: &str) -> Result<(u64, u64), String> {
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let number = |text: &str| text.parse::<u64>().map_err(|_| format!("{text} is no number"));
    let (from, to) = (number(from)?, number(to)?);
    if from > to { Err(format!("{from} is above {to}")) } else { Ok((from, to)) }
}

fn chance(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(chance) if (0.0..=1.0).contains(&chance) => Ok(chance),
        _ => Err("a chance is between 0 and 1".to_owned()),
    }
}
