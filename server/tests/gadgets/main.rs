//! The gadgets' side of the server over real sockets, spoken to by a small client of its own.

mod client;
mod link;
mod rig;
