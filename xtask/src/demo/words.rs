//! How a state looks: a shape, words and a tone, never a colour alone (the project's language).

use super::board::Row;

/// What a colour means; the screen and the picture each have their own values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// In the queue.
    Ready,
    /// Not Ready by Lockstep.
    Held,
    /// With a customer, or in wrap-up.
    Customer,
    /// Not Ready by somebody's choice, signed out, or stale.
    Quiet,
    /// Somebody must look.
    Trouble,
}

/// Codes of decisions that need a person.
const TROUBLE: [&str; 4] = ["refused_for_good", "not_permitted", "no_effect", "cannot_tell"];

/// Shape, words and tone of an agent's state.
pub(super) fn state(row: &Row) -> (&'static str, String, Tone) {
    let reason = row.reason.as_deref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    let not_ready = format!("Not Ready{reason}");
    if TROUBLE.contains(&row.code.as_str()) {
        return ("▲", row.state.clone(), Tone::Trouble);
    }
    match row.state.as_str() {
        "READY" => ("●", "Ready".to_owned(), Tone::Ready),
        "NOT_READY" if row.held.is_some() => ("⊖", not_ready, Tone::Held),
        "NOT_READY" => ("○", not_ready, Tone::Quiet),
        "RESERVED" => ("■", "Reserved".to_owned(), Tone::Customer),
        "TALKING" => ("■", "Talking".to_owned(), Tone::Customer),
        "HOLD" => ("■", "Hold".to_owned(), Tone::Customer),
        "WORK" => ("□", "Work".to_owned(), Tone::Customer),
        "WORK_READY" => ("□", "Work Ready".to_owned(), Tone::Customer),
        "LOGOUT" => ("◌", "Logged out".to_owned(), Tone::Quiet),
        other => ("◌", other.to_owned(), Tone::Quiet),
    }
}

/// Finesse's word for an agent's state, without the reason.
pub(super) fn plain(row: &Row) -> &'static str {
    match row.state.as_str() {
        "READY" => "Ready",
        "NOT_READY" => "Not Ready",
        "RESERVED" => "Reserved",
        "TALKING" => "Talking",
        "HOLD" => "Hold",
        "WORK" => "Work",
        "WORK_READY" => "Work Ready",
        "LOGOUT" => "Logged out",
        _ => "Not known",
    }
}

/// What the rules ask for, short: `Not Ready: Webex DND` is the reason.
pub(super) fn wanted(row: &Row) -> String {
    match row.wanted.as_str() {
        "" => "Not known".to_owned(),
        "free" => "Free".to_owned(),
        "leave alone" => "Left alone".to_owned(),
        other => other.strip_prefix("Not Ready: ").unwrap_or(other).to_owned(),
    }
}

/// What the feed's state is called, with its shape.
pub(super) fn feed(feed: &str, stale: bool) -> (&'static str, String, Tone) {
    match feed {
        "live" => ("●", "Webex feed live".to_owned(), Tone::Ready),
        "polling" => ("□", "Webex polled".to_owned(), Tone::Customer),
        "lost" if stale => ("◌", "Webex feed lost, presence stale".to_owned(), Tone::Trouble),
        "lost" => ("▲", "Webex feed lost".to_owned(), Tone::Trouble),
        _ => ("◌", format!("Webex feed {feed}"), Tone::Quiet),
    }
}

/// Minutes and seconds.
pub(super) fn span(span: std::time::Duration) -> String {
    let seconds = span.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}
