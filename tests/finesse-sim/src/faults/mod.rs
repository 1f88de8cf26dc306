//! Faults: what can be made to go wrong, for whom and how often.

mod book;
mod catalogue;
mod desktop;
mod parse;
mod plan;

use serde::{Deserialize, Serialize};

use crate::rest::route::Endpoint;
use crate::server::Node;

pub(crate) use book::{FaultBook, Installed};
pub(crate) use catalogue::{CATALOGUE, FaultInfo, SCOPE};
pub(crate) use desktop::{NoticePlan, PagePlan};
pub use desktop::{PendingShape, ReasonShape};
pub(crate) use parse::parse;
pub(crate) use plan::{Answer, Kill, Plan, Rendering, Request, Stage};

/// When within a request a fault strikes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Before the request has any effect.
    #[default]
    Before,
    /// After its effect, before the answer.
    After,
}

/// Which of the 401s of Finesse notes 1.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unauthorized {
    /// `Authorization Failure`.
    AuthorizationFailure,
    /// `Authentication Failure`, as some samples print it.
    AuthenticationFailure,
    /// `Unauthorized`, as some samples print it.
    Unauthorized,
    /// `Invalid Authorization User Specified`.
    InvalidUser,
    /// `Invalid Supervisor`.
    InvalidSupervisor,
    /// `Invalid State` with status 401, as one table has it.
    InvalidState,
    /// The container's HTML page.
    Html,
}

/// One thing that goes wrong. On the control API: `{"fault": "name", parameters…}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "parameters are described in the catalogue, which GET /sim/faults prints"
)]
pub enum Fault {
    /// The answer takes longer, uniformly between the two.
    Latency {
        #[serde(default)]
        min_ms: u64,
        max_ms: u64,
        #[serde(default)]
        phase: Phase,
    },
    /// Answered with this status and an `ApiErrors` body.
    Status {
        status: u16,
        #[serde(default)]
        error_type: Option<String>,
        #[serde(default)]
        error_data: Option<String>,
        #[serde(default)]
        error_message: Option<String>,
        #[serde(default)]
        phase: Phase,
    },
    /// A 5xx before the request has any effect.
    ErrorBefore {
        #[serde(default = "internal_server_error")]
        status: u16,
    },
    /// A 5xx although the request took effect.
    ErrorAfter {
        #[serde(default = "internal_server_error")]
        status: u16,
    },
    /// The node is out of service: 503 for everything, and `SystemInfo` says so.
    OutOfService,
    /// The node is in partial service: 503 for everything, and `SystemInfo` says so.
    PartialService,
    /// `SystemInfo` says something else than is true; the rest works as before.
    SystemInfoLies {
        #[serde(default)]
        status: Option<String>,
        #[serde(default)]
        deployment_type: Option<String>,
        #[serde(default)]
        cti_heartbeat: Option<String>,
    },
    /// Nothing listens; connections that exist are cut.
    RefuseConnections,
    /// The connection is reset instead of an answer.
    ResetConnection {
        #[serde(default)]
        phase: Phase,
    },
    /// The request is read and never answered.
    BlackHole {
        #[serde(default)]
        phase: Phase,
    },
    /// The container's HTML page instead of XML.
    HtmlError {
        #[serde(default = "internal_server_error")]
        status: u16,
    },
    /// A 401 of this kind.
    Unauthorized { kind: Unauthorized },
    /// A body that is not well-formed XML, with status 200.
    MalformedXml,
    /// A body padded to this size.
    HugeBody {
        #[serde(default = "eight_mebibytes")]
        bytes: usize,
    },
    /// A PUT that would answer 202 answers 200.
    PutAnswers200,
    /// The `requestId` header is not echoed.
    NoRequestIdEcho,
    /// CTI takes long to answer a state change.
    SlowCti {
        #[serde(default = "fourteen_seconds")]
        delay_ms: u64,
    },
    /// CTI swallows a state change: 202, then nothing.
    CtiDrop,
    /// CTI refuses a state change after the 202.
    CtiError {
        code: u32,
        #[serde(default)]
        error_type: Option<String>,
        #[serde(default)]
        error_message: Option<String>,
    },
    /// As if no reason code were configured.
    NoReasonCodes,
    /// Reason codes carry their id in the URI only.
    ReasonIdsMissing,
    /// `reasonCode` instead of `ReasonCode` in the User object.
    LowerCaseReasonCode,
    /// Reason code lists for agents include the system's codes.
    SystemCodesListed,
    /// Lists have exactly one element.
    SingleElementLists,
    /// `stateChangeTime` is empty.
    EmptyStateChangeTime,
    /// The state is a word no client knows.
    UnknownState {
        #[serde(default = "future_state")]
        state: String,
    },
    /// The clock of Finesse is off: `currentTimestamp` and `stateChangeTime`.
    ClockSkew { offset_ms: i64 },
    /// Notifications say `put` instead of `PUT`.
    LowerCaseEvents,
    /// Every notification comes twice.
    DuplicateNotifications,
    /// Notifications do not name the request that caused them.
    NotificationsWithoutRequestId,
    /// Notifications come late.
    LateNotifications {
        #[serde(default = "fourteen_seconds")]
        delay_ms: u64,
    },
    /// Notifications do not come.
    LostNotifications,
    /// In gadgets, the hub was connected, and said so, before anybody asked.
    HubConnectedEarly,
    /// In gadgets, the user object of 10.5: without `getReasonCode`.
    NoGetReasonCode,
    /// In gadgets, `getNotReadyReasonCodes` hands over something else than an array of codes.
    ReasonList { shape: ReasonShape },
    /// In gadgets, no pending state is told otherwise than by an empty text.
    EmptyPendingState { shape: PendingShape },
    /// The gadget's frame has this Content-Security-Policy.
    ContentSecurityPolicy { policy: String },
}

/// The name of every fault, as on the control API.
pub fn fault_names() -> impl Iterator<Item = &'static str> {
    CATALOGUE.iter().map(|info| info.name)
}

fn internal_server_error() -> u16 {
    500
}

fn eight_mebibytes() -> usize {
    8 * 1024 * 1024
}

fn fourteen_seconds() -> u64 {
    14_000
}

fn future_state() -> String {
    "PAUSED_BY_FUTURE_VERSION".to_owned()
}

/// Where and how often a fault strikes; every part that is absent matches everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Scope {
    /// The node it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<Node>,
    /// The kind of resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Endpoint>,
    /// The HTTP method, upper case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The user in the path, by loginId; for faults of the shown object, the user shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The account that asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// How many requests are struck before the fault is spent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// The chance that a matching request is struck, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// How long the fault lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub for_ms: Option<u64>,
}

impl Fault {
    /// The name on the control API.
    pub fn name(&self) -> String {
        let value = serde_json::to_value(self).unwrap_or_default();
        value.get("fault").and_then(|name| name.as_str()).unwrap_or_default().to_owned()
    }
}
