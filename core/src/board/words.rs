//! Short words for columns: Finesse's own for states, Webex's for presence.

use crate::finesse::{AgentState, AgentView};
use crate::presence::Facts;
use crate::rules::Wanted;

/// Finesse's word for a state.
pub const fn state(state: AgentState) -> &'static str {
    match state {
        AgentState::Ready => "Ready",
        AgentState::NotReady => "Not Ready",
        AgentState::Reserved => "Reserved",
        AgentState::ReservedOutbound | AgentState::ReservedOutboundPreview => "Reserved (outbound)",
        AgentState::Talking => "Talking",
        AgentState::Hold => "Hold",
        AgentState::Work | AgentState::WorkReady => "Wrap-up",
        AgentState::Logout => "Signed out",
        AgentState::Unknown => "Not known",
    }
}

/// The reason beside Not Ready: its label, else the platform's number.
pub fn reason(view: &AgentView) -> Option<String> {
    let shown = view.reason.as_ref().filter(|_| view.state == AgentState::NotReady)?;
    let label = shown.label.as_deref().map(str::trim).filter(|label| !label.is_empty());
    label.map(str::to_owned).or_else(|| shown.code.map(crate::words::whole))
}

/// What is wanted, as a column shows it; nothing where the rules leave the presence alone.
pub fn wanted(wanted: &Wanted) -> Option<String> {
    match wanted {
        Wanted::NotReady { reason } => Some(["Not Ready \u{2013} ", reason].concat()),
        Wanted::Free => Some("Ready".to_owned()),
        Wanted::Ignore => None,
    }
}

/// What Webex says, as a column shows it.
pub fn presence(facts: &Facts) -> &str {
    match kind(facts) {
        Kind::Call => "Webex call",
        Kind::Meeting => "Webex meeting",
        Kind::Calendar => "Meeting in the calendar",
        Kind::Presenting => "Presenting",
        Kind::Dnd => "Do not disturb",
        Kind::Busy => "Busy",
        Kind::Active => "Active",
        Kind::Inactive => "Inactive",
        Kind::OutOfOffice => "Out of office",
        Kind::NeverSeen => "Not signed in to Webex yet",
        Kind::Untold => "Not told by Webex",
        Kind::Other(word) => word,
    }
}

/// A word for a machine: what colour and form a presence has.
pub(super) fn presence_kind(facts: &Facts) -> &'static str {
    match kind(facts) {
        Kind::Call => "call",
        Kind::Meeting | Kind::Presenting => "meeting",
        Kind::Dnd => "dnd",
        Kind::Active | Kind::Inactive | Kind::OutOfOffice => "free",
        Kind::NeverSeen | Kind::Untold => "unavailable",
        Kind::Calendar | Kind::Busy | Kind::Other(_) => "other",
    }
}

/// The same after a name: `is in a Webex meeting`.
pub(super) fn presence_of(facts: &Facts) -> String {
    let text = match kind(facts) {
        Kind::Call => "is in a Webex call",
        Kind::Meeting => "is in a Webex meeting",
        Kind::Calendar => "has a meeting in the Webex calendar",
        Kind::Presenting => "is sharing a screen in Webex",
        Kind::Dnd => "does not want to be disturbed in Webex",
        Kind::Busy => "is busy in Webex",
        Kind::Active => "is active in Webex",
        Kind::Inactive => "is inactive in Webex",
        Kind::OutOfOffice => "is out of office in Webex",
        Kind::NeverSeen => "has not signed in to Webex yet",
        Kind::Untold => "has a presence that Webex does not tell",
        Kind::Other(word) => return ["is \u{201c}", word, "\u{201d} in Webex"].concat(),
    };
    text.to_owned()
}

pub(super) enum Kind<'f> {
    Call,
    Meeting,
    Calendar,
    Presenting,
    Dnd,
    Busy,
    Active,
    Inactive,
    OutOfOffice,
    NeverSeen,
    Untold,
    Other(&'f str),
}

pub(super) fn kind(facts: &Facts) -> Kind<'_> {
    let online = facts.get("meeting_type") == Some("online");
    match facts.get("status").unwrap_or_default() {
        "call" => Kind::Call,
        "meeting" if online => Kind::Meeting,
        "meeting" | "calendarItem" => Kind::Calendar,
        "presenting" => Kind::Presenting,
        "dnd" => Kind::Dnd,
        "busy" => Kind::Busy,
        "active" => Kind::Active,
        "inactive" => Kind::Inactive,
        "ooo" => Kind::OutOfOffice,
        "pending" => Kind::NeverSeen,
        "" | "unknown" => Kind::Untold,
        other => Kind::Other(other),
    }
}
