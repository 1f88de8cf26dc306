use std::sync::Arc;

use crate::Time;
use crate::agent::{Answer, Code};
use crate::finesse::AgentState;
use crate::presence::Facts;
use crate::rules::Wanted;

/// Who acts for an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The server, in a supervisor's name.
    Server,
    /// The gadget in the agent's own desktop.
    Gadget,
}

impl Side {
    /// As logs and journals name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Gadget => "gadget",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Server, Self::Gadget].into_iter().find(|side| side.as_str() == word)
    }
}

/// One decision as it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When it fell, on our clock.
    pub at: Time,
    /// Whose it was.
    pub side: Side,
    /// A dry run: nothing was touched.
    pub trial: bool,
    /// What was decided; `None` for a code of a later release.
    pub code: Option<Code>,
    /// The decision's own sentence.
    pub sentence: String,
    /// What was wanted.
    pub wanted: Option<Wanted>,
    /// From which presence.
    pub presence: Option<Presence>,
    /// What Finesse had shown last.
    pub state: Option<AgentState>,
    /// The reason beside it.
    pub reason: Option<String>,
    /// The hold after it.
    pub held: Option<Held>,
    /// How the request went that followed.
    pub asked: Option<Asked>,
    /// When the effect of that was seen, on our clock.
    pub effect_at: Option<Time>,
}

/// What Webex said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    /// In its own words.
    pub facts: Facts,
    /// Since when, on its own clock where it told.
    pub since: Time,
    /// The rule that these facts met, or what stands for one.
    pub rule: String,
}

/// A hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The label of its reason.
    pub reason: Arc<str>,
    /// The state that the agent was taken from.
    pub from: AgentState,
    /// Since when, on our clock.
    pub since: Time,
}

/// A request that followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// When it was sent.
    pub sent_at: Time,
    /// When it was answered.
    pub answered_at: Time,
    /// How; `None` for a word of a later release.
    pub answer: Option<Answer>,
}
