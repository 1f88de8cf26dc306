//! What was done for an agent, or asked for, and what became of it.

use super::words::{Question, cause, label, says, state_words};
use super::{Asked, Entry, Side};
use crate::Time;
use crate::agent::{Answer, Code};
use crate::finesse::AgentState;

/// The last decision, and what led to it.
pub(super) struct Story<'a> {
    pub(super) question: Question<'a>,
    pub(super) last: &'a Entry,
    pub(super) history: &'a [Entry],
}

impl Story<'_> {
    pub(super) fn tell(&self) -> Vec<String> {
        let name = self.question.name;
        let mut said = match self.last.code {
            Some(code) => self.of(code),
            None => vec![format!("At {}: {}", self.time(self.last.at), self.last.sentence)],
        };
        if self.last.trial && self.last.code != Some(Code::DryRun) {
            said.push(format!("It was a dry run: nothing was touched for {name}."));
        }
        said
    }

    fn of(&self, code: Code) -> Vec<String> {
        match code {
            Code::Taken
            | Code::StaysHeld
            | Code::HeldLeftAlone
            | Code::Restored
            | Code::Adopted => self.held(code),
            Code::Taking | Code::Releasing => self.asked(code),
            Code::Released => self.released(self.last, &self.history[1..]),
            Code::NothingToDo => self.idle(),
            Code::WaitsForCall | Code::WaitsForWrapUp | Code::WaitsForOtherCall => {
                vec![self.waits(code)]
            }
            Code::LeftNotOurs
            | Code::LeftSignedOut
            | Code::Spared
            | Code::LeftSnoozed
            | Code::LeftHumanChose
            | Code::LeftByRule
            | Code::IgnoredContactCall
            | Code::Dropped
            | Code::HoldLost
            | Code::Crossed => self.left(code),
            Code::DryRun => vec![self.dry_run()],
            Code::RefusedByState
            | Code::NotPermitted
            | Code::RefusedForGood
            | Code::ReasonMissing
            | Code::FinesseUnavailable
            | Code::NoEffect
            | Code::CannotTell => vec![self.trouble(code)],
        }
    }

    // === held ===

    fn held(&self, code: Code) -> Vec<String> {
        let name = self.question.name;
        let Some(held) = &self.last.held else {
            return vec![format!("At {}: {}", self.time(self.last.at), self.last.sentence)];
        };
        let since = self.time(held.since);
        // The request tells the presence that it followed from; what is wanted may have changed.
        let taken = self.history.iter().find(|entry| {
            entry.code == Some(Code::Taking) && entry.at <= held.since
                || entry.code == Some(Code::Adopted)
        });
        let first = match (code, taken) {
            (Code::Adopted, _) => format!(
                "{name} was found Not Ready ({}) at {since}, with a reason that only Lockstep uses \
                 and without a record of it, so it counts as Lockstep\u{2019}s own.",
                held.reason
            ),
            (_, Some(taken)) => format!(
                "{name} was made Not Ready ({}) at {since} because of {}{}.",
                held.reason,
                cause(taken),
                self.presence_since(taken)
            ),
            (_, None) => format!(
                "{name} was made Not Ready ({}) at {since} by Lockstep; what led to it is no longer \
                 known.",
                held.reason
            ),
        };
        let before = state_words(Some(held.from), None);
        let next = match (code, &self.last.wanted) {
            (Code::HeldLeftAlone, _) => format!(
                "Webex says {} since, which the rules leave alone: {name} stays Not Ready until \
                 Webex says free.",
                says(self.last)
            ),
            _ => format!(
                "Before that {name} was {before}; when it ends, {name} is made Ready again."
            ),
        };
        let mut said = vec![first, next];
        if code != Code::Adopted {
            said.push(self.by(taken.map_or(self.last.side, |taken| taken.side)));
        }
        said
    }

    fn by(&self, side: Side) -> String {
        match side {
            Side::Server => {
                "The server did it in a supervisor\u{2019}s name, which is the reason that Finesse \
                 shows."
                    .to_owned()
            }
            Side::Gadget => {
                format!("The gadget in {}\u{2019}s own desktop did it.", self.question.name)
            }
        }
    }

    // === requests ===

    fn asked(&self, code: Code) -> Vec<String> {
        let (name, at) = (self.question.name, self.time(self.last.at));
        let first = match (code, label(self.last)) {
            (Code::Taking, label) => format!(
                "{name} is being made Not Ready{}: asked of Finesse at {at} because of {}{}.",
                label.map_or_else(String::new, |label| format!(" ({label})")),
                cause(self.last),
                self.presence_since(self.last)
            ),
            (_, Some(_)) => format!(
                "{name} is being made Ready again: asked of Finesse at {at}, because Not Ready came \
                 after somebody had chosen otherwise."
            ),
            (_, None) => format!(
                "{name} is being made Ready again: asked of Finesse at {at}, because Webex says {}{}.",
                says(self.last),
                self.presence_since(self.last)
            ),
        };
        vec![first, self.answered()]
    }

    fn answered(&self) -> String {
        if let Some(seen) = self.last.effect_at.filter(|seen| *seen <= self.question.at) {
            return format!("That was done at {}.", self.time(seen));
        }
        match self.last.asked.filter(|asked| asked.answered_at <= self.question.at) {
            Some(Asked { answer: Some(Answer::Accepted), answered_at, .. }) => format!(
                "Finesse took the request at {}; its effect had not been seen yet.",
                self.time(answered_at)
            ),
            Some(Asked { answered_at, .. }) => {
                format!("Finesse did not simply take it at {}.", self.time(answered_at))
            }
            None if self.last.side == Side::Gadget => {
                "The effect had not been seen yet; what Finesse answered, only the desktop knows."
                    .to_owned()
            }
            None => "Finesse\u{2019}s answer is not known.".to_owned(),
        }
    }

    /// `released` is the decision that let go, after those of `history` that come behind it.
    fn released(&self, released: &Entry, before: &[Entry]) -> Vec<String> {
        let (name, at) = (self.question.name, self.time(released.at));
        if released.state != Some(AgentState::Ready) {
            let state = state_words(released.state, released.reason.as_deref());
            return vec![format!("Lockstep let go of {name} at {at}, who was then {state}.")];
        }
        let because = if label(released).is_some() {
            "because Not Ready had come too late".to_owned()
        } else {
            format!("because Webex says {}{}", says(released), self.presence_since(released))
        };
        let mut said = vec![format!("{name} was made Ready again at {at} {because}.")];
        if let Some(held) = before.iter().find_map(|entry| entry.held.as_ref()) {
            let since = self.time(held.since);
            said.push(format!(
                "Lockstep had held {name} Not Ready ({}) since {since}.",
                held.reason
            ));
        }
        said
    }

    /// Nothing had to be done; what was done last is what people ask about.
    fn idle(&self) -> Vec<String> {
        let (name, since, state) = (self.question.name, self.since(), self.state());
        let nothing = |entry: &&Entry| entry.code == Some(Code::NothingToDo);
        let idle = self.history.iter().take_while(nothing).count();
        let mut said = match self.history.get(idle) {
            Some(last) if last.code == Some(Code::Released) => {
                self.released(last, &self.history[idle + 1..])
            }
            _ => Vec::new(),
        };
        said.push(format!(
            "Nothing to do since {since}: {name} is {state}, and Webex says {}.",
            says(self.last)
        ));
        said
    }

    fn dry_run(&self) -> String {
        let (name, at) = (self.question.name, self.time(self.last.at));
        let would = label(self.last)
            .map_or_else(|| "Ready again".to_owned(), |label| format!("Not Ready ({label})"));
        format!(
            "Dry run: at {at} {name} would have been made {would} because of {}{}; nothing was touched.",
            cause(self.last),
            self.presence_since(self.last)
        )
    }

    fn trouble(&self, code: Code) -> String {
        let (name, since, state) = (self.question.name, self.since(), self.state());
        let wanted = label(self.last).map_or_else(
            || "Ready".to_owned(),
            |label| format!("Not Ready ({label}) because of {}", cause(self.last)),
        );
        let why = match code {
            Code::RefusedByState => "Finesse refused, because the state had just changed",
            Code::NotPermitted => {
                "Finesse does not let Lockstep act for this agent; teams, roles and passwords need a \
                 look"
            }
            Code::RefusedForGood => {
                "Finesse does not take such a request; its words are in the journal"
            }
            Code::ReasonMissing => {
                "Finesse lists no such reason for this agent; it has to be added"
            }
            Code::FinesseUnavailable => "Finesse did not answer; it is tried again",
            Code::NoEffect => "Finesse took the request, yet nothing changed; it is tried again",
            _ => {
                "Finesse does not show when the state changed, so it may be somebody\u{2019}s choice"
            }
        };
        format!("Since {since} {wanted} is wanted for {name}, who is {state}: {why}.")
    }

    // === times and states ===

    pub(super) fn time(&self, time: Time) -> String {
        (self.question.clock)(time)
    }

    /// When the present situation began: the first of the decisions that all say the same.
    pub(super) fn since(&self) -> String {
        let same = |entry: &&Entry| entry.code == self.last.code && entry.state == self.last.state;
        let first = self.history.iter().take_while(same).last().unwrap_or(self.last);
        self.time(first.at)
    }

    fn presence_since(&self, entry: &Entry) -> String {
        entry
            .presence
            .as_ref()
            .map_or_else(String::new, |presence| format!(" since {}", self.time(presence.since)))
    }

    pub(super) fn state(&self) -> String {
        state_words(self.last.state, self.last.reason.as_deref())
    }
}
