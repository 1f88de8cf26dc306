//! The messages between the server and the gadget; nothing else crosses.
//!
//! One link belongs to one agent, who proved themselves before it was opened, and no message has
//! room for anybody else's presence. Fields and messages that one side does not know are passed
//! over, so that they can be added; a change that cannot be understood so gets a new
//! [`Version`], and the older side is told in words ([`VersionMismatch`]).
//!
//! The gadget says [`ToServer::Hello`] and is welcomed or refused. It acts only while it is the
//! writer, for the [`Term`] it was granted; the server takes no report of an older term for the
//! writer's word.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::agent::{AgentSettings, Decision, LedgerEntry};
use crate::finesse::{Actor, AgentView, Deployment};
use crate::presence::Want;
use crate::{AgentId, Time};

mod session;
#[cfg(test)]
mod tests;
mod version;

pub use session::{Refusal, RefusalCode, SessionReply, SessionRequest, SocketAuth};
pub use version::{VERSION, Version, VersionMismatch, agree};

/// The Socket.IO namespace of gadgets.
pub const NAMESPACE: &str = "/gadget";
/// The one event of either direction; it carries a [`ToServer`] or a [`ToGadget`].
pub const EVENT: &str = "lockstep";
/// Where a session is asked for.
pub const SESSION_PATH: &str = "/api/session";

/// One grant of the right to act for an agent; each is greater than the one before.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Term(u64);

impl Term {
    /// The first of those that a server gives which started at `time`: greater than all of those
    /// that it gave before a restart, because no grant takes less than a millisecond.
    #[must_use]
    pub const fn beginning_at(time: Time) -> Self {
        Self(time.as_millis())
    }

    /// The term of this number.
    pub const fn from_number(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn number(self) -> u64 {
        self.0
    }

    /// Is it before any term that was ever granted?
    pub const fn is_zero(&self) -> bool {
        self.0 == 0
    }

    /// The term after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// What the gadget says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToServer {
    /// The first word, also after every reconnect.
    Hello {
        /// What the gadget speaks; the only field that every version has.
        version: Version,
    },
    /// What the agent's state is and what was decided; answered by [`ToGadget::Received`].
    Report(Box<Report>),
    /// The agent wants to be left alone until then.
    Snooze {
        /// Until when, on the server's clock.
        until: Time,
    },
    /// The agent takes the snooze back.
    Unsnooze,
    /// The desktop is closed or signed out: do not wait for this gadget.
    Bye,
    /// A message of a later release.
    #[serde(other)]
    Other,
}

/// The gadget's account of the agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Grows with every report on this link.
    pub number: u64,
    /// The term it was made in; `None` by a gadget that only watches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<Term>,
    /// The last [`ToGadget::Wanted`] taken in: this is its acknowledgement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wanted: Option<u64>,
    /// What Finesse shows, once it was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view: Option<AgentView>,
    /// The hold and what else must survive this browser.
    #[serde(default)]
    pub ledger: LedgerEntry,
    /// What was decided, where the report tells a decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// It answers [`ToGadget::Revoke`]: nothing follows it in this term.
    #[serde(default, skip_serializing_if = "is_false")]
    pub last: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// What the server says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToGadget {
    /// The answer to a hello that was understood.
    Welcome {
        /// What the server speaks.
        version: Version,
        /// Whose link this is.
        agent: AgentId,
        /// The server's clock, on which all times of these messages are.
        now: Time,
        /// How the agent is handled.
        policy: Policy,
    },
    /// The answer to a hello of another version, for people to read.
    Incompatible {
        /// What the server speaks.
        version: Version,
        /// What is wrong and what to do.
        message: String,
    },
    /// What is wanted of this agent now.
    Wanted {
        /// Grows with every message of this kind on this link; acknowledged by the next report.
        sequence: u64,
        /// What is wanted, and why.
        want: Want,
    },
    /// From now on this gadget acts, in this term.
    Grant {
        /// The term.
        term: Term,
        /// What the journal holds of the agent; `None` where nothing is known of them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ledger: Option<LedgerEntry>,
    },
    /// From now on this gadget only watches; it answers with its last [`Report`].
    Revoke {
        /// The term that ends; a gadget that holds a greater one keeps it.
        term: Term,
    },
    /// The report arrived and is kept.
    Received {
        /// Its number.
        report: u64,
    },
    /// What the writer reported; for the other gadgets of the same agent, which only show it.
    Shown(Box<Report>),
    /// The agent asked another of their gadgets to be left alone until then; for the writer.
    Snooze {
        /// Until when, on the server's clock.
        until: Time,
    },
    /// The agent took the snooze back in another of their gadgets; for the writer.
    Unsnooze,
    /// A new token, before the old one expires.
    Renewed(SessionReply),
    /// Presence is not known since then; `None` when it is known again.
    Stale {
        /// Since when.
        since: Option<Time>,
    },
    /// The server closes the link.
    Bye {
        /// Why, for people to read.
        message: String,
    },
    /// A message of a later release.
    #[serde(other)]
    Other,
}

/// How an agent is handled, as far as the gadget cannot see it for itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// CCE or CCX.
    pub deployment: Deployment,
    /// How long a Webex call must outlive the customer's call to count, in milliseconds.
    pub call_grace_ms: u64,
    /// The labels that the rules may give.
    pub labels: Vec<Arc<str>>,
    /// May `NOT_READY` with one of these labels be adopted where the ledger is gone?
    pub adopt: bool,
    /// Tell what would be done, and do nothing.
    #[serde(default)]
    pub dry_run: bool,
    /// Stands in for a label that Finesse does not list for the agent; without it such an agent is
    /// left alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_reason: Option<Arc<str>>,
    /// How long the agent may ask to be left alone, in milliseconds; zero: not at all; absent: for
    /// as long as they like. The server keeps to it whatever the gadget asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest_snooze_ms: Option<u64>,
}

impl Policy {
    /// The settings of the agent's own state machine. `ledger_known` says whether the grant carried
    /// a ledger; `reasons_configured` whether Finesse lists any reason.
    pub fn settings(&self, ledger_known: bool, reasons_configured: bool) -> AgentSettings {
        AgentSettings {
            deployment: self.deployment,
            actor: Actor::Agent,
            call_grace: Duration::from_millis(self.call_grace_ms),
            reasons_configured,
            labels: self.labels.clone(),
            adopt: self.adopt && !ledger_known,
            ..AgentSettings::default()
        }
    }
}
