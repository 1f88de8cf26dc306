//! End-to-end tests: the real binary against both simulators over real sockets.
//!
//! A [`Site`] is one contact centre: both simulators in this process, a real configuration in a
//! scratch folder, and `lockstep run` as a process of its own. A story changes presences, states
//! and calls in the simulators and waits for what Lockstep makes of it; [`Site::end`] stops the
//! process and holds everything that must be true of every story against what was recorded.
//!
//! Nothing here sleeps to see what happens: a story waits for a state, for a decision in the log,
//! or, where nothing must happen, for a fence behind which it would have happened.

#![expect(clippy::missing_panics_doc, reason = "a story ends by saying what never came true")]

mod authority;
mod binary;
mod checks;
mod command;
mod config;
mod crowd;
mod decisions;
mod desktop;
mod files;
mod http;
mod log;
mod process;
mod secrets;
mod site;
mod stage;
mod systemd;
mod twin;
mod wait;

pub use authority::Authority;
pub use binary::lockstep;
pub use command::Said;
pub use config::{CLIENT_SECRET, PASSWORD, REFRESH_TOKEN, SiteConfig};
pub use crowd::{Tally, Weather, report};
pub use desktop::{Came, Desktop, Glance, NotOpen, ORIGIN, Socket};
pub use files::Folder;
pub use http::Page;
pub use log::{Decision, Line};
pub use process::{Exit, Process, Signal};
pub use site::{Site, on_both};
pub use systemd::Systemd;
pub use twin::Twin;
pub use wait::{PATIENCE, beat, eventually};
