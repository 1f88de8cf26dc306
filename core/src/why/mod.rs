//! Why somebody is in the state they are in, for a supervisor: sentences out of what was kept of
//! the decisions. Pure wording, for a command, a page, or whoever else answers.
//!
//! [`answer`] takes the decisions that fell before a moment, newest first, and says what was the
//! case then, from what it followed, what comes next, and what nobody can know.

mod entry;
mod left;
mod story;
#[cfg(test)]
mod tests;
mod words;

pub use entry::{Asked, Entry, Held, Presence, Side};
pub use words::{Question, Unknown, answer, cause};
