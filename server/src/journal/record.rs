//! What the engine hands to the journal.

use std::sync::Arc;

use lockstep_core::agent::{Answer, Decision, Hold};
use lockstep_core::finesse::AgentView;
use lockstep_core::protocol::Term;
use lockstep_core::why::Side;
use lockstep_core::{AgentId, TeamId, Time};

use crate::engine::Watched;

/// One thing to keep.
#[derive(Debug)]
pub enum Record {
    /// Something was decided.
    Decided(Box<Decided>),
    /// Finesse answered what had been asked after a decision.
    Answered(Box<Answered>),
    /// Somebody asked for something on the page.
    Deed(Box<Deed>),
}

/// What somebody asked for on the page.
#[derive(Debug)]
pub struct Deed {
    /// When.
    pub at: Time,
    /// Who, by their user name.
    pub actor: Arc<str>,
    /// What, in a word.
    pub what: &'static str,
    /// For which agent.
    pub who: Option<Arc<Watched>>,
    /// For which team.
    pub team: Option<TeamId>,
    /// Where it ends by itself.
    pub until: Option<Time>,
}

/// A decision, and what was known when it fell.
#[derive(Debug)]
pub struct Decided {
    /// Of whom, as they were called then.
    pub who: Arc<Watched>,
    /// Whose decision.
    pub side: Side,
    /// The gadget's right to act.
    pub term: Option<Term>,
    /// Nothing is touched: it tells what would be done.
    pub trial: bool,
    /// The decision.
    pub decision: Decision,
    /// What Finesse had shown last.
    pub view: Option<AgentView>,
    /// When the question was sent whose answer that is.
    pub seen_at: Option<Time>,
    /// The hold, now that this is decided.
    pub hold: Option<Hold>,
    /// The number of the request that goes out with it.
    pub request: Option<u64>,
}

/// How a request went.
#[derive(Debug)]
pub struct Answered {
    /// For whom.
    pub agent: AgentId,
    /// Its number.
    pub request: u64,
    /// What it means.
    pub answer: Answer,
    /// When it was sent, or given up before that.
    pub sent_at: Time,
    /// When the answer was there.
    pub answered_at: Time,
    /// Finesse's own words, or why it was not reached; nothing where it took the request.
    pub detail: Option<String>,
}

impl Record {
    /// When.
    pub fn at(&self) -> Time {
        match self {
            Self::Decided(decided) => decided.decision.at,
            Self::Answered(answered) => answered.answered_at,
            Self::Deed(deed) => deed.at,
        }
    }
}
