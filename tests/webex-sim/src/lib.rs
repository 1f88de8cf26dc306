//! A stand-in for the Webex cloud: discovery, devices, Mercury, presence, people.
//!
//! It is faithful enough that the vendor's own client works against it unchanged, strict enough
//! that a client's mistake is refused and counted ([`Counters::violations`]), and can fail in
//! every way that was ever seen ([`Fault`], [`catalogue()`]). Where a doc comment says "wire notes",
//! the project's notes on Webex's protocol are meant, by their section.
//!
//! ```no_run
//! # async fn story() -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//! use webex_sim::{Config, Fault, WebexSim};
//!
//! let sim = WebexSim::start(Config { agents: 3, ..Config::default() }).await?;
//! // … start the client with sim.u2c_url(), sim.api_url() and sim.token() …
//! sim.wait_for("three subscriptions", Duration::from_secs(5), |sim| sim.subscriptions() == 3)
//!     .await?;
//! sim.set_presence("agent1001@example.com", "dnd")?;
//! sim.inject(Fault::close(1000, "idle"))?;
//! assert_eq!(sim.violations(), Vec::<String>::new());
//! sim.shutdown().await;
//! # Ok(()) }
//! ```
//!
//! What it does not do: encryption, conversations, calls, and anything of a second organisation.

mod apheleia;
mod call;
mod catalog;
mod clock;
mod cloud;
mod config;
mod control;
mod delivery;
mod devices;
mod faults;
mod gate;
mod grants;
mod hydra;
mod ids;
mod inject;
mod journal;
mod listen;
mod mercury;
mod network;
mod people;
mod presence;
mod refusal;
mod routes;
mod sim;
mod small;
mod sockets;
mod subscriptions;
mod tokens;
mod wdm;

pub use config::{Config, PersonSpec, StartError};
pub use delivery::UnknownPerson;
pub use faults::{
    ActiveFault, Fault, FaultEntry, FaultId, FaultOrder, OrderError, Parameter, When, catalogue,
};
pub use journal::{Counters, Entry, Kind};
pub use network::{Listen, Stream};
pub use people::Person;
pub use presence::{Change, Presence};
pub use sim::{NeverTrue, WebexSim};
pub use sockets::Socket;
