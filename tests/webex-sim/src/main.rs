//! `webex-sim`: the simulated Webex as a process of its own.

use std::io::Write as _;
use std::net::SocketAddr;

use anyhow::Context as _;
use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;
use webex_sim::{Config, PersonSpec, WebexSim};

/// What the control API looks like from a shell.
const EXAMPLES: &str = r#"Examples, with the address that it printed:
  curl -X PUT  $SIM/sim/people/agent1001@example.com/presence -d '{"status":"dnd"}'
  curl         $SIM/sim/faults      every fault with its parameters, and those that are set
  curl -X POST $SIM/sim/faults -d '{"fault":"http_status","endpoint":"wdm","status":503,"times":2}'
  curl -X POST $SIM/sim/faults -d '{"fault":"mercury_close","code":1000,"reason":"idle"}'
  curl -X DELETE $SIM/sim/faults
  curl         $SIM/sim/log         what clients did; "violations" should be 0

RUST_LOG=webex_sim=debug shows the log as it grows."#;

/// Stands in for the Webex cloud: discovery, devices, the Mercury socket, presence and people,
/// all under one loopback address.
///
/// A client is pointed at <address>/u2c/api/v1 for discovery and at <address>/v1 for the public
/// API, with any token of the form <anything>_PF84_<uuid>. Presence is changed, faults are set and
/// the log is read over HTTP under /sim.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
struct Arguments {
    /// Where to listen: a loopback address; port 0 takes a free one.
    ///
    /// When it is ready, one line on standard output has the real address.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    listen: SocketAddr,

    /// How many people there are: agent1001@DOMAIN, agent1002@DOMAIN, …
    #[arg(long, value_name = "N", default_value_t = 10)]
    agents: usize,

    /// The domain of those people.
    #[arg(long, value_name = "DOMAIN", default_value = "example.com")]
    domain: String,

    /// One more person, by address; may be given many times.
    #[arg(long = "person", value_name = "ADDRESS")]
    people: Vec<String>,

    /// Makes all ids the same in every run.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();

    let mut terminate = signal(SignalKind::terminate()).context("failed to await SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("failed to await SIGINT")?;
    let people = arguments.people.iter().map(|address| PersonSpec::from(address.as_str()));
    let sim = WebexSim::start(Config {
        listen: arguments.listen,
        agents: arguments.agents,
        domain: arguments.domain,
        people: people.collect(),
        seed: arguments.seed,
        ..Config::default()
    })
    .await?;
    let mut out = std::io::stdout();
    writeln!(out, "webex-sim listening on {}", sim.base_url()).context("failed to say where")?;
    out.flush().context("failed to say where")?;

    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    sim.shutdown().await;
    Ok(())
}
