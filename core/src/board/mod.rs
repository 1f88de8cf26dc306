//! What a supervisor sees of one agent at a glance: words, marks, a sentence by name and what comes
//! next. Pure wording for a page that updates it; the gadget reaches none of this.
//!
//! Nothing here holds a time of day: the reader's clock is the page's.

mod marks;
mod sentence;
pub mod story;
#[cfg(test)]
mod tests;
mod words;

use crate::Time;
use crate::agent::{Code, LedgerEntry};
use crate::finesse::AgentView;
use crate::presence::Want;

pub use marks::{MISMATCH_AFTER, Mark};
pub use words::{presence, reason, state, wanted};

/// Who acts for an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writer {
    /// The server, in a supervisor's name.
    Server,
    /// A gadget in the agent's own desktop.
    Gadget,
    /// Nobody: a dry run, or no gadget is there.
    Nobody,
}

impl Writer {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Gadget => "gadget",
            Self::Nobody => "nobody",
        }
    }
}

/// What is known of one agent now.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "facts about one agent, each by itself")]
pub struct Glance<'a> {
    /// What the agent is called.
    pub name: &'a str,
    /// Now.
    pub now: Time,
    /// What is wanted, and from which presence.
    pub want: Option<&'a Want>,
    /// What Finesse showed last.
    pub view: Option<&'a AgentView>,
    /// Since when Finesse shows that, on our clock.
    pub changed_at: Option<Time>,
    /// Hold, snooze and the like.
    pub ledger: &'a LedgerEntry,
    /// The last decision.
    pub code: Option<Code>,
    /// Who acts.
    pub writer: Writer,
    /// Is Webex's word older than it may be?
    pub stale: bool,
    /// Is the same human known in Webex?
    pub in_webex: bool,
    /// Is nothing touched, only told?
    pub dry_run: bool,
    /// Is the whole team left alone for a while?
    pub paused: bool,
}
