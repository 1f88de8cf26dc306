//! The laws, asserted: histories that people wrote down, and random ones.
//!
//! `finesse_model` is a small Finesse, `world` sets agent, presence and model against each other,
//! `clockwork` runs them on simulated time, `laws` watches every step, `stories` are named
//! histories (each defect of the public sample among them) `histories` makes random ones, and
//! `shrunk` keeps those that broke a law once.

#![cfg_attr(
    not(test),
    expect(dead_code, reason = "the stories use what the numbered histories do not")
)]

#[cfg(feature = "agree")]
pub(super) mod agree;
mod clockwork;
mod finesse_model;
#[cfg(test)]
mod histories;
mod laws;
mod ops;
#[cfg(test)]
mod rehearsals;
#[cfg(test)]
mod shrunk;
#[cfg(test)]
mod stories;
#[cfg(test)]
mod stories_answers;
#[cfg(test)]
mod stories_call;
#[cfg(test)]
mod stories_clocks;
#[cfg(test)]
mod stories_crossed;
#[cfg(test)]
mod stories_echo;
#[cfg(test)]
mod stories_failover;
#[cfg(test)]
mod stories_human;
#[cfg(test)]
mod stories_overtaken;
#[cfg(test)]
mod stories_restart;
#[cfg(test)]
mod stories_roster;
#[cfg(test)]
mod stories_source;
#[cfg(test)]
mod stories_turns;
mod world;
