//! The Webex client against the simulated Webex, over real sockets.

mod frames;
mod limits;
mod losses;
mod people;
mod refusals;
mod rig;
mod start;
mod tokens;
