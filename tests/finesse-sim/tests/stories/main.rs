//! The simulator as a client meets it: real sockets, one story per promise.

mod control;
mod desk;
mod desktop;
mod faults;
mod permits;
mod program;
mod refusals;
mod resources;
mod state_changes;
