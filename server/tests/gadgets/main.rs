//! The gadgets' side of the server over real sockets, spoken to by a small client of its own.

mod abuse;
mod client;
mod kept;
mod link;
mod origin;
mod plain;
mod proof;
mod rig;
mod stopping;
mod strangers;
mod tokens;
