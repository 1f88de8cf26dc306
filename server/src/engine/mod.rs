//! One task owns every agent; everything else sends it messages, and its timers live here.
//!
//! The engine carries things about and decides nothing: presence goes into
//! `lockstep_core::presence::Person`, what follows from it into `lockstep_core::agent::Agent`, and
//! what comes out is recorded ([`crate::ledger`]), then asked of Finesse ([`dispatch`]), and told
//! ([`report`]).

pub mod dispatch;
mod look;
mod message;
pub mod report;
mod row;
mod slot;
mod task;
#[cfg(test)]
mod tests;
mod waiting;

pub use message::{Message, Policy, Roster, Watched};
pub use row::Row;
pub use task::{Engine, Handle, MESSAGES};
