//! One sentence about an agent by name, and what comes next. No times, no jargon, no blame.

use super::words::{presence_of, reason, state};
use super::{Glance, Writer};
use crate::agent::{Code, Snooze};
use crate::finesse::AgentState;
use crate::rules::Wanted;

const CHOSEN: &str = "; that was chosen, and is left alone until Webex changes.";
const FINESSE_SILENT: &str = "; Finesse does not answer, and is asked again soon.";

impl Glance<'_> {
    /// What is the case, and why.
    pub fn sentence(&self) -> String {
        if !self.in_webex {
            return self.say(&["is not known in Webex, so nothing is done."]);
        }
        if self.stale {
            return self.say(&["cannot be heard in Webex just now; nothing is changed for that."]);
        }
        if self.paused && self.ledger.hold.is_none() {
            return self.say(&["is left alone: the team is paused."]);
        }
        let Some(code) = self.code else {
            return self.say(&["has not been seen since Lockstep started."]);
        };
        self.of(code)
    }

    fn of(&self, code: Code) -> String {
        let (webex, now) = (self.webex(), self.state());
        match code {
            Code::Taking => self.say(&[&webex, "; Not Ready is asked for."]),
            Code::Taken | Code::StaysHeld | Code::Restored | Code::Adopted => {
                self.say(&[&webex, " and is held Not Ready", &self.held_for(), "."])
            }
            Code::HeldLeftAlone => self.say(&[
                "is held Not Ready",
                &self.held_for(),
                "; the rules leave the present presence alone.",
            ]),
            Code::Releasing => self.say(&["is free again; Ready is asked for."]),
            Code::Released | Code::NothingToDo => self.say(&["is ", &now, "; nothing to do."]),
            Code::LeftByRule => self.say(&[&webex, ", which the rules leave alone; ", &now, "."]),
            Code::Spared => {
                self.say(&[&webex, " and stays ", &now, ": too few of the team would be Ready."])
            }
            Code::LeftNotOurs => {
                self.say(&["is ", &now, " by somebody\u{2019}s choice, and is left alone."])
            }
            Code::LeftSignedOut => self.say(&["is not signed in to Finesse."]),
            Code::LeftSnoozed => self.say(&["is left alone by wish (snoozed)."]),
            Code::LeftHumanChose | Code::HoldLost | Code::Crossed => {
                self.say(&[&webex, " and is ", &now, CHOSEN])
            }
            Code::WaitsForCall => {
                self.say(&[&webex, " and has a customer on the line, who is never disturbed."])
            }
            Code::WaitsForWrapUp => {
                self.say(&[&webex, " and is in wrap-up, which is not cut short."])
            }
            Code::WaitsForOtherCall => self.say(&["is on a call outside the contact centre."]),
            Code::IgnoredContactCall => {
                self.say(&["is on the customer\u{2019}s call, which Webex shows too."])
            }
            Code::Dropped => {
                self.say(&["is ", &now, "; what waited for the call is no longer needed."])
            }
            Code::CannotTell => self.say(&[
                "is ",
                &now,
                ", perhaps by choice: Finesse does not tell, so it is left alone.",
            ]),
            Code::RefusedByState => {
                self.say(&["has just changed state in Finesse; Lockstep looks again."])
            }
            Code::NotPermitted => self.say(&[
                "may not be changed by Lockstep: an administrator checks teams and passwords.",
            ]),
            Code::RefusedForGood => {
                self.say(&["cannot be changed: Finesse does not take the request."])
            }
            Code::ReasonMissing => self
                .say(&[&webex, ", but Finesse lists no reason for it; an administrator adds it."]),
            Code::FinesseUnavailable => self.say(&[&webex, FINESSE_SILENT]),
            Code::NoEffect => self.say(&[
                "is still ",
                &now,
                " although Finesse took the request; it is asked again.",
            ]),
            Code::DryRun => self.say(&[&webex, "; dry run, so ", &now, " stays."]),
        }
    }

    /// What Lockstep will do, where anything is known to come.
    pub fn next(&self) -> Option<&'static str> {
        if let Some(until) = self.ledger.snoozed_until {
            return Some(match Snooze::of(until) {
                Snooze::Until(_) => "Left alone until the snooze ends.",
                Snooze::UntilPresenceChanges => "Left alone until Webex changes.",
                Snooze::UntilSignIn => "Left alone until the next sign-in.",
            });
        }
        if self.writer == Writer::Nobody && !self.dry_run {
            return Some("Nothing until the agent\u{2019}s desktop is there.");
        }
        match self.code? {
            Code::Taken | Code::StaysHeld | Code::Restored | Code::Adopted => {
                Some("Ready again when Webex is free.")
            }
            Code::WaitsForCall => Some("Not Ready when the call ends."),
            Code::WaitsForWrapUp => Some("Acts when wrap-up ends."),
            Code::WaitsForOtherCall => Some("Ready when that call ends."),
            Code::Spared => Some("Not Ready as soon as enough others are Ready."),
            Code::LeftHumanChose => Some("Nothing until Webex changes."),
            _ => None,
        }
    }

    fn say(&self, rest: &[&str]) -> String {
        [self.name, " ", &rest.concat()].concat()
    }

    /// What Webex says of them.
    fn webex(&self) -> String {
        let facts = self.want.map(|want| &want.facts);
        facts.map_or_else(|| "has not been heard of in Webex".to_owned(), presence_of)
    }

    fn state(&self) -> String {
        let Some(view) = self.view else { return "not seen yet".to_owned() };
        let word = match view.state {
            AgentState::Talking => "on a call",
            AgentState::Hold => "on a call on hold",
            AgentState::Work | AgentState::WorkReady => "in wrap-up",
            AgentState::Logout => "signed out",
            AgentState::Unknown => "in a state that Finesse does not tell",
            other => state(other),
        };
        match reason(view) {
            Some(reason) => [word, " (", &reason, ")"].concat(),
            None => word.to_owned(),
        }
    }

    fn held_for(&self) -> String {
        let hold = self.ledger.hold.as_ref().map(|hold| &hold.reason);
        let wanted = self.want.and_then(|want| match &want.wanted {
            Wanted::NotReady { reason } => Some(reason),
            _ => None,
        });
        hold.or(wanted).map_or_else(String::new, |reason| [" (", reason, ")"].concat())
    }
}
