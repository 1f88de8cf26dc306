//! One task owns every agent; everything else sends it messages, and its timers live here.
//!
//! The engine carries things about and decides nothing: presence goes into
//! `lockstep_core::presence::Person`, what follows from it into `lockstep_core::agent::Agent`, and
//! what comes out is recorded ([`crate::ledger`]), then asked of Finesse ([`dispatch`]), and told
//! ([`report`]).
//!
//! - `task` — the engine and its messages; `watching` — who; `presence` — what Webex says
//! - `steps` — one agent's step and what comes out; `timing` — what is due
//! - `kept` — what the journal is told of a decision
//! - `policies` — whose policy is which; `staffing` — who is left READY for the team's sake
//! - `slot` — one agent in it; `decider` — who decides for them; `row` — the same for people
//! - `gadget` — their gadgets come, go and take turns; `account` — what the one that acts reports;
//!   `onlookers` — what all of them are told; `tabs` — how they are reached

mod account;
mod decider;
mod deeds;
pub mod dispatch;
mod gadget;
mod handle;
mod kept;
mod look;
mod message;
mod news;
mod onlookers;
mod policies;
mod presence;
pub mod report;
mod row;
mod slot;
mod staffing;
mod steps;
mod tabs;
mod task;
#[cfg(test)]
mod tests;
mod timing;
mod waiting;
mod watching;

pub use deeds::{Deed, Told};
pub use handle::Handle;
pub use message::{
    FromGadget, GadgetPolicy, Message, Policy, Roster, Said, Unwatched, Watched, Way,
};
pub use news::News;
pub use policies::{Names, Policies};
pub use row::Row;
pub use tabs::{OUTBOX, Outbox};
pub use task::{Engine, MESSAGES};
