//! The sentences of decisions, in one place.

use super::decision::Code;
use super::ledger::Hold;
use crate::finesse::AgentView;
use crate::presence::Want;
use crate::rules::Wanted;

/// The sentence of one decision.
pub(super) fn sentence(
    code: Code,
    want: Option<&Want>,
    view: Option<&AgentView>,
    hold: Option<&Hold>,
) -> String {
    let presence = want.map_or_else(|| "unknown".to_owned(), presence);
    let reason = match want.map(|want| &want.wanted) {
        Some(Wanted::NotReady { reason }) => reason.to_string(),
        _ => hold.map_or_else(String::new, |hold| hold.reason.to_string()),
    };
    let kept_for = hold.map_or_else(|| reason.clone(), |hold| hold.reason.to_string());
    let state = view.map_or_else(|| "not seen yet".to_owned(), state);
    match code {
        Code::Taking => {
            format!("Webex says {presence}: asking for Not Ready ({reason}); was {state}")
        }
        Code::Taken => {
            format!("Not Ready ({kept_for}) is set; Ready again when Webex is free")
        }
        Code::Releasing if want.is_some_and(|want| want.wanted.is_busy()) => {
            format!("{kept_for} came too late and is taken back: asking for Ready")
        }
        Code::Releasing => format!("Webex says {presence}: asking for Ready; {kept_for} is over"),
        Code::Released => format!("Webex says {presence}: no longer held, now {state}"),
        Code::StaysHeld => format!("Webex says {presence}: stays Not Ready, held by us"),
        Code::HeldLeftAlone => {
            format!("Webex says {presence}: the rules leave it alone, the hold stays")
        }
        Code::Restored => "held by us from before the restart, unchanged since".to_owned(),
        Code::Adopted => {
            format!("Not Ready with our reason {reason} and no record of it: counted as ours")
        }
        Code::NothingToDo => format!("Webex says {presence}: nothing to do, is {state}"),
        Code::LeftByRule => format!("Webex says {presence}: the rules leave it alone"),
        Code::LeftNotOurs => {
            format!("Webex says {presence}: {state} was not our doing, left alone")
        }
        Code::LeftSignedOut => format!("Webex says {presence}: {state}, left alone"),
        Code::LeftSnoozed => "snoozed: left alone by wish".to_owned(),
        Code::LeftHumanChose => {
            format!(
                "Webex says {presence}, but somebody chose {state}: left alone until presence changes"
            )
        }
        Code::WaitsForCall => {
            format!("Webex says {presence}: waits until the call is over, is {state}")
        }
        Code::WaitsForWrapUp => {
            format!("Webex says {presence}: waits until wrap-up is over, is {state}")
        }
        Code::WaitsForOtherCall => {
            format!("Webex says {presence}: waits until a call outside the contact centre is over")
        }
        Code::IgnoredContactCall => {
            "the Webex call is the customer's call seen from the other side: ignored".to_owned()
        }
        Code::Dropped => {
            format!("Webex says {presence}: what waited for the call is dropped, is {state}")
        }
        Code::HoldLost => format!("somebody changed the state to {state}: no longer held by us"),
        Code::CannotTell => {
            "Finesse shows no time of change: not released, it may be somebody's choice".to_owned()
        }
        Code::RefusedByState => {
            format!("Finesse refused: the state has changed from {state}; looking again")
        }
        Code::NotPermitted => {
            "Finesse does not let our supervisor act for this agent; check teams and credentials"
                .to_owned()
        }
        Code::RefusedForGood => {
            "Finesse does not take the request; see the log for its words".to_owned()
        }
        Code::FinesseUnavailable => "Finesse did not answer; tried again later".to_owned(),
        Code::NoEffect => {
            format!("Finesse accepted the request but nothing changed, is {state}; tried again")
        }
        Code::DryRun => {
            format!("dry run: Webex says {presence}, a change from {state} would be asked for")
        }
    }
}

fn presence(want: &Want) -> String {
    let mut words: Vec<&str> =
        ["status", "meeting_type"].into_iter().filter_map(|key| want.facts.get(key)).collect();
    if words.is_empty() {
        words.push("nothing");
    }
    words.join(" ")
}

fn state(view: &AgentView) -> String {
    let label = view.reason.as_ref().and_then(|reason| {
        reason.label.clone().or_else(|| reason.code.map(|code| code.to_string()))
    });
    let base = match view.state.as_str() {
        "NOT_READY" => "Not Ready".to_owned(),
        "READY" => "Ready".to_owned(),
        other => other.to_owned(),
    };
    match label {
        Some(label) if view.state == crate::finesse::AgentState::NotReady => {
            format!("{base} ({label})")
        }
        _ => base,
    }
}
