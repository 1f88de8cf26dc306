//! The sentences of decisions, in one place: for a supervisor who asks why, so without jargon.

use super::decision::Code;
use super::ledger::Hold;
use crate::finesse::{AgentState, AgentView};
use crate::presence::Want;
use crate::rules::Wanted;
use crate::words;

/// The sentence of one decision.
pub(super) fn sentence(
    code: Code,
    want: Option<&Want>,
    view: Option<&AgentView>,
    hold: Option<&Hold>,
) -> String {
    let about = About::new(want, view, hold);
    let mut text = String::new();
    if let Some(want) = want.filter(|_| about.tells_presence(code)) {
        tell_presence(want, &mut text);
    }
    text + &about.text(code)
}

/// What a sentence speaks of.
struct About<'a> {
    /// Why the agent is to be Not Ready.
    reason: &'a str,
    /// Why the agent is held.
    held_for: &'a str,
    state: String,
    /// Is Not Ready wanted, although READY is asked for?
    busy: bool,
}

impl<'a> About<'a> {
    fn new(want: Option<&'a Want>, view: Option<&AgentView>, hold: Option<&'a Hold>) -> Self {
        let held_for = hold.map(|hold| &*hold.reason);
        let reason = match want.map(|want| &want.wanted) {
            Some(Wanted::NotReady { reason }) => reason,
            _ => held_for.unwrap_or_default(),
        };
        Self {
            held_for: held_for.unwrap_or(reason),
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
                | Code::Crossed
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
        let template = match code {
            Code::Taking => "Was {state}; Not Ready for {reason} is asked for.",
            Code::Taken => {
                "Not Ready for {held_for}, held by Lockstep; Ready again when Webex is free."
            }
            Code::Releasing if self.busy => {
                "{held_for} came too late and is taken back; Ready is asked for."
            }
            Code::Releasing => "{held_for} is over; Ready is asked for.",
            Code::Released => "No longer held, now {state}.",
            Code::StaysHeld => "Stays Not Ready, held by Lockstep; Ready again when Webex is free.",
            Code::HeldLeftAlone => "The rules leave that alone; the hold stays.",
            Code::Restored => "Held by Lockstep since before its restart, unchanged.",
            Code::Adopted => {
                "Not Ready for {held_for} without a record of it: counted as Lockstep's own."
            }
            Code::NothingToDo => "{state}, nothing to do.",
            Code::LeftByRule => "The rules leave that alone; {state}.",
            Code::Spared => "{state}, and stays so: too few of the team would be Ready.",
            Code::LeftNotOurs => "{state} is not Lockstep's doing and is left alone.",
            Code::LeftSignedOut => "{state}; left alone.",
            Code::LeftSnoozed => "Snoozed: left alone by wish.",
            Code::LeftHumanChose => "Somebody chose {state}; left alone until Webex changes.",
            Code::WaitsForCall => "{state}; {held_for} counts when the call is over.",
            Code::WaitsForWrapUp => "{state}; {held_for} counts when wrap-up is over.",
            Code::WaitsForOtherCall => {
                "On a call outside the contact centre; Ready when that is over."
            }
            Code::IgnoredContactCall => {
                "The Webex call is the customer's call, seen from the other side: ignored."
            }
            Code::Dropped => "{state}; what waited for the call is dropped.",
            Code::HoldLost => "Somebody changed the state to {state}; no longer held.",
            Code::Crossed => {
                "Lockstep's request and somebody's choice crossed: {state} is not held."
            }
            Code::CannotTell => {
                "Finesse shows no time of change, so this may be somebody's choice: not released."
            }
            Code::RefusedByState => {
                "Finesse refused, the state is no longer {state}; Lockstep looks again."
            }
            Code::NotPermitted => {
                "Finesse does not let Lockstep act for this agent; check teams, roles and passwords."
            }
            Code::RefusedForGood => "Finesse does not take the request; its words are in the log.",
            Code::ReasonMissing => {
                "Finesse lists no reason \u{201c}{reason}\u{201d} for this agent, so the state stays; add the reason in Finesse."
            }
            Code::FinesseUnavailable => "Finesse did not answer; tried again soon.",
            Code::NoEffect => {
                "Finesse accepted the request, yet nothing changed: {state}; tried again."
            }
            Code::DryRun => "Dry run: {state} stays; a change would be asked for now.",
        };
        words::fill(template, &|key| match key {
            "state" => &self.state,
            "reason" => self.reason,
            _ => self.held_for,
        })
    }
}

/// In Webex's own words, if it told any.
fn tell_presence(want: &Want, text: &mut String) {
    for key in ["status", "meeting_type"] {
        if let Some(word) = want.facts.get(key) {
            text.push_str(if text.is_empty() { "Webex: " } else { ", " });
            text.push_str(word);
        }
    }
    if !text.is_empty() {
        text.push_str(". ");
    }
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
    let label =
        shown.and_then(|reason| reason.label.clone().or_else(|| reason.code.map(words::whole)));
    label.map_or_else(|| word.to_owned(), |label| [word, " (", &label, ")"].concat())
}
