//! The sentences of decisions, in one place: for a supervisor who asks why, so without jargon.

use super::decision::Code;
use super::ledger::Hold;
use crate::finesse::{AgentState, AgentView};
use crate::presence::Want;
use crate::rules::Wanted;

/// The sentence of one decision.
pub(super) fn sentence(
    code: Code,
    want: Option<&Want>,
    view: Option<&AgentView>,
    hold: Option<&Hold>,
) -> String {
    let about = About::new(want, view, hold);
    let text = about.text(code);
    match &about.presence {
        Some(presence) if about.tells_presence(code) => format!("Webex: {presence}. {text}"),
        _ => text,
    }
}

/// What a sentence speaks of.
struct About {
    presence: Option<String>,
    /// Why the agent is to be Not Ready.
    reason: String,
    /// Why the agent is held.
    held_for: String,
    state: String,
    /// Is Not Ready wanted, although READY is asked for?
    busy: bool,
}

impl About {
    fn new(want: Option<&Want>, view: Option<&AgentView>, hold: Option<&Hold>) -> Self {
        let held_for = hold.map(|hold| hold.reason.to_string());
        let reason = match want.map(|want| &want.wanted) {
            Some(Wanted::NotReady { reason }) => reason.to_string(),
            _ => held_for.clone().unwrap_or_default(),
        };
        Self {
            presence: want.and_then(presence),
            held_for: held_for.unwrap_or_else(|| reason.clone()),
            reason,
            state: view.map_or_else(|| "not seen yet".to_owned(), state),
            busy: want.is_some_and(|want| want.wanted.is_busy()),
        }
    }

    /// Does the sentence follow from what Webex says, rather than from what somebody did?
    fn tells_presence(&self, code: Code) -> bool {
        let by_others = matches!(
            code,
            Code::Taken
                | Code::Restored
                | Code::Adopted
                | Code::HoldLost
                | Code::LeftSnoozed
                | Code::IgnoredContactCall
                | Code::CannotTell
                | Code::RefusedByState
                | Code::NotPermitted
                | Code::RefusedForGood
                | Code::FinesseUnavailable
                | Code::NoEffect
        );
        !(by_others || code == Code::Releasing && self.busy)
    }

    fn text(&self, code: Code) -> String {
        let Self { reason, held_for, state, .. } = self;
        match code {
            Code::Taking => format!("Was {state}; Not Ready for {reason} is asked for."),
            Code::Taken => {
                format!("Not Ready for {held_for}, held by Lockstep; Ready again when Webex is free.")
            }
            Code::Releasing if self.busy => {
                format!("{held_for} came too late and is taken back; Ready is asked for.")
            }
            Code::Releasing => format!("{held_for} is over; Ready is asked for."),
            Code::Released => format!("No longer held, now {state}."),
            Code::StaysHeld => {
                "Stays Not Ready, held by Lockstep; Ready again when Webex is free.".to_owned()
            }
            Code::HeldLeftAlone => "The rules leave that alone; the hold stays.".to_owned(),
            Code::Restored => "Held by Lockstep since before its restart, unchanged.".to_owned(),
            Code::Adopted => {
                format!("Not Ready for {held_for} without a record of it: counted as Lockstep's own.")
            }
            Code::NothingToDo => format!("{state}, nothing to do."),
            Code::LeftByRule => format!("The rules leave that alone; {state}."),
            Code::Spared => format!("{state}, and stays so: too few of the team would be Ready."),
            Code::LeftNotOurs => format!("{state} is not Lockstep's doing and is left alone."),
            Code::LeftSignedOut => format!("{state}; left alone."),
            Code::LeftSnoozed => "Snoozed: left alone by wish.".to_owned(),
            Code::LeftHumanChose => {
                format!("Somebody chose {state}; left alone until Webex changes.")
            }
            Code::WaitsForCall => format!("{state}; {held_for} counts when the call is over."),
            Code::WaitsForWrapUp => format!("{state}; {held_for} counts when wrap-up is over."),
            Code::WaitsForOtherCall => {
                "On a call outside the contact centre; Ready when that is over.".to_owned()
            }
            Code::IgnoredContactCall => {
                "The Webex call is the customer's call, seen from the other side: ignored.".to_owned()
            }
            Code::Dropped => format!("{state}; what waited for the call is dropped."),
            Code::HoldLost => format!("Somebody changed the state to {state}; no longer held."),
            Code::CannotTell => {
                "Finesse shows no time of change, so this may be somebody's choice: not released."
                    .to_owned()
            }
            Code::RefusedByState => {
                format!("Finesse refused, the state is no longer {state}; Lockstep looks again.")
            }
            Code::NotPermitted => {
                "Finesse does not let Lockstep act for this agent; check teams, roles and passwords."
                    .to_owned()
            }
            Code::RefusedForGood => {
                "Finesse does not take the request; its words are in the log.".to_owned()
            }
            Code::ReasonMissing => format!(
                "Finesse lists no reason \u{201c}{reason}\u{201d} for this agent, so the state stays; add the reason in Finesse."
            ),
            Code::FinesseUnavailable => "Finesse did not answer; tried again soon.".to_owned(),
            Code::NoEffect => {
                format!("Finesse accepted the request, yet nothing changed: {state}; tried again.")
            }
            Code::DryRun => format!("Dry run: {state} stays; a change would be asked for now."),
        }
    }
}

fn presence(want: &Want) -> Option<String> {
    let words = ["status", "meeting_type"].into_iter().filter_map(|key| want.facts.get(key));
    let words: Vec<&str> = words.collect();
    (!words.is_empty()).then(|| words.join(", "))
}

fn state(view: &AgentView) -> String {
    let word = match view.state {
        AgentState::Logout => "Signed out",
        AgentState::NotReady => "Not Ready",
        AgentState::Ready => "Ready",
        AgentState::Reserved => "Reserved",
        AgentState::ReservedOutbound => "Reserved for an outbound call",
        AgentState::ReservedOutboundPreview => "Looking at an outbound preview",
        AgentState::Talking => "Talking",
        AgentState::Hold => "On hold",
        AgentState::Work | AgentState::WorkReady => "In wrap-up",
        AgentState::Unknown => "In a state that Finesse does not tell",
    };
    let shown = view.reason.as_ref().filter(|_| view.state == AgentState::NotReady);
    let label = shown.and_then(|reason| {
        reason.label.clone().or_else(|| reason.code.map(|code| code.to_string()))
    });
    label.map_or_else(|| word.to_owned(), |label| format!("{word} ({label})"))
}
