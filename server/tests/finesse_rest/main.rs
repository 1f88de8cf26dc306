//! The Finesse client against the simulator: what an operator of either deployment meets.

mod accounts;
mod answers;
mod changing;
mod identify;
mod nodes;
mod reading;
mod stage;
mod tls;
