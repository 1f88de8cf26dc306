//! Every word of the panel, in one place. To the agent, so "you"; no jargon, no blame.

use super::Face;
use super::about::About;
use crate::Time;
use crate::agent::{Code, Decision, Snooze};
use crate::desk::{Desk, Link, Trouble};
use crate::finesse::{AgentState, AgentView};
use crate::presence::Want;
use crate::protocol::RefusalCode;
use crate::rules::Wanted;
use crate::words::fill;

/// What every trouble ends with.
pub(super) const CALLS_ARE_FINE: &str = "This does not affect your calls.";

/// Of buttons and for screen readers.
pub mod labels {
    /// The panel.
    pub const PANEL: &str = "Webex presence";
    /// Asks to be left alone.
    pub const SNOOZE: &str = "Snooze";
    /// What the three below are.
    pub const SNOOZE_FOR: &str = "Leave me alone";
    /// Takes a snooze back.
    pub const UNDO: &str = "Undo snooze";
    /// The first of three snoozes.
    pub const HALF_HOUR: &str = "30 min";
    /// The second.
    pub const UNTIL_PRESENCE_CHANGES: &str = "Until Webex changes";
    /// The third.
    pub const UNTIL_SIGN_IN: &str = "Until next sign-in";
    /// None of the three.
    pub const CANCEL: &str = "Cancel";
    /// Shows the last decisions.
    pub const MORE: &str = "More";
    /// Hides them.
    pub const LESS: &str = "Less";
    /// The last decisions.
    pub const LAST: &str = "Last decisions";
}

/// Beside a state that nobody can see now.
pub(super) const LAST_KNOWN: &str = "last known";

/// Since when a state is what it is.
pub(super) fn since(time: &str) -> String {
    "since ".to_owned() + time
}

/// Finesse's word for a state.
pub(super) const fn state(state: Option<AgentState>) -> &'static str {
    match state {
        Some(AgentState::Ready) => "Ready",
        Some(AgentState::NotReady) => "Not Ready",
        Some(AgentState::Reserved) => "Reserved",
        Some(AgentState::ReservedOutbound | AgentState::ReservedOutboundPreview) => {
            "Reserved (outbound)"
        }
        Some(AgentState::Talking) => "Talking",
        Some(AgentState::Hold) => "Hold",
        Some(AgentState::Work | AgentState::WorkReady) => "Wrap-up",
        Some(AgentState::Logout) => "Signed out",
        Some(AgentState::Unknown) | None => "Not known yet",
    }
}

/// The word in large: the state, or what is wrong.
pub(super) const fn headline(face: Face, state: Option<AgentState>) -> &'static str {
    match face {
        Face::ReasonMissing => "Reason missing",
        Face::Refused => "Not changed",
        Face::Blocked => "Not connected",
        Face::WrongVersion => "Out of date",
        _ => self::state(state),
    }
}

/// What stands beside it: the reason, or the state where something is wrong.
pub(super) fn beside(face: Face, view: Option<&AgentView>) -> Option<String> {
    let view = view?;
    match face {
        Face::ReasonMissing | Face::Refused | Face::Blocked | Face::WrongVersion => {
            Some(state(Some(view.state)).to_owned())
        }
        _ => reason(view),
    }
}

/// The reason beside `NOT_READY`.
fn reason(view: &AgentView) -> Option<String> {
    let shown = view.reason.as_ref().filter(|_| view.state == AgentState::NotReady)?;
    shown.label.clone().filter(|label| !label.trim().is_empty())
}

/// Why, and what comes next.
pub(super) fn sentence(face: Face, about: &About<'_>) -> String {
    match face {
        Face::Starting => starting(about),
        Face::Free => free(about),
        Face::Changing => changing(about),
        Face::Held => held(about),
        Face::Pending => waiting(about, "this call ends"),
        Face::WrapUp => waiting(about, "wrap-up ends"),
        Face::OnCall => on_call(about),
        Face::LeftAlone => left_alone(about),
        Face::Snoozed => snoozed(about),
        Face::Stale => stale(about),
        Face::Reconnecting => reconnecting(about),
        Face::SignedOut => "Nothing is done until you sign in to Finesse.".to_owned(),
        Face::ReasonMissing => reason_missing(about),
        Face::Refused => refused(about),
        Face::Blocked => blocked(about),
        Face::WrongVersion => {
            ["This panel is out of date: reload the desktop. ", CALLS_ARE_FINE].concat()
        }
    }
}

fn starting(about: &About<'_>) -> String {
    match about.desk.link {
        Link::Opening => "Connecting.".to_owned(),
        _ if about.view.is_none() => "Waiting for Finesse to tell your state.".to_owned(),
        _ => "Waiting for your Webex presence.".to_owned(),
    }
}

/// What Webex says, and what follows.
fn then(about: &About<'_>, next: &str) -> String {
    presence(about) + " " + next
}

fn free(about: &About<'_>) -> String {
    let ready = about.state() == Some(AgentState::Ready);
    let next = if ready { "Customers\u{2019} calls reach you." } else { "Nothing to do." };
    then(about, next)
}

fn changing(about: &About<'_>) -> String {
    let next = if about.decided() == Some(Code::Releasing) {
        "You are being set Ready."
    } else {
        "You are being set Not Ready."
    };
    then(about, next)
}

fn held(about: &About<'_>) -> String {
    let wanted = about.want.map(|want| &want.wanted);
    let next = match wanted {
        Some(Wanted::Free) => "You will be Ready in a moment.",
        Some(Wanted::Ignore) => "You stay as you are until Webex says that you are free.",
        _ if was_ready(about) => "You were Ready and will be Ready again when it ends.",
        _ => "You will be Ready when it ends.",
    };
    then(about, next)
}

fn was_ready(about: &About<'_>) -> bool {
    about.hold().is_some_and(|hold| hold.from == AgentState::Ready)
}

fn waiting(about: &About<'_>, end: &str) -> String {
    let next = if about.is_busy() {
        "You will be Not Ready when {end}."
    } else {
        "You will be Ready when {end}."
    };
    then(about, &fill(next, &|_| end))
}

fn on_call(about: &About<'_>) -> String {
    if about.decided() == Some(Code::IgnoredContactCall) {
        return "Your Webex call is this customer\u{2019}s call. Nothing changes.".to_owned();
    }
    "A customer\u{2019}s call is left as it is.".to_owned()
}

fn left_alone(about: &About<'_>) -> String {
    let ready = about.state() == Some(AgentState::Ready);
    let next = match about.decided() {
        Some(Code::LeftByRule) => "That changes nothing here.",
        Some(Code::Spared) => "Your team needs you: your state stays as it is.",
        Some(Code::IgnoredContactCall) => "It is the end of the customer\u{2019}s call.",
        Some(Code::Crossed) => "Lockstep came in between, so it stays until you change it.",
        Some(Code::DryRun) => "This is a trial run, so your state stays as it is.",
        _ if about.is_quiet() && ready => {
            "You chose Ready, so you are left alone until that changes."
        }
        _ if ready => "Your state stays as it is.",
        _ => "This Not Ready was chosen, so it stays until you change it.",
    };
    then(about, next)
}

fn snoozed(about: &About<'_>) -> String {
    let mut text = match about.snoozed() {
        Some(Snooze::Until(time)) => {
            ["You are left alone until ", &about.time(time), ", as you asked."].concat()
        }
        Some(Snooze::UntilPresenceChanges) => {
            then(about, "You are left alone until that changes, as you asked.")
        }
        _ => "You are left alone until you sign in the next time, as you asked.".to_owned(),
    };
    if about.state() == Some(AgentState::NotReady) {
        text.push_str(" You stay Not Ready until you change it.");
    }
    text
}

fn stale(about: &About<'_>) -> String {
    let since = about.desk.stale_since.map_or_else(String::new, |since| about.time(since));
    ["Your Webex presence is not known since ", &since, ". Your state stays as it is."].concat()
}

const STAYS: &str = "; it is tried again. Your state stays as it is. ";

fn reconnecting(about: &About<'_>) -> String {
    if about.desk.finesse_gone {
        return ["Finesse is not answering", STAYS, CALLS_ARE_FINE].concat();
    }
    let since = match about.desk.link {
        Link::Lost { since } => about.time(since),
        _ => String::new(),
    };
    ["No connection since ", &since, STAYS, CALLS_ARE_FINE].concat()
}

fn reason_missing(about: &About<'_>) -> String {
    let reason = about.wanted_reason().map_or("", AsRef::as_ref);
    let next = "Your state stays: Finesse has no reason \u{201c}{reason}\u{201d} for you. \
                Tell your administrator.";
    then(about, &fill(next, &|_| reason))
}

fn refused(about: &About<'_>) -> String {
    let what = match about.decided() {
        Some(Code::NoEffect) => "Finesse took the change, yet nothing changed.",
        _ => "Finesse does not take the change.",
    };
    then(about, what) + " Please set your state yourself."
}

fn blocked(about: &About<'_>) -> String {
    let Link::Barred(trouble) = &about.desk.link else { return String::new() };
    let what = match trouble {
        Trouble::Unreachable => "The server cannot be reached; it is tried again.",
        Trouble::NoSocket => "The connection to the server does not open; it is tried again.",
        Trouble::NoSignIn => "The desktop does not tell who is signed in; it is asked again.",
        Trouble::Refused(refusal) => return refused_by(refusal.code, &refusal.message),
    };
    [what, " ", CALLS_ARE_FINE].concat()
}

/// For an administrator, where something is wrong.
pub(super) fn detail(face: Face, about: &About<'_>) -> String {
    let text = match (face, &about.desk.link) {
        (Face::Blocked, Link::Barred(Trouble::Unreachable)) => {
            "For your administrator: open the server's address in this browser. If it warns of the \
             certificate, the browser has to trust the authority that issued it; if it opens, \
             http.finesse_origins has to name the address of this desktop."
        }
        (Face::Blocked, Link::Barred(Trouble::NoSocket)) => {
            "For your administrator: what stands between this browser and the server has to let \
             /socket.io/ through, by WebSocket or by plain requests."
        }
        (Face::Blocked, Link::Barred(Trouble::Refused(refusal))) => {
            return stop(capital(&refusal.message));
        }
        (Face::WrongVersion, _) => {
            return stop(about.desk.incompatible.as_deref().map_or_else(String::new, capital));
        }
        (_, Link::Live) if !about.desk.missing_labels().is_empty() => {
            let labels = about.desk.missing_labels().join(", ");
            let what = "For your administrator: add these reasons for Not Ready in Finesse, for all \
                        teams or for this agent's: ";
            return [what, &labels, "."].concat();
        }
        _ => "",
    };
    text.to_owned()
}

fn refused_by(code: RefusalCode, message: &str) -> String {
    let what = match code {
        RefusalCode::NotSignedIn => {
            "Finesse did not accept this desktop\u{2019}s sign-in. Sign out and in again."
        }
        RefusalCode::SomebodyElse => {
            "This desktop is signed in as somebody else. Sign out and in again."
        }
        RefusalCode::NotWatched => {
            "Your state is not kept in step with Webex: your administrator has not added you."
        }
        RefusalCode::TooMany => "Too many attempts; it is tried again later.",
        RefusalCode::FinesseUnavailable => "Finesse is not answering; it is tried again.",
        RefusalCode::Token => "The sign-in has run out; it is renewed.",
        _ => return [&stop(capital(message)), " ", CALLS_ARE_FINE].concat(),
    };
    [what, " ", CALLS_ARE_FINE].concat()
}

/// What Webex says, as a sentence: `Webex meeting since 10:02.`
fn presence(about: &About<'_>) -> String {
    let Some(want) = about.want else { return "Your Webex presence is not known yet.".to_owned() };
    [webex(want), " since ", &about.time(want.since), "."].concat()
}

/// What Webex says, in a few words.
fn webex(want: &Want) -> &'static str {
    match want.facts.get("status").unwrap_or_default() {
        "call" => "On a Webex call",
        "meeting" if want.facts.get("meeting_type") == Some("online") => "Webex meeting",
        "meeting" => "Meeting in your Webex calendar",
        "calendarItem" => "Appointment in your Webex calendar",
        "presenting" => "Sharing in Webex",
        "dnd" => "Do not disturb in Webex",
        "busy" => "Busy in Webex",
        "active" => "Free in Webex",
        "inactive" => "Away in Webex",
        "ooo" => "Out of office in Webex",
        "pending" => "Not signed in to Webex yet",
        _ => "Webex tells no presence",
    }
}

/// How the link is, in a word.
pub(super) fn link(desk: &Desk, about: &About<'_>) -> String {
    match &desk.link {
        _ if desk.incompatible.is_some() => "Out of date".to_owned(),
        Link::Opening => "Connecting".to_owned(),
        Link::Lost { .. } => "Reconnecting".to_owned(),
        Link::Barred(_) => "Not connected".to_owned(),
        Link::Live if desk.finesse_gone => "Waiting for Finesse".to_owned(),
        Link::Live => match desk.stale_since {
            Some(since) => "Webex last known ".to_owned() + &about.time(since),
            None => "Live".to_owned(),
        },
    }
}

/// When a decision fell.
pub(super) const fn when(decision: &Decision) -> Time {
    decision.at
}

/// A decision in a line, for the one it is about: what Webex said, and what came of it.
pub(super) fn row(decision: &Decision) -> String {
    let (what, about) = outcome(decision);
    let said = decision.want.as_ref().map_or("No presence yet", webex);
    let (open, close) = if about.is_empty() { ("", "") } else { (" (", ")") };
    [said, ": ", what, open, about, close].concat()
}

/// What came of a decision, and the reason or the state that it is about.
fn outcome(decision: &Decision) -> (&'static str, &str) {
    let reason = match decision.want.as_ref().map(|want| &want.wanted) {
        Some(Wanted::NotReady { reason }) => reason.as_ref(),
        _ => "",
    };
    let state = state(decision.state);
    match decision.code {
        Code::Taking => ("asking for Not Ready", reason),
        Code::Taken => ("set Not Ready", reason),
        Code::Releasing => ("asking for Ready", ""),
        Code::Released => ("set Ready again", ""),
        Code::StaysHeld => ("still Not Ready", reason),
        Code::HeldLeftAlone => ("Not Ready until Webex is free", ""),
        Code::Restored => ("found as before the reload", ""),
        Code::Adopted => ("found Not Ready", reason),
        Code::NothingToDo => ("nothing to do", state),
        Code::LeftByRule => ("changes nothing", ""),
        Code::Spared => ("your team needs you", ""),
        Code::LeftNotOurs => ("left alone, as chosen", state),
        Code::LeftSignedOut => ("not signed in", ""),
        Code::LeftSnoozed => ("left alone, as you asked", ""),
        Code::LeftHumanChose => ("left alone, your choice", state),
        Code::WaitsForCall => ("waits for the call to end", ""),
        Code::WaitsForWrapUp => ("waits for wrap-up to end", ""),
        Code::WaitsForOtherCall => ("waits for your other call to end", ""),
        Code::IgnoredContactCall => ("this is the customer\u{2019}s call", ""),
        Code::Dropped => ("no longer needed", ""),
        Code::HoldLost => ("changed by somebody", state),
        Code::Crossed => ("your choice came first", state),
        Code::CannotTell => ("left alone, unclear who chose it", ""),
        Code::RefusedByState => ("refused, looking again", ""),
        Code::NotPermitted | Code::RefusedForGood => ("Finesse refuses it", ""),
        Code::ReasonMissing => ("reason missing", reason),
        Code::FinesseUnavailable => ("Finesse did not answer, repeated", ""),
        Code::NoEffect => ("no effect seen, repeated", ""),
        Code::DryRun => ("trial run, nothing changed", ""),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        std::iter::once(first.to_ascii_uppercase()).chain(letters).collect()
    })
}

fn stop(text: String) -> String {
    if text.ends_with('.') { text } else { text + "." }
}
