//! What happened to an agent, bounded.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::cti::CtiError;
use super::state::{AgentState, By, Via};
use crate::clock::wire_time;

/// Entries kept per user: a scripted day has some tens, and 10,000 users must fit in memory.
pub(crate) const HISTORY_LIMIT: usize = 60;
/// Entries kept for all users together.
pub(crate) const EVENT_LIMIT: usize = 20_000;

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// The state, or the reason of the state, changed.
    State,
    /// The pending state changed.
    Pending,
    /// An accepted request failed in CTI; polling shows no trace of it.
    Error,
    /// A fault swallowed an accepted request.
    Dropped,
    /// An accepted request changed nothing.
    Nothing,
    /// A call began, was held, resumed or ended without a change of state.
    Call,
    /// The state was published again after a fail-over.
    Republished,
}

/// A reason code as the control API shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReasonView {
    /// The database id; differs per start. 0 stands for a plain `NOT_READY` without configured codes.
    pub id: u32,
    /// The number.
    pub code: i32,
    /// What people read.
    pub label: String,
}

/// One thing that happened to an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryEntry {
    /// Grows by one with everything that happens in the contact centre.
    pub seq: u64,
    /// When.
    #[serde(serialize_with = "as_wire_time")]
    pub time: Timestamp,
    /// To whom: the loginId.
    pub user: String,
    /// What.
    pub kind: EventKind,
    /// The state before.
    pub from: AgentState,
    /// The state after; for an error, the state that was asked for where it is one.
    pub to: AgentState,
    /// The pending state after.
    pub pending_state: Option<AgentState>,
    /// The reason after; for a pending state, its reason.
    pub reason: Option<ReasonView>,
    /// In which capacity somebody acted.
    pub by: By,
    /// By which road.
    pub via: Via,
    /// The account that acted, where one did.
    pub actor: Option<String>,
    /// The `requestId` header of the REST request.
    pub request_id: Option<String>,
    /// The asynchronous failure.
    pub error: Option<CtiError>,
}

pub(crate) fn as_wire_time<S: Serializer>(
    at: &Timestamp,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&wire_time(*at))
}

/// Appends and drops the oldest entry beyond `limit`.
pub(crate) fn push_bounded<T>(list: &mut VecDeque<T>, entry: T, limit: usize) {
    if list.len() >= limit {
        list.pop_front();
    }
    list.push_back(entry);
}
