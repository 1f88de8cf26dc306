//! `cargo xtask bench` runs this: measurements of the release build as tables.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand, ValueEnum};
use lockstep_bench::load::Load;
use lockstep_bench::out::say;
use lockstep_bench::placement::{Placement, Seat};
use lockstep_bench::{journal, latency, push, ready, scale};

/// Teams of the gadgets' agents, who have fifty each.
const TEAM: u32 = 50;

/// Measures `lockstep` against both simulators
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Mercury frame in → PUT on the wire, against a bare relay, in turns
    Latency {
        /// Runs of each
        #[arg(long, default_value_t = 5)]
        runs: usize,
        /// Agents
        #[arg(long, default_value_t = 1_000)]
        agents: usize,
        /// Teams that they are spread over
        #[arg(long, default_value_t = 20)]
        teams: u32,
        /// Events per second
        #[arg(long, default_value_t = 300)]
        rate: u32,
        /// Seconds of each run
        #[arg(long, default_value_t = 8)]
        seconds: u64,
        /// Another build of lockstep, compared with this one instead of the relay
        #[arg(long, value_name = "FILE")]
        against: Option<PathBuf>,
    },
    /// Mercury frame in → Socket.IO frame out, against a bare relay, in turns
    Push(Push),
    /// A gadget's frame navigated → its panel live, in browsers with fresh profiles
    Ready {
        /// Browsers of each
        #[arg(long, default_value_t = 7)]
        runs: usize,
    },
    /// Decisions through the journal's writer: none lost, processor and bytes of each
    Journal {
        /// Decisions per second
        #[arg(long, default_value_t = 5_000)]
        rate: u32,
        /// Seconds
        #[arg(long, default_value_t = 30)]
        seconds: u64,
    },
    /// Starts with very many agents: time, requests, memory
    Scale {
        /// Agents
        #[arg(long, default_value_t = 10_000)]
        agents: usize,
        /// Teams that they are spread over
        #[arg(long, default_value_t = 25)]
        teams: u32,
    },
}

#[derive(Debug, Args)]
struct Push {
    /// Runs of each
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Where driver and program run
    #[arg(long, value_enum, default_value_t = Placement::Across)]
    placement: Placement,
    /// Seconds of each run
    #[arg(long, default_value_t = 8)]
    seconds: u64,
    /// Gadgets and events per second for latency
    #[arg(long, num_args = 2, default_values_t = [1_000, 1_000])]
    calm: Vec<u32>,
    /// Gadgets and events per second for the cost of a message
    #[arg(long, num_args = 2, default_values_t = [2_000, 10_000])]
    busy: Vec<u32>,
    /// Gadgets that are connected, and then as many in all
    #[arg(long, num_args = 2, default_values_t = [2_000, 5_000])]
    joins: Vec<usize>,
    /// These alone
    #[arg(long, value_enum)]
    only: Option<PushPart>,
    /// Another build of lockstep, compared with this one instead of the relay: latency and the
    /// cost of a message
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PushPart {
    /// Latency
    Calm,
    /// The cost of a message
    Busy,
    /// The cost of a connection
    Joins,
}

fn main() -> ExitCode {
    match start(Arguments::parse().what) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("bench: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn start(what: What) -> anyhow::Result<()> {
    // Before there are other threads, which run where this one may.
    let seat = match &what {
        What::Push(push) => push.placement,
        What::Latency { .. } | What::Ready { .. } | What::Journal { .. } | What::Scale { .. } => {
            Placement::Any
        }
    };
    let seat = seat.take()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.context("failed to start the runtime")?.block_on(measure(what, seat))
}

async fn measure(what: What, seat: Seat) -> anyhow::Result<()> {
    match what {
        What::Latency { runs, agents, teams, rate, seconds, against } => {
            let load = Load { rate, lasts: Duration::from_secs(seconds) };
            let (lockstep, relay) = (beside("lockstep")?, beside("relay")?);
            // Not on the main thread, whose runtime cannot step aside for the sender.
            let plan = latency::Plan { lockstep, relay, runs, agents, teams, load };
            let measured = async move {
                match against {
                    Some(before) => latency::against(&plan, before).await,
                    None => latency::run(&plan).await,
                }
            };
            tokio::spawn(measured).await.context("the measurement panicked")?
        }
        What::Push(push) => {
            let plan = push.plan(seat)?;
            let measured = async move {
                match &push.against {
                    Some(before) => push::against(&plan, before).await,
                    None => push::run(&plan).await,
                }
            };
            tokio::spawn(measured).await.context("the measurement panicked")?
        }
        What::Ready { runs } => {
            ready::run(&ready::Plan { lockstep: beside("lockstep")?, runs }).await
        }
        What::Journal { rate, seconds } => {
            journal::run(journal::Plan { rate, lasts: Duration::from_secs(seconds) }).await
        }
        What::Scale { agents, teams } => {
            let plan = scale::Plan { lockstep: beside("lockstep")?, agents, teams };
            scale::run(&plan).await
        }
    }
}

impl Push {
    fn plan(&self, seat: Seat) -> anyhow::Result<push::Plan> {
        let wants = |part| self.only.is_none_or(|only| only == part);
        let shape = |numbers: &[u32]| {
            let &[gadgets, rate] = numbers else { anyhow::bail!("two numbers are needed") };
            let load = Load { rate, lasts: Duration::from_secs(self.seconds) };
            Ok(push::Shape {
                gadgets: usize::try_from(gadgets)?,
                teams: gadgets.div_ceil(TEAM),
                load,
            })
        };
        let joins = || {
            let &[some, all] = self.joins.as_slice() else {
                anyhow::bail!("two numbers are needed")
            };
            Ok(([some, all], u32::try_from(all)?.div_ceil(TEAM)))
        };
        Ok(push::Plan {
            lockstep: beside("lockstep")?,
            relay: beside("push-relay")?,
            seat,
            runs: self.runs,
            calm: wants(PushPart::Calm).then(|| shape(&self.calm)).transpose()?,
            busy: wants(PushPart::Busy).then(|| shape(&self.busy)).transpose()?,
            joins: wants(PushPart::Joins).then(joins).transpose()?,
        })
    }
}

/// A program that was built with this one.
fn beside(name: &str) -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe().context("this program has no path")?;
    let path = own.with_file_name(name);
    anyhow::ensure!(path.is_file(), "{} is not there; cargo xtask bench builds it", path.display());
    Ok(path)
}
