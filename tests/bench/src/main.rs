//! `cargo xtask bench` runs this: measurements of the release build as tables.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use lockstep_bench::latency;
use lockstep_bench::load::Load;
use lockstep_bench::out::say;
use lockstep_bench::scale;

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

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let done = runtime
        .context("failed to start the runtime")
        .and_then(|runtime| runtime.block_on(measure(Arguments::parse().what)));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("bench: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn measure(what: What) -> anyhow::Result<()> {
    match what {
        What::Latency { runs, agents, teams, rate, seconds } => {
            let load = Load { rate, lasts: Duration::from_secs(seconds) };
            let (lockstep, relay) = (beside("lockstep")?, beside("relay")?);
            // Not on the main thread, whose runtime cannot step aside for the sender.
            let plan = latency::Plan { lockstep, relay, runs, agents, teams, load };
            tokio::spawn(async move { latency::run(&plan).await })
                .await
                .context("the measurement panicked")?
        }
        What::Scale { agents, teams } => {
            let plan = scale::Plan { lockstep: beside("lockstep")?, agents, teams };
            scale::run(&plan).await
        }
    }
}

/// A program that was built with this one.
fn beside(name: &str) -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe().context("this program has no path")?;
    let path = own.with_file_name(name);
    anyhow::ensure!(path.is_file(), "{} is not there; cargo xtask bench builds it", path.display());
    Ok(path)
}
