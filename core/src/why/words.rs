//! The sentences. Of somebody else, so by name; no jargon, no blame, and no guess at who they are.

use super::Entry;
use super::story::Story;
use crate::Time;
use crate::finesse::AgentState;
use crate::rules::Wanted;

/// What is asked.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// Of whom: their name.
    pub name: &'a str,
    /// When.
    pub at: Time,
    /// A moment as the reader's own clock shows it.
    pub clock: &'a dyn Fn(Time) -> String,
}

/// What the journal cannot tell about the time between the last decision and the moment asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// Its first decision of anybody is of this time; what was before is let go, or never was.
    BeginsAt(Time),
    /// Nobody wrote it from then on, until then where it was written again.
    NotWritten {
        /// The last sign of life.
        since: Time,
        /// The next start.
        until: Option<Time>,
    },
    /// So many decisions of anybody were lost between.
    Lost {
        /// How many.
        count: u64,
        /// From then on.
        since: Time,
        /// Until then.
        until: Time,
    },
}

/// What was the case at that moment and why, out of the decisions before it, newest first.
pub fn answer(question: Question<'_>, history: &[Entry], unknown: &[Unknown]) -> Vec<String> {
    let mut said = if let Some(last) = history.first() {
        Story { question, last, history }.tell()
    } else {
        let (name, at) = (question.name, (question.clock)(question.at));
        vec![format!("Of {name} nothing is known before {at}.")]
    };
    said.extend(unknown.iter().map(|unknown| not_known(question, unknown)));
    said
}

/// What Webex said, as the cause of something: `a Webex meeting`.
pub fn cause(entry: &Entry) -> String {
    let Some(presence) = &entry.presence else {
        return "a presence that was not recorded".to_owned();
    };
    if presence.rule == "source lost" {
        return "Webex, which could not be heard".to_owned();
    }
    let online = presence.facts.get("meeting_type") == Some("online");
    let what = match presence.facts.get("status").unwrap_or_default() {
        "call" => "a Webex call",
        "meeting" if online => "a Webex meeting",
        "meeting" => "a meeting in the Webex calendar",
        "calendarItem" => "an appointment in the Webex calendar",
        "presenting" => "sharing a screen in Webex",
        "dnd" => "do not disturb in Webex",
        "busy" => "busy in Webex",
        "active" => "free in Webex",
        "inactive" => "away in Webex",
        "ooo" => "out of office in Webex",
        "pending" => "not signed in to Webex yet",
        "" | "unknown" => "a presence that Webex does not tell",
        other => return format!("\u{201c}{other}\u{201d} in Webex"),
    };
    what.to_owned()
}

/// The same after "Webex says".
pub(super) fn says(entry: &Entry) -> String {
    let cause = cause(entry);
    cause.strip_suffix(" in Webex").map_or(cause.clone(), str::to_owned)
}

pub(super) fn label(entry: &Entry) -> Option<&str> {
    match &entry.wanted {
        Some(Wanted::NotReady { reason }) => Some(reason),
        _ => None,
    }
}

pub(super) fn state_words(state: Option<AgentState>, reason: Option<&str>) -> String {
    let word = match state {
        Some(AgentState::Ready) => "Ready",
        Some(AgentState::NotReady) => "Not Ready",
        Some(
            AgentState::Reserved
            | AgentState::ReservedOutbound
            | AgentState::ReservedOutboundPreview,
        ) => "reserved for a call",
        Some(AgentState::Talking) => "talking",
        Some(AgentState::Hold) => "on a call on hold",
        Some(AgentState::Work | AgentState::WorkReady) => "in wrap-up",
        Some(AgentState::Logout) => "signed out",
        Some(AgentState::Unknown) | None => "in a state that is not known",
    };
    match reason.map(str::trim).filter(|reason| !reason.is_empty()) {
        Some(reason) if state == Some(AgentState::NotReady) => format!("{word} ({reason})"),
        _ => word.to_owned(),
    }
}

fn not_known(question: Question<'_>, unknown: &Unknown) -> String {
    let time = |time: Time| (question.clock)(time);
    match unknown {
        Unknown::BeginsAt(begins) => {
            format!("What was before {} is not known: the journal begins then.", time(*begins))
        }
        Unknown::NotWritten { since, until: Some(until) } => format!(
            "What was decided between {} and {} is not known: the journal was not written.",
            time(*since),
            time(*until)
        ),
        Unknown::NotWritten { since, until: None } => format!(
            "What was decided after {} is not known: the journal has not been written since.",
            time(*since)
        ),
        Unknown::Lost { count, since, until } => format!(
            "The journal lost {count} decisions between {} and {}; they may have been of {}.",
            time(*since),
            time(*until),
            question.name
        ),
    }
}
