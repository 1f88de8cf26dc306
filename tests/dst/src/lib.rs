//! Lockstep in a simulated world.
//!
//! Engine, directory, ledger and the real Webex client run under `turmoil` against webex-sim over a
//! simulated network, and against finesse-sim's contact centre behind the Finesse port. Everything
//! that happens is drawn from one seed; the same seed writes the same journal, byte for byte.
//! Storms alternate with quiet, and when it is quiet everybody must be right ([`laws`]).

pub mod act;
pub mod campaign;
pub mod cloud;
pub mod desk;
pub mod desktops;
pub mod journal;
pub mod laws;
pub mod network;
mod page;
pub mod presence;
pub mod product;
pub mod run;
pub mod store;
pub mod storm;
pub mod time;
pub mod wire;

pub use journal::Detail;
pub use laws::{Law, Violation};
pub use run::{Order, Report, run};
