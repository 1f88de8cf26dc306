use super::{Listed, Reply, Trouble};
use crate::Time;
use crate::agent::{LedgerEntry, Snooze};
use crate::finesse::{AgentView, Target};
use crate::protocol::{ToGadget, ToServer};

/// All that can happen to a gadget. Times are on the server's clock as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeskInput {
    /// The link is open.
    LinkUp,
    /// The link is gone; it is tried again.
    LinkDown,
    /// There is no session or no link, for this reason.
    Trouble(Trouble),
    /// The server says this.
    Heard(ToGadget),
    /// Finesse was asked, and said this of the agent.
    Seen {
        /// What it said.
        view: AgentView,
        /// When the question was sent.
        asked_at: Time,
        /// How far Finesse's clock is ahead of the server's, in milliseconds.
        clock_ahead_ms: i64,
    },
    /// Finesse has told this of the agent by itself. It may have been on its way for a while, so that a
    /// look has overtaken it.
    Pushed {
        /// What it said.
        view: AgentView,
        /// As with [`DeskInput::Seen`].
        clock_ahead_ms: i64,
    },
    /// A look that we asked for brought nothing.
    LookFailed,
    /// The desktop says that Finesse is gone.
    FinesseGone,
    /// The desktop says that Finesse is back.
    FinesseBack,
    /// What Finesse replied to a request.
    Replied {
        /// The request's number.
        request: u64,
        /// The reply.
        reply: Reply,
    },
    /// The agent's reasons, as Finesse lists them; empty where none are configured.
    Reasons(Vec<Listed>),
    /// The reasons could not be read.
    ReasonsFailed,
    /// The agent wants to be left alone.
    Snooze(Snooze),
    /// The agent takes that back.
    Unsnooze,
    /// The time asked for by `next_wake` has come.
    Wake,
}

/// What the shell must do, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeskOutput {
    /// Say this to the server.
    Tell(ToServer),
    /// Keep this in the browser's tab, so that a reload finds it.
    Keep(Box<LedgerEntry>),
    /// Ask Finesse for this change and report by [`DeskInput::Replied`].
    Set {
        /// The request's number.
        request: u64,
        /// The state.
        target: Target,
        /// The database id of the reason; `None` where Finesse lists no reason at all, and for READY.
        reason: Option<String>,
    },
    /// Look at the agent and report by [`DeskInput::Seen`] or [`DeskInput::LookFailed`].
    Look,
    /// Read the reasons and report by [`DeskInput::Reasons`] or [`DeskInput::ReasonsFailed`].
    ReadReasons,
    /// Close the link and do not come back: only a reload of the desktop mends this.
    Leave,
}
