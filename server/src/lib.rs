//! Lockstep's server: keeps a Cisco Finesse agent's state in step with that person's Webex
//! presence.
//!
//! Shells only: [`webex`] and [`finesse`] speak to the outside, everything that is decided is
//! decided in `lockstep_core`.

pub mod cli;
pub mod clock;
pub mod config;
pub mod engine;
pub mod finesse;
pub mod ledger;
pub mod telemetry;
pub mod webex;
