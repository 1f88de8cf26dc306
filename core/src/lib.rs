//! Every decision of Lockstep, and nothing else.
//!
//! Inputs and "now" go in; commands and an explanation come out. No I/O, no async, no clock, no
//! randomness: the same crate runs in the server (server mode) and, built for
//! `wasm32-unknown-unknown`, in the agent's browser (gadget mode), so the modes cannot disagree.
//!
//! - [`presence`] — what a source said about a person, ordered and composed over devices
//! - [`rules`] — data that turns the source's facts into what is [`rules::Wanted`]
//! - [`finesse`] — Finesse's words, and who may do what
//! - [`staffing`] — who is left READY, so that a team keeps enough of them
//! - [`agent`] — the state machine of one agent: holds, one request in flight, explained decisions
//! - [`writer`] — which of an agent's gadgets acts
//! - [`protocol`] — the messages between the server and the gadget
//! - [`desk`] — the gadget's side of them: whose turn it is, what is reported, which reason is sent
//! - [`panel`] — what the gadget shows its agent
//! - [`board`] — what a supervisor sees of an agent at a glance
//! - [`why`] — what a supervisor is told who asks why, out of the decisions that were kept

pub mod agent;
pub mod board;
pub mod desk;
pub mod finesse;
mod id;
pub mod panel;
pub mod presence;
pub mod protocol;
pub mod rules;
pub mod staffing;
mod time;
pub mod why;
pub mod words;
pub mod writer;

pub use id::{AgentId, PersonId, TeamId};
pub use time::Time;
