//! Lockstep: keeps a Cisco Finesse agent's state in step with that person's Webex presence.

use std::process::ExitCode;

use clap::Parser;
use lockstep::cli::{self, Cli};

fn main() -> ExitCode {
    // The one place where the process's own arguments and environment are read.
    cli::execute(&Cli::parse(), std::env::vars_os().collect())
}
