//! Faults of the desktop: of notifications on their way, and of the page around a gadget.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Fault;

/// What `getNotReadyReasonCodes` hands over instead of an array (Finesse notes 1.5, 3.2, 6 C 24).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonShape {
    /// `undefined`, as 10.5.1 does for an empty list.
    Undefined,
    /// An empty array.
    Empty,
    /// One object that is in no array.
    Single,
    /// An array whose codes have their id in the URI only.
    UriOnly,
}

/// What `getPendingState` says where none is pending (Finesse notes 6 E 42).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PendingShape {
    /// `undefined`.
    Undefined,
    /// An object, as made from an empty element.
    Object,
}

/// What happens to one notification.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one switch per fault")]
pub(crate) struct NoticePlan {
    pub(crate) lower_case_event: bool,
    pub(crate) no_request_id: bool,
    pub(crate) twice: bool,
    pub(crate) lost: bool,
    pub(crate) delay: Duration,
}

impl NoticePlan {
    pub(crate) const fn copies(&self) -> usize {
        match (self.lost, self.twice) {
            (true, _) => 0,
            (false, true) => 2,
            (false, false) => 1,
        }
    }

    pub(super) fn add(&mut self, fault: &Fault) {
        match fault {
            Fault::LowerCaseEvents => self.lower_case_event = true,
            Fault::DuplicateNotifications => self.twice = true,
            Fault::NotificationsWithoutRequestId => self.no_request_id = true,
            Fault::LateNotifications { delay_ms } => self.delay = Duration::from_millis(*delay_ms),
            Fault::LostNotifications => self.lost = true,
            _ => {}
        }
    }
}

/// What happens to one gadget's frame.
#[derive(Clone, Debug, Default)]
pub(crate) struct PagePlan {
    /// What the page's scripts do otherwise, by the fault's name.
    pub(crate) switches: Map<String, Value>,
    pub(crate) policy: Option<String>,
}

impl PagePlan {
    pub(super) fn add(&mut self, fault: &Fault) {
        let value = match fault {
            Fault::ContentSecurityPolicy { policy } => {
                self.policy = Some(policy.clone());
                return;
            }
            Fault::ReasonList { shape } => json!(shape),
            Fault::EmptyPendingState { shape } => json!(shape),
            Fault::HubConnectedEarly | Fault::NoGetReasonCode => json!(true),
            _ => return,
        };
        self.switches.insert(fault.name(), value);
    }
}
