//! Lockstep's server: keeps a Cisco Finesse agent's state in step with that person's Webex
//! presence.
//!
//! Shells only: [`webex`] and [`finesse`] speak to the outside, everything that is decided is
//! decided in `lockstep_core`.

pub mod assembly;
pub mod cli;
pub mod clock;
pub mod config;
pub mod dashboard;
mod database;
pub mod directory;
pub mod engine;
pub mod finesse;
pub mod gadget_files;
pub mod gadgets;
pub mod http;
pub mod instance;
pub mod journal;
pub mod layout;
pub mod ledger;
pub mod mailbox;
#[cfg(feature = "measured")]
pub mod measured;
pub mod metering;
pub mod pipeline;
pub mod poll;
pub mod preflight;
pub mod roster;
pub mod running;
pub mod schedule;
pub mod service;
pub mod status;
pub mod systemd;
pub mod telemetry;
pub mod tls;
pub mod traces;
pub mod webex;
