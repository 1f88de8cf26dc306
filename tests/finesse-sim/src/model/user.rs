//! One user of the contact centre and what they are doing.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::cti::CtiError;
use super::history::{HistoryEntry, ReasonView};
use super::reasons::ReasonCode;
use super::state::{AgentState, By, Via, Wish};

/// How wrap-up is configured for a user (Finesse notes 1.1, settings).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WrapUpMode {
    /// Never.
    None,
    /// When the call asks for it.
    #[default]
    Optional,
    /// After every routed call.
    Required,
}

impl WrapUpMode {
    /// The word in `wrapUpOnIncoming`.
    pub(crate) const fn wire(self) -> &'static str {
        match self {
            Self::None => "NOT_ALLOWED",
            Self::Optional => "OPTIONAL",
            Self::Required => "REQUIRED",
        }
    }
}

/// A user to create.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct UserSpec {
    /// The id in every path; text, `0001` stays `0001`.
    pub login_id: String,
    /// What the person types; may be an address.
    pub login_name: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// The phone used until a LOGIN names another.
    pub extension: String,
    /// Home team, by id.
    pub team: u32,
    /// The teams this user supervises, by id; not empty makes a supervisor.
    pub supervises: Vec<u32>,
    /// The password of Basic authorization.
    pub password: String,
    /// The state at the start.
    pub state: AgentState,
    /// How wrap-up is configured.
    pub wrap_up: WrapUpMode,
}

impl Default for UserSpec {
    fn default() -> Self {
        Self {
            login_id: String::new(),
            login_name: String::new(),
            first_name: "Sim".to_owned(),
            last_name: "User".to_owned(),
            extension: String::new(),
            team: 1,
            supervises: Vec::new(),
            password: "secret".to_owned(),
            state: AgentState::Ready,
            wrap_up: WrapUpMode::Optional,
        }
    }
}

impl UserSpec {
    /// An agent of team 1 who is READY.
    pub fn agent(login_id: &str, login_name: &str) -> Self {
        Self {
            login_id: login_id.to_owned(),
            login_name: login_name.to_owned(),
            last_name: login_name.to_owned(),
            extension: format!("5{login_id}"),
            ..Self::default()
        }
    }

    /// A supervisor of these teams, signed out, at home in the first of them.
    pub fn supervisor(login_id: &str, teams: &[u32]) -> Self {
        Self {
            team: teams.first().copied().unwrap_or(1),
            supervises: teams.to_vec(),
            state: AgentState::Logout,
            ..Self::agent(login_id, login_id)
        }
    }

    /// The same user at home in another team.
    #[must_use]
    pub fn in_team(mut self, team: u32) -> Self {
        self.team = team;
        self
    }

    /// The same user starting in another state.
    #[must_use]
    pub fn starting(mut self, state: AgentState) -> Self {
        self.state = state;
        self
    }
}

/// The reason a user's state carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Reason {
    /// `reasonCodeId` is -1.
    #[default]
    None,
    /// A plain `NOT_READY` with none configured reports reason 0 (Finesse notes 1.5).
    Zero,
    Code(Arc<ReasonCode>),
}

impl Reason {
    pub(crate) fn of(code: Option<Arc<ReasonCode>>) -> Self {
        code.map_or(Self::None, Self::Code)
    }

    pub(crate) fn id(&self) -> i64 {
        match self {
            Self::None => -1,
            Self::Zero => 0,
            Self::Code(code) => i64::from(code.id),
        }
    }

    pub(crate) fn view(&self) -> Option<ReasonView> {
        match self {
            Self::None => None,
            Self::Zero => Some(ReasonView { id: 0, code: 0, label: String::new() }),
            Self::Code(code) => {
                Some(ReasonView { id: code.id, code: code.code, label: code.label.clone() })
            }
        }
    }
}

/// A state with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) state: AgentState,
    pub(crate) reason: Reason,
}

/// How far a call has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Ringing,
    Reserved,
    Preview,
    Talking,
    Held,
}

/// A call in progress.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) phase: Phase,
    /// Routed by the contact centre; the agent's own calls are not (non-ICD).
    pub(crate) routed: bool,
    pub(crate) wrap_up: bool,
    pub(crate) wrap_up_for: Option<Duration>,
    /// What the agent was before.
    pub(crate) before: Standing,
    /// A pending change was asked for during this call; CCX takes only one.
    pub(crate) asked: bool,
}

/// An accepted change on its way through CTI.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) wish: Wish,
    pub(crate) reason: Option<Arc<ReasonCode>>,
    pub(crate) stamp: Stamp,
    pub(crate) cause: Cause,
}

/// What the reason becomes when the request names none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stamp {
    /// An agent's own change: none, or 0 for `NOT_READY`.
    Own,
    /// The supervisor's code of the deployment.
    Supervisor,
}

/// Who or what made a change.
#[derive(Clone, Debug)]
pub(crate) struct Cause {
    pub(crate) by: By,
    pub(crate) via: Via,
    pub(crate) actor: Option<String>,
    pub(crate) request_id: Option<String>,
}

impl Cause {
    pub(crate) fn system(via: Via) -> Self {
        Self { by: By::System, via, actor: None, request_id: None }
    }

    pub(crate) fn person(by: By, via: Via, actor: Option<String>) -> Self {
        Self { by, via, actor, request_id: None }
    }
}

/// How CTI will treat one request; drawn by the shell, so that the model stays free of chance.
#[derive(Clone, Debug)]
pub(crate) struct CtiPlan {
    pub(crate) delay: Duration,
    pub(crate) ending: Ending,
}

/// How a request ends.
#[derive(Clone, Debug)]
pub(crate) enum Ending {
    /// By the transition table.
    Table,
    /// Nothing ever comes back.
    Dropped,
    /// With this error, whatever the table says.
    Error(CtiError),
}

/// One user.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) login_id: String,
    pub(crate) login_name: String,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) extension: String,
    pub(crate) team: u32,
    pub(crate) supervises: BTreeSet<u32>,
    pub(crate) password: String,
    pub(crate) wrap_up_mode: WrapUpMode,
    pub(crate) now: Standing,
    /// Empty until the first state event.
    pub(crate) since: Option<Timestamp>,
    pub(crate) pending: Option<Standing>,
    pub(crate) call: Option<Call>,
    /// Where wrap-up leads, and the timer that ends it.
    pub(crate) after_wrap_up: Option<(Standing, u64)>,
    pub(crate) queue: VecDeque<(Order, CtiPlan)>,
    pub(crate) most_queued: usize,
    pub(crate) history: VecDeque<HistoryEntry>,
}

impl User {
    pub(crate) fn new(spec: UserSpec, since: Option<Timestamp>) -> Self {
        Self {
            login_id: spec.login_id,
            login_name: spec.login_name,
            first_name: spec.first_name,
            last_name: spec.last_name,
            extension: spec.extension,
            team: spec.team,
            supervises: spec.supervises.into_iter().collect(),
            password: spec.password,
            wrap_up_mode: spec.wrap_up,
            now: Standing { state: spec.state, reason: Reason::None },
            since,
            pending: None,
            call: None,
            after_wrap_up: None,
            queue: VecDeque::new(),
            most_queued: 0,
            history: VecDeque::new(),
        }
    }

    /// On a call that CCX shows nowhere but in the team's `mediaState`.
    pub(crate) fn busy_elsewhere(&self) -> bool {
        self.call
            .as_ref()
            .is_some_and(|call| !call.routed && matches!(call.phase, Phase::Talking | Phase::Held))
    }

    pub(crate) fn pending_state(&self) -> Option<AgentState> {
        self.pending.as_ref().map(|pending| pending.state)
    }
}
