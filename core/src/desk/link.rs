use super::Trouble;
use crate::Time;

/// The link to the server, as far as the agent has to know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// It was never open.
    Opening,
    /// It is open and the server has welcomed us, or will.
    Live,
    /// It was lost then, and is tried again.
    Lost {
        /// Since when.
        since: Time,
    },
    /// It cannot be opened.
    Barred(Trouble),
}
