//! `cargo xtask`: what a developer or CI runs. Every task is one command, and says what it needs.

mod agree;
mod bench;
mod browser;
mod checks;
mod child;
mod demo;
mod dst;
mod fuzz;
mod gadget;
mod kills;
mod out;
mod package;
mod picture;
mod programs;
mod steps;
mod tools;
mod workspace;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::out::say;

const LONG_ABOUT: &str = "\
Runs the tasks of Lockstep's developers and of its CI. Nothing has to be installed by hand: what a \
task needs and can install, it installs; what it cannot, it names with the remedy.

  cargo xtask demo          see the product at work: a page with a desktop and a remote control
  cargo xtask demo --once   the same day without a person, checked; exits 0 or 1
  cargo xtask test          everything that must pass
  cargo xtask browser       the stories in a real browser: desktop, gadget, server, simulators
  cargo xtask dst           days of storms in simulated time, from seeds; the laws are the judge
  cargo xtask kills         the real binary killed a hundred times under load, in the three modes
  cargo xtask gadget        build what the agent's desktop loads, and print its sizes
  cargo xtask agree         the module and the core, held against each other on random histories
  cargo xtask fuzz          look for bytes that break a parser
  cargo xtask package       the Debian package and the image; check installs, runs and removes it
  cargo xtask bench         measurements of the release build, beside a bare relay in the same run
  cargo xtask ci            what is checked besides: format, lints, documentation, dependencies,
                            instructions per event";

/// The tasks of Lockstep's developers and of its CI.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask", long_about = LONG_ABOUT, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Show Lockstep at work: both simulators, the server, the gadget, twelve agents, a short day
    ///
    /// Builds, starts webex-sim, finesse-sim and lockstep on free ports of this machine, and plays
    /// a day in a live table and on a page, which opens in your browser: left an agent's simulated
    /// desktop with the real gadget, right a remote control. When the day is over, or when you press
    /// a key, the twelve agents are yours: set presence, ring, answer, hang up, make trouble.
    /// Nothing is left behind when it ends. Without a terminal on standard output it does what
    /// --once does.
    Demo {
        /// Play the day without a person, with four desktops in headless Chromium, and check every
        /// agent and every panel after every scene; exit 0 or 1
        ///
        /// Installs Chromium and its driver (apt-get) if they are missing, or says how.
        #[arg(long)]
        once: bool,
    },
    /// Run Lockstep in a simulated world, from seeds; --help lists the arguments
    ///
    /// Network, clock, disk, crashes, people, Webex and Finesse are drawn from the seed: the same seed
    /// is the same run. A seed that breaks a law is printed with the command that replays it.
    #[command(disable_help_flag = true)]
    Dst {
        /// --seeds N, --from N, --hours N, or --seed N to replay one
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Kill the real binary at random moments under load, in the three modes on both platforms
    ///
    /// Presences change fifty times a second, people choose lunch and take calls, desktops are loaded
    /// anew and suspended, also while the process is down. After each kill that is given the time,
    /// everybody must be right: no hold forgotten, none stolen. The tests do the same with fewer kills.
    Kills {
        /// How often
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
        kills: u32,
        /// People at work in each site
        #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
        agents: u32,
        /// Where chance begins; it is printed
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Run everything that must pass: tests, simulated storms, fuzz targets, WebAssembly, the demo
    ///
    /// Stops at the first failure. Installs Chromium with its driver and npm (apt-get) and adds the
    /// target wasm32-unknown-unknown if they are missing, or says how.
    Test,
    /// Run the stories in headless Chromium: the simulated desktop, the gadget, the server
    ///
    /// Installs Chromium and its driver (apt-get) if they are missing, or says how. Pictures of what
    /// was seen are in target/pictures.
    Browser {
        /// Only stories whose name contains this
        name: Option<String>,
    },
    /// Build the gadget's bundle, target/gadget, and print its sizes
    ///
    /// The next build of the server takes it in. Needs npm for the official Socket.IO client, which
    /// is pinned with its checksum. Adds the target wasm32-unknown-unknown if it is missing, or says
    /// how. Does nothing where nothing has changed; fails where the bundle has grown too large.
    Gadget,
    /// Play 10,000 random histories in the browser's module and in the core of this machine
    ///
    /// Needs node, which comes with npm. Fails where the two decide differently in a single word.
    Agree,
    /// Look for bytes that break a parser: libFuzzer on each target in fuzz/
    ///
    /// Starts from the inputs in fuzz/corpus and those found before on this machine
    /// (target/fuzz/found), and ends with a table. A panic, an input that takes longer than 10 s,
    /// memory out of proportion to the input: each is told with the input that did it, exit 1.
    /// Needs a C++ compiler, because libFuzzer is built from source; the Rust compiler may be a
    /// stable one.
    Fuzz {
        /// One target instead of all: config, rules, …
        target: Option<String>,
        /// How long each target is given
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
        seconds: u64,
        /// Copy to fuzz/corpus what reaches code that nothing kept there reaches
        #[arg(long)]
        keep: bool,
    },
    /// Measure the release build: latency beside a bare relay, scale, writes, instructions
    ///
    /// Prints tables and exits 1 where a figure is not as promised; docs/performance.md tells how
    /// each is measured. Wants a quiet machine. Installs valgrind (apt-get) if it is missing, or
    /// says how.
    Bench {
        /// One measurement instead of all
        #[arg(value_enum)]
        only: Option<bench::Part>,
        /// Runs of lockstep and of the relay, in turns
        #[arg(long, default_value_t = 5)]
        runs: usize,
        /// Another build of lockstep, compared in turns with this one: latency or push
        #[arg(long, value_name = "FILE", requires = "only")]
        against: Option<PathBuf>,
        /// Count the instructions per event and keep that count as the new one
        #[arg(long)]
        accept: bool,
    },
    /// Check format, lints, documentation, dependencies and the count of instructions per event
    ///
    /// Adds rustfmt and clippy, and installs cargo-deny into target/tools, if they are missing, or
    /// says how. Advisories are left out: their database is not there without a network.
    Ci,
    /// Make what is installed: the Debian package, the image; --help lists the parts
    #[command(subcommand)]
    Package(package::Package),
    /// Draw docs/demo.svg and docs/desktop.png: the demo in two moments of a real run
    Picture {
        /// Where the table goes
        #[arg(long, value_name = "FILE", default_value = "docs/demo.svg")]
        table: PathBuf,
        /// Where the agent's desktop goes
        #[arg(long, value_name = "FILE", default_value = "docs/desktop.png")]
        desktop: PathBuf,
    },
    /// Becomes another program that ends when its parent does
    #[command(hide = true)]
    Guard {
        /// The process that must be alive
        parent: u32,
        /// What to become
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        command: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Demo { once } => demo::run(once),
        Task::Dst { arguments } => dst::run(&arguments),
        Task::Browser { name } => browser::run(name.as_deref()),
        Task::Kills { kills, agents, seed } => kills::run(kills::Wish { kills, agents, seed }),
        Task::Gadget => gadget::run(),
        Task::Agree => agree::run(),
        Task::Test => Ok(checks::test()),
        Task::Ci => Ok(checks::ci()),
        Task::Fuzz { target, seconds, keep } => {
            let span = Duration::from_secs(seconds);
            fuzz::run(fuzz::Wish { target: target.as_deref(), span, keep })
        }
        Task::Bench { only, runs, against, accept } => {
            bench::run(&bench::Wish { only, runs, against, accept })
        }
        Task::Package(what) => package::run(&what),
        Task::Picture { table, desktop } => picture::run(&table, &desktop),
        Task::Guard { parent, command } => Err(child::become_guarded(parent, &command)),
    };
    done.unwrap_or_else(|error| {
        say(&format!("xtask: {error:#}"));
        ExitCode::FAILURE
    })
}
