use std::sync::Arc;
use std::time::Duration;

use lockstep_core::agent::{AgentSettings, Answer};
use lockstep_core::finesse::AgentView;
use lockstep_core::presence::PresenceSettings;
use lockstep_core::protocol::Report;
use lockstep_core::rules::{Mode, Rules};
use lockstep_core::writer::Link;
use lockstep_core::{AgentId, PersonId, TeamId, Time};
use tokio::sync::oneshot;

use super::{Deed, News, Outbox, Policies, Row, Told};
use crate::finesse::Member;
use crate::schedule::Schedule;
use crate::webex::FeedEvent;

/// All that can reach the engine.
#[derive(Debug)]
pub enum Message {
    /// Who is watched from now on.
    Roster(Roster),
    /// By which rules and settings, for whom.
    Policies(Box<Policies>),
    /// From Webex.
    Feed(FeedEvent),
    /// The states of a team, asked for then.
    Team {
        /// Which.
        team: TeamId,
        /// When the question was sent.
        asked_at: Time,
        /// The answer.
        members: Vec<Member>,
    },
    /// What a look brought; `None` when it failed.
    Looked {
        /// Who was looked at.
        agent: AgentId,
        /// When the question was sent.
        asked_at: Time,
        /// The answer.
        view: Option<AgentView>,
    },
    /// A look found that Finesse does not know this agent.
    NotKnown(AgentId),
    /// What became of a request.
    Answered {
        /// For whom.
        agent: AgentId,
        /// Its number.
        request: u64,
        /// The answer.
        answer: Answer,
        /// How it went.
        way: Way,
    },
    /// Finesse speaks through another node since then, or again: what was seen before is void.
    FailedOver {
        /// Looks that were asked for before do not count.
        at: Time,
    },
    /// How far Finesse's clock is ahead of ours, in milliseconds.
    Clock(i64),
    /// What kept us from acting may be gone.
    TryAgain,
    /// From a gadget, or that it is gone.
    Gadget(FromGadget),
    /// Asks whether an agent is watched, and by which login name.
    Watches {
        /// Who.
        agent: AgentId,
        /// `loginName`.
        answer: oneshot::Sender<Result<String, Unwatched>>,
    },
    /// Asks whether the engine still turns: it answers when its turn comes.
    Turns(oneshot::Sender<()>),
    /// Asks for the rows as they are now.
    Rows(oneshot::Sender<Vec<Row>>),
    /// Asks for some of the rows that may have changed since they were last told; the first
    /// question begins with everybody.
    News {
        /// At most so many.
        most: usize,
        /// The answer.
        answer: oneshot::Sender<News>,
    },
    /// Nobody asks for news any more.
    NoNews,
    /// A supervisor asks for something for an agent.
    Asked {
        /// For whom.
        agent: AgentId,
        /// What.
        deed: Deed,
        /// The supervisor's user name.
        actor: Arc<str>,
        /// What came of it.
        answer: oneshot::Sender<Told>,
    },
    /// A supervisor pauses a team, or ends that.
    Pause {
        /// Which.
        team: TeamId,
        /// Until then; `None`: no longer.
        until: Option<Time>,
        /// The supervisor's user name.
        actor: Arc<str>,
        /// What came of it.
        answer: oneshot::Sender<Told>,
    },
    /// Somebody asked for the configuration to be read again: only taken down.
    Reload {
        /// Their user name.
        actor: Arc<str>,
    },
}

/// Why somebody is not watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unwatched {
    /// Nobody is, so far: the process has just started, and Finesse has yet to say who there is.
    NotYet,
    /// Others are.
    NotThem,
}

/// The way of a request to Finesse and back, for the journal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Way {
    /// When it set out.
    pub sent_at: Time,
    /// When it was back.
    pub answered_at: Time,
    /// What Finesse said against it, or why it was not reached.
    pub detail: Option<String>,
}

/// Who is watched.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Roster {
    /// The agents.
    pub agents: Vec<Watched>,
}

/// One agent who is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// `loginId`.
    pub id: AgentId,
    /// `loginName`.
    pub login_name: String,
    /// For people to read.
    pub name: String,
    /// The home team, through whose supervisor the agent is reached.
    pub team: TeamId,
    /// The home team's name.
    pub team_name: String,
    /// The same human in Webex; `None` while nobody was found there.
    pub person: Option<PersonId>,
}

/// What comes from one connection of a gadget, whose agent proved themselves.
#[derive(Debug)]
pub struct FromGadget {
    /// Whose gadget.
    pub agent: AgentId,
    /// Which connection.
    pub link: Link,
    /// What it says.
    pub said: Said,
}

/// What a gadget says.
#[derive(Debug)]
pub enum Said {
    /// It came.
    Hello {
        /// How it is reached; when this is dropped its connection ends.
        outbox: Outbox,
    },
    /// It went.
    Gone,
    /// Its account of the agent.
    Report(Box<Report>),
    /// Leave the agent alone until then.
    Snooze {
        /// Until when.
        until: Time,
    },
    /// No longer.
    Unsnooze,
}

/// Rules and settings of some agents, which may change while running.
#[derive(Debug, Clone)]
pub struct Policy {
    /// As operators name it.
    pub name: Arc<str>,
    /// Facts to wants.
    pub rules: Arc<Rules>,
    /// Hold-down and loss of the source.
    pub presence: PresenceSettings,
    /// Rights, grace and platform.
    pub agent: AgentSettings,
    /// What gadgets may do.
    pub gadget: GadgetPolicy,
    /// So many of each team stay READY by our doing; zero: no floor.
    pub staffing_floor: usize,
    /// When anybody is made Not Ready at all; `None`: always.
    pub schedule: Option<Schedule>,
}

/// What gadgets may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GadgetPolicy {
    /// Who sets the states.
    pub mode: Mode,
    /// The labels that the rules may give.
    pub labels: Vec<Arc<str>>,
    /// Is `NOT_READY` with one of them, and no ledger, a hold (law 1)?
    pub adopt: bool,
    /// Decide and tell, and touch nothing.
    pub dry_run: bool,
    /// Stands in for a reason that Finesse does not list.
    pub default_reason: Option<Arc<str>>,
    /// How long an agent may ask to be left alone; zero: not at all; `None`: for as long as they like.
    pub longest_snooze: Option<Duration>,
}

impl GadgetPolicy {
    /// Gadgets only look on.
    pub const fn server_mode() -> Self {
        Self {
            mode: Mode::Server,
            labels: Vec::new(),
            adopt: false,
            dry_run: false,
            default_reason: None,
            longest_snooze: None,
        }
    }
}
