//! What the installed faults do to one request.

use std::time::Duration;

use super::{NoticePlan, PagePlan, Unauthorized};
use crate::model::user::Ending;
use crate::rest::route::Endpoint;
use crate::server::Node;

/// When in its life a request meets faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// As it comes in.
    Arrival,
    /// As an accepted change of state is handed to CTI: a refused one spends no such fault.
    Cti,
    /// As something that happened is told to a desktop.
    Notice,
    /// As a gadget's frame is made.
    Gadget,
}

/// What a fault is matched against.
#[derive(Clone, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) node: Node,
    pub(crate) endpoint: Endpoint,
    pub(crate) method: &'a str,
    /// The loginId in the path.
    pub(crate) user: Option<&'a str>,
    pub(crate) actor: Option<&'a str>,
}

/// How a connection ends without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kill {
    Reset,
    BlackHole,
}

/// An answer in place of the true one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    Status {
        status: u16,
        error_type: Option<String>,
        error_data: Option<String>,
        error_message: Option<String>,
    },
    Html(u16),
    Unauthorized(Unauthorized),
    Malformed,
}

/// Whose object a fault distorts.
#[derive(Clone, Debug)]
pub(crate) enum Whose {
    Everybodys,
    Only(String),
}

impl Whose {
    pub(crate) fn of(user: Option<&String>) -> Self {
        user.map_or(Self::Everybodys, |user| Self::Only(user.clone()))
    }

    fn covers(&self, login_id: &str) -> bool {
        match self {
            Self::Everybodys => true,
            Self::Only(user) => user == login_id,
        }
    }
}

/// What is shown otherwise than it is; `user` faults apply to the user shown.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one switch per fault")]
pub(crate) struct Rendering {
    pub(crate) no_reason_codes: bool,
    pub(crate) reason_ids_missing: bool,
    pub(crate) lower_case_reason_code: bool,
    pub(crate) system_codes_listed: bool,
    pub(crate) single_element_lists: bool,
    /// Whose `stateChangeTime` is empty.
    pub(crate) empty_time: Option<Whose>,
    /// Whose state is replaced, and by which word.
    pub(crate) strange_state: Option<(Whose, String)>,
    pub(crate) skew_ms: i64,
    pub(crate) system_status: Option<String>,
    pub(crate) deployment_type: Option<String>,
    pub(crate) cti_heartbeat: Option<String>,
}

impl Rendering {
    pub(crate) fn empties_time_of(&self, login_id: &str) -> bool {
        self.empty_time.as_ref().is_some_and(|whose| whose.covers(login_id))
    }

    pub(crate) fn strange_state_of(&self, login_id: &str) -> Option<&str> {
        let (whose, word) = self.strange_state.as_ref()?;
        whose.covers(login_id).then_some(word)
    }
}

/// Everything that happens to one request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    pub(crate) delay_before: Duration,
    pub(crate) delay_after: Duration,
    pub(crate) kill_before: Option<Kill>,
    pub(crate) kill_after: Option<Kill>,
    /// `OUT_OF_SERVICE` or `PARTIAL_SERVICE`.
    pub(crate) service: Option<&'static str>,
    pub(crate) answer_before: Option<Answer>,
    pub(crate) answer_after: Option<Answer>,
    pub(crate) padding: Option<usize>,
    pub(crate) put_answers_200: bool,
    pub(crate) no_request_id_echo: bool,
    pub(crate) cti_delay: Option<Duration>,
    pub(crate) cti_ending: Option<Ending>,
    pub(crate) rendering: Rendering,
    pub(crate) notice: NoticePlan,
    pub(crate) page: PagePlan,
    /// The names of the faults that struck, for the log.
    pub(crate) struck: Vec<String>,
}
