//! What the gadget shows its agent: a pure picture of the [`Desk`](crate::desk::Desk), for any view
//! that can draw it.
//!
//! Every sentence is in `words`, says why before what, and tells what comes next.

mod about;
mod face;
mod model;
mod rows;
#[cfg(test)]
pub(crate) mod tests;
mod words;

pub use words::labels;

pub use face::{Face, Shape};
pub use model::{Glimpse, LinkWord, Panel, Row, SnoozeOffer};
