//! The Webex client against the simulated Webex: over real sockets with short waits, and in memory
//! and paused time with the product's own.

mod frames;
mod instances;
mod limits;
mod losses;
mod memory;
mod pauses;
mod people;
mod polling;
mod reactions;
mod refusals;
mod rig;
mod start;
mod storms;
mod switchover;
mod tokens;
mod watchdog;
