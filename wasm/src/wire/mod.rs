//! The messages of [`lockstep_core::protocol`] as JSON text, read and written by hand.
//!
//! The derived readers of `core` and a general library for them make up more than the whole module
//! may weigh; these weigh a tenth. Every message goes through both in the tests and must come out
//! the same, and a field that `core` adds does not compile here until it is written.

mod fields;
mod json;
mod parts;
mod read;
mod session;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use json::Value;
pub(crate) use parts::{kept, write_kept};
pub(crate) use read::to_gadget;
pub(crate) use session::{refusal, refusal_of, request, session, socket_auth};
pub(crate) use write::to_server;
