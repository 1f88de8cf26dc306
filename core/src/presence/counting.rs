//! Which presences count for a team, and when.

use super::{Facts, LossPolicy, PresenceSettings};
use crate::rules::Wanted;

/// The rule that stands for a presence that does not count for this agent.
pub const NOT_COUNTED: &str = "this presence does not count here";
/// The rule that stands for a time at which agents are left alone.
pub const OFF_DUTY: &str = "outside the schedule";

/// A kind of presence that may make an agent Not Ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Busy {
    /// On a call.
    Call,
    /// In a meeting, or presenting.
    Meeting,
    /// Do not disturb.
    Dnd,
    /// Webex tells no presence.
    Unavailable,
}

impl Busy {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Call, Self::Meeting, Self::Dnd, Self::Unavailable];

    /// The configuration's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Meeting => "meeting",
            Self::Dnd => "dnd",
            Self::Unavailable => "unavailable",
        }
    }

    /// The kind that Webex's words speak of; none for `busy`, and for what is new.
    pub fn of(facts: &Facts) -> Option<Self> {
        match facts.get("status")? {
            "call" => Some(Self::Call),
            "meeting" | "presenting" | "calendarItem" => Some(Self::Meeting),
            "dnd" => Some(Self::Dnd),
            "unknown" => Some(Self::Unavailable),
            _ => None,
        }
    }
}

/// Which kinds of presence may make an agent Not Ready; the others are left alone, and release
/// nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Counting {
    /// Whatever the rules say.
    #[default]
    All,
    /// Only these, in the order of [`Busy::ALL`].
    Only([bool; Busy::ALL.len()]),
}

impl Counting {
    /// Only these.
    pub fn only(kinds: &[Busy]) -> Self {
        Self::Only(Busy::ALL.map(|kind| kinds.contains(&kind)))
    }

    fn has(self, facts: &Facts) -> bool {
        match self {
            Self::All => true,
            Self::Only(some) => Busy::of(facts).is_some_and(|kind| {
                Busy::ALL.iter().zip(some).any(|(one, has)| has && *one == kind)
            }),
        }
    }
}

impl PresenceSettings {
    /// Why what the rules want is not done; `None` where it is. Only what would take somebody is
    /// ever left: what frees them always counts, so that a hold ends as it would have ended.
    pub(super) fn leaves(&self, wanted: &Wanted, facts: &Facts) -> Option<&'static str> {
        if !wanted.is_busy() {
            None
        } else if !self.on_duty {
            Some(OFF_DUTY)
        } else {
            (!self.counting.has(facts)).then_some(NOT_COUNTED)
        }
    }

    /// Does a longer loss of the source lead to anything now? Nobody is taken off duty.
    pub(super) fn acts_on_loss(&self) -> bool {
        match self.on_loss {
            LossPolicy::Hold => false,
            LossPolicy::Release => true,
            LossPolicy::NotReady => self.on_duty,
        }
    }
}
