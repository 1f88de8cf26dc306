//! The sentences. Of somebody else, so by name; no jargon, no blame, and no guess at who they are.

use super::{Asked, Entry, Side};
use crate::Time;
use crate::agent::{Answer, Code};
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
fn says(entry: &Entry) -> String {
    let cause = cause(entry);
    cause.strip_suffix(" in Webex").map_or(cause.clone(), str::to_owned)
}

struct Story<'a> {
    question: Question<'a>,
    last: &'a Entry,
    history: &'a [Entry],
}

impl Story<'_> {
    fn tell(&self) -> Vec<String> {
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

    // === left alone ===

    fn waits(&self, code: Code) -> String {
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

    fn left(&self, code: Code) -> Vec<String> {
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

    // === times and states ===

    fn time(&self, time: Time) -> String {
        (self.question.clock)(time)
    }

    /// When the present situation began: the first of the decisions that all say the same.
    fn since(&self) -> String {
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

    fn state(&self) -> String {
        state_words(self.last.state, self.last.reason.as_deref())
    }
}

fn label(entry: &Entry) -> Option<&str> {
    match &entry.wanted {
        Some(Wanted::NotReady { reason }) => Some(reason),
        _ => None,
    }
}

fn state_words(state: Option<AgentState>, reason: Option<&str>) -> String {
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
