//! The desk as a machine: stories, and inputs at random.

pub(crate) mod bench;
mod random;
mod stories;
mod stories_asleep;
mod stories_crossed;
mod stories_reasons;
