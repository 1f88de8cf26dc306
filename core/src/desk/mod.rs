//! One gadget: what it knows, whether it is its turn to act, and what it tells.
//!
//! Between the link, the live Finesse user and [`Agent`](crate::agent::Agent) stands the [`Desk`]:
//! [`Desk::step`] takes what happened and yields what the shell must do, in that order. It runs an
//! agent only while it is the writer and the link is up; otherwise it watches, and shows.

mod answer;
mod input;
mod link;
mod machine;
mod reasons;
mod retry;
#[cfg(test)]
pub(crate) mod tests;

pub use answer::{Reply, answer};
pub use input::{DeskInput, DeskOutput};
pub use link::Link;
pub use machine::{Desk, MOST_DECISIONS};
pub use reasons::{Listed, Reasons};
pub use retry::{Trouble, pause};
