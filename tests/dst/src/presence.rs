//! What people's presence is, and what it should lead to: written a second time on purpose, so
//! that two readings of the built-in rules must agree.

use webex_sim::Change;

/// What a presence asks of the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// No customer calls, for the reason of that name.
    Busy(&'static str),
    /// Customer calls are fine.
    Free,
    /// Nothing follows.
    Leave,
}

/// One presence as Webex words it.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    /// `status`.
    pub status: &'static str,
    /// `meetingType`.
    pub meeting_type: Option<&'static str>,
    /// `category`.
    pub category: Option<&'static str>,
    /// What follows.
    pub class: Class,
}

const fn word(status: &'static str, class: Class) -> Word {
    Word { status, meeting_type: None, category: None, class }
}

/// Every presence that people of the simulation have.
pub const WORDS: [Word; 14] = [
    word("active", Class::Free),
    word("inactive", Class::Free),
    word("ooo", Class::Free),
    word("dnd", Class::Busy("dnd")),
    word("call", Class::Busy("call")),
    Word { meeting_type: Some("online"), ..word("meeting", Class::Busy("meeting")) },
    word("presenting", Class::Busy("meeting")),
    Word { meeting_type: Some("online"), ..word("presenting", Class::Busy("meeting")) },
    Word { category: Some("unknown"), ..word("unknown", Class::Busy("unknown")) },
    word("meeting", Class::Leave),
    word("calendarItem", Class::Leave),
    word("pending", Class::Leave),
    word("busy", Class::Leave),
    word("a-word-of-tomorrow", Class::Leave),
];

impl Class {
    /// No customer calls?
    pub const fn is_busy(self) -> bool {
        matches!(self, Self::Busy(_))
    }
}

impl Word {
    /// As webex-sim takes it.
    pub fn change(&self) -> Change {
        Change {
            meeting_type: self.meeting_type.map(str::to_owned),
            category: self.category.map(str::to_owned),
            ..Change::to(self.status)
        }
    }
}
