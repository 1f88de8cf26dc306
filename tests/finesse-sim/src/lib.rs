//! A stand-in for Cisco Finesse on UCCX and UCCE: REST, states, calls, reason codes.
//!
//! One simulated contact centre behind one or two nodes on loopback sockets. It follows the Finesse
//! notes to the letter, refuses what they do not allow and counts it as a violation, and has a fault
//! for each failure they name. Tests use it in-process:
//!
//! ```no_run
//! # async fn story() -> Result<(), finesse_sim::StartError> {
//! use finesse_sim::{By, CallEvent, Config, Deployment, Fault, FinesseSim};
//!
//! let sim = FinesseSim::start(Config::new(Deployment::Uccx, 3)).await?;
//! sim.set_state("agent1001", "NOT_READY", Some("Lunch"), By::Agent).expect("allowed");
//! sim.call("agent1002", CallEvent::Ring).expect("READY");
//! sim.fault(Fault::SlowCti { delay_ms: 14_000 });
//! // … run the client against sim.base_url() …
//! assert_eq!(sim.violations(), Vec::<String>::new());
//! sim.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! `model` knows no socket and no clock; `rest` knows no socket; `server` joins them.

mod clock;
mod config;
mod control;
mod desktop;
mod faults;
mod log;
mod model;
mod rest;
mod server;
mod view;

pub use clock::Clock;
pub use config::{Certificate, Config, usual_reasons, usual_teams, usual_users};
pub use desktop::Act;
pub use faults::{
    Fault, PendingShape, Phase, ReasonShape, Scope, Unauthorized, desktop_fault_names, fault_names,
};
pub use log::{Counters, Outcome, RequestRecord};
pub use model::CallEvent;
pub use model::cti::CtiError;
pub use model::history::{EventKind, HistoryEntry, ReasonView};
pub use model::reasons::{Category, ReasonSpec};
pub use model::state::{AgentState, By, Deployment, Via};
pub use model::user::{UserSpec, WrapUpMode};
pub use rest::route::Endpoint;
pub use server::{
    Asked, CallOptions, CtiAnswer, FinesseSim, Node, Refused, ScriptError, StartError,
};
pub use view::UserView;
