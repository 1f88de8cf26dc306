//! The laws, asserted: histories that people wrote down, and random ones.
//!
//! `finesse_model` is a small Finesse, `world` sets agent, presence and model against each other,
//! `clockwork` runs them on simulated time, `laws` watches every step, `stories` are named
//! histories (each defect of the public sample among them) `histories` makes random ones, and
//! `shrunk` keeps those that broke a law once.

mod clockwork;
mod finesse_model;
mod histories;
mod laws;
mod shrunk;
mod stories;
mod stories_answers;
mod stories_call;
mod stories_clocks;
mod stories_echo;
mod stories_failover;
mod stories_human;
mod stories_overtaken;
mod stories_restart;
mod stories_roster;
mod stories_source;
mod world;
