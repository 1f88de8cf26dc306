//! Why nothing was done, or not yet.

use super::story::Story;
use super::words::{cause, label};
use crate::agent::Code;

impl Story<'_> {
    pub(super) fn waits(&self, code: Code) -> String {
        let (name, since) = (self.question.name, self.since());
        let then = label(self.last).map_or_else(
            || format!("{name} is made Ready"),
            |label| format!("{name} is made Not Ready ({label}), because of {}", cause(self.last)),
        );
        match code {
            Code::WaitsForCall => format!(
                "Since {since} {name} is on a customer\u{2019}s call, which is never disturbed; when it \
                 is over, {then}."
            ),
            Code::WaitsForWrapUp => format!(
                "Since {since} {name} is in wrap-up, which is not cut short; when it is over, {then}."
            ),
            _ => format!(
                "Since {since} {name} is on a call outside the contact centre; when it is over, {then}."
            ),
        }
    }

    pub(super) fn left(&self, code: Code) -> Vec<String> {
        const WHO: &str = "Who chose it, Finesse does not tell.";
        let (name, since, state) = (self.question.name, self.since(), self.state());
        let cause = cause(self.last);
        let one = |text: String| vec![text];
        match code {
            Code::LeftNotOurs => vec![
                format!(
                    "Left alone since {since}: {name} is {state}, which is not Lockstep\u{2019}s doing."
                ),
                WHO.to_owned(),
            ],
            Code::LeftHumanChose => vec![
                format!(
                    "Left alone since {since}: {state} was chosen for {name} in spite of {cause}, and \
                     that counts until Webex changes."
                ),
                WHO.to_owned(),
            ],
            Code::HoldLost => vec![
                format!(
                    "At {since} somebody changed the state of {name} to {state}: no longer Lockstep\u{2019}s, \
                     and not made Ready by it."
                ),
                WHO.to_owned(),
            ],
            Code::Crossed => vec![
                format!(
                    "At {since} a request of Lockstep and a choice for {name} crossed on their way: \
                     {state} is not Lockstep\u{2019}s, and not made Ready by it."
                ),
                WHO.to_owned(),
            ],
            Code::Spared => one(format!(
                "{name} was left {state} since {since} in spite of {cause}: the team would have fewer \
                 Ready than its staffing floor."
            )),
            Code::LeftSignedOut => {
                one(format!("Left alone since {since}: {name} is not signed in to Finesse."))
            }
            Code::LeftSnoozed => {
                one(format!("Left alone since {since}: {name} asked for it in the panel (snooze)."))
            }
            Code::LeftByRule => one(format!(
                "Left alone since {since}: the rules do nothing about {cause}. {name} is {state}."
            )),
            Code::IgnoredContactCall => one(format!(
                "Nothing is done since {since}: the Webex call of {name} is the customer\u{2019}s call, \
                 seen from the other side."
            )),
            _ => one(format!(
                "Nothing is done since {since}: {name} is {state}, and what waited for the end of the \
                 call was no longer needed ({cause})."
            )),
        }
    }
}
