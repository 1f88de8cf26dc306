//! `lockstep-dst`: runs seeds and says what became of them.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use lockstep_dst::campaign::{Campaign, DEFAULT_MINUTES, LONG_MINUTES, campaign};
use lockstep_dst::{Detail, Order, run};

/// Runs Lockstep in a simulated world, one seed after the other.
#[derive(Debug, Parser)]
struct Arguments {
    /// Runs this one seed and prints its whole journal
    #[arg(long, value_name = "N", conflicts_with_all = ["seeds", "from", "hours"])]
    seed: Option<u64>,
    /// How many seeds
    #[arg(long, value_name = "N", default_value_t = 200)]
    seeds: u64,
    /// The first seed
    #[arg(long, value_name = "N", default_value_t = 1)]
    from: u64,
    /// As many seeds as it takes to simulate so many hours, instead of a number of seeds
    #[arg(long, value_name = "N", conflicts_with = "seeds")]
    hours: Option<u64>,
    /// How long each seed is at least, in simulated minutes: 20, one storm and its quiet; with
    /// --hours 60, some storms after each other
    #[arg(long, value_name = "N")]
    minutes: Option<u64>,
    /// Seeds at once; as many as there are processors when absent
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Runs every seed twice and compares the journals
    #[arg(long, conflicts_with = "seed")]
    twice: bool,
    /// A request that reaches Finesse after a human's choice of which its sender could not know yet
    /// breaks a law, too (gadget and auto modes)
    #[arg(long)]
    races: bool,
    /// With --seed: every frame, request and thought too
    #[arg(long, requires = "seed")]
    everything: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let usual = if arguments.hours.is_some() { LONG_MINUTES } else { DEFAULT_MINUTES };
    let span = Duration::from_mins(arguments.minutes.unwrap_or(usual));
    // Whoever breaks a law by a panic is told of in the report; the threads' own words are noise.
    std::panic::set_hook(Box::new(|_| {}));
    let well = if let Some(seed) = arguments.seed {
        replay(seed, span, arguments.everything, arguments.races)
    } else {
        let processors = || std::thread::available_parallelism().ok().map(std::num::NonZero::get);
        campaign(&Campaign {
            from: arguments.from,
            seeds: arguments.hours.is_none().then_some(arguments.seeds),
            simulated: arguments.hours.map(Duration::from_hours),
            span,
            jobs: arguments.jobs.or_else(processors).unwrap_or(1),
            twice: arguments.twice,
            races: arguments.races,
        })
    };
    if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn replay(seed: u64, span: Duration, everything: bool, races: bool) -> bool {
    let detail = if everything { Detail::Everything } else { Detail::Usual };
    let report = run(&Order { seed, span, detail, whole: true, races });
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(&report.whole.unwrap_or_default());
    for violation in &report.violations {
        let _ = writeln!(out, "broken: {violation}");
    }
    let (lines, digest) = report.digest;
    let _ = writeln!(out, "seed {seed}: {lines} lines, digest {digest:016x}");
    report.violations.is_empty()
}
