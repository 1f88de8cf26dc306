//! The faults installed now, and how they add up for one request.

use std::time::Duration;

use jiff::Timestamp;
use rand::RngExt;
use rand::rngs::StdRng;

use super::plan::{Answer, Kill, Plan, Request, Stage, Whose};
use super::{Fault, Phase, Scope};
use crate::model::cti::CtiError;
use crate::model::later;
use crate::model::user::Ending;
use crate::rest::route::Endpoint;
use crate::server::Node;

/// Most faults at a time; a script that installs more has a loop in it.
const FAULT_LIMIT: usize = 1_000;

/// A fault in force.
#[derive(Clone, Debug)]
pub(crate) struct Installed {
    pub(crate) id: u64,
    pub(crate) fault: Fault,
    pub(crate) scope: Scope,
    pub(crate) until: Option<Timestamp>,
    pub(crate) struck: u64,
}

/// All faults in force, in the order they were installed.
#[derive(Debug, Default)]
pub(crate) struct FaultBook {
    faults: Vec<Installed>,
    next_id: u64,
}

impl FaultBook {
    /// Puts a fault in force; `None`: there are too many.
    pub(crate) fn install(&mut self, fault: Fault, scope: Scope, now: Timestamp) -> Option<u64> {
        if self.faults.len() >= FAULT_LIMIT {
            return None;
        }
        self.next_id += 1;
        let until = scope.for_ms.map(|millis| later(now, Duration::from_millis(millis)));
        self.faults.push(Installed { id: self.next_id, fault, scope, until, struck: 0 });
        Some(self.next_id)
    }

    pub(crate) fn clear(&mut self) {
        self.faults.clear();
    }

    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.faults.len();
        self.faults.retain(|installed| installed.id != id);
        self.faults.len() < before
    }

    pub(crate) fn remove_named(&mut self, name: &str) -> bool {
        let before = self.faults.len();
        self.faults.retain(|installed| installed.fault.name() != name);
        self.faults.len() < before
    }

    /// Ends the refusal of exactly this node.
    pub(crate) fn remove_refusal(&mut self, node: Node) {
        self.faults.retain(|installed| {
            installed.fault != Fault::RefuseConnections || installed.scope.node != Some(node)
        });
    }

    pub(crate) fn active(&self) -> &[Installed] {
        &self.faults
    }

    /// When the next fault ends by itself.
    pub(crate) fn next_end(&self) -> Option<Timestamp> {
        self.faults.iter().filter_map(|installed| installed.until).min()
    }

    /// Forgets what is over.
    pub(crate) fn expire(&mut self, now: Timestamp) {
        self.faults.retain(|installed| {
            installed.until.is_none_or(|until| until > now) && installed.scope.times != Some(0)
        });
    }

    pub(crate) fn refuses(&self, node: Node) -> bool {
        self.faults.iter().any(|installed| {
            installed.fault == Fault::RefuseConnections
                && installed.scope.node.is_none_or(|only| only == node)
        })
    }

    /// Whether no fault puts this node out of service.
    pub(crate) fn serves(&self, node: Node) -> bool {
        !self.faults.iter().any(|installed| {
            matches!(installed.fault, Fault::OutOfService | Fault::PartialService)
                && installed.scope.node.is_none_or(|only| only == node)
        })
    }

    /// What becomes of this request; counts down the faults that strike it.
    pub(crate) fn plan(
        &mut self,
        stage: Stage,
        request: &Request<'_>,
        now: Timestamp,
        rng: &mut StdRng,
    ) -> Plan {
        self.expire(now);
        let mut plan = Plan::default();
        for installed in &mut self.faults {
            if !belongs(&installed.fault, stage) || !strikes(installed, request, rng) {
                continue;
            }
            if let Some(times) = &mut installed.scope.times {
                *times -= 1;
            }
            installed.struck += 1;
            plan.struck.push(installed.fault.name());
            plan.add(installed, rng);
        }
        self.expire(now);
        plan
    }
}

fn belongs(fault: &Fault, stage: Stage) -> bool {
    match fault {
        Fault::SlowCti { .. } | Fault::CtiDrop | Fault::CtiError { .. } => stage == Stage::Cti,
        Fault::LowerCaseEvents
        | Fault::DuplicateNotifications
        | Fault::NotificationsWithoutRequestId
        | Fault::LateNotifications { .. }
        | Fault::LostNotifications => stage == Stage::Notice,
        Fault::HubConnectedEarly
        | Fault::NoGetReasonCode
        | Fault::ReasonList { .. }
        | Fault::EmptyPendingState { .. }
        | Fault::ContentSecurityPolicy { .. } => stage == Stage::Gadget,
        // The user object looks the same in an answer and in a notification.
        Fault::NoReasonCodes
        | Fault::ReasonIdsMissing
        | Fault::LowerCaseReasonCode
        | Fault::EmptyStateChangeTime
        | Fault::UnknownState { .. }
        | Fault::ClockSkew { .. } => matches!(stage, Stage::Arrival | Stage::Notice),
        _ => stage == Stage::Arrival,
    }
}

fn strikes(installed: &Installed, request: &Request<'_>, rng: &mut StdRng) -> bool {
    let scope = &installed.scope;
    let user_matches = shown_only(&installed.fault)
        || scope.user.as_deref().is_none_or(|user| request.user == Some(user));
    scope.node.is_none_or(|node| node == request.node)
        && scope.endpoint.is_none_or(|endpoint| endpoint == request.endpoint)
        && scope.method.as_deref().is_none_or(|method| method == request.method)
        && scope.actor.as_deref().is_none_or(|actor| request.actor == Some(actor))
        && user_matches
        && concerns(&installed.fault, request)
        && scope.probability.is_none_or(|chance| rng.random_bool(chance))
}

/// Whether `user` means the user shown, wherever, and not the one in the path.
fn shown_only(fault: &Fault) -> bool {
    matches!(fault, Fault::EmptyStateChangeTime | Fault::UnknownState { .. })
}

/// What distorts one kind of resource is not spent on others.
fn concerns(fault: &Fault, request: &Request<'_>) -> bool {
    match fault {
        Fault::PutAnswers200 => request.endpoint == Endpoint::User && request.method == "PUT",
        Fault::SystemInfoLies { .. } => request.endpoint == Endpoint::SystemInfo,
        Fault::RefuseConnections => false,
        Fault::EmptyStateChangeTime | Fault::UnknownState { .. } => {
            matches!(
                request.endpoint,
                Endpoint::User | Endpoint::Users | Endpoint::Team | Endpoint::Notification
            )
        }
        _ => true,
    }
}

impl Plan {
    fn add(&mut self, installed: &Installed, rng: &mut StdRng) {
        let scope = &installed.scope;
        match installed.fault.clone() {
            Fault::Latency { min_ms, max_ms, phase } => {
                let delay = Duration::from_millis(rng.random_range(min_ms..=max_ms));
                match phase {
                    Phase::Before => self.delay_before += delay,
                    Phase::After => self.delay_after += delay,
                }
            }
            Fault::Status { status, error_type, error_data, error_message, phase } => {
                self.answer(
                    phase,
                    Answer::Status { status, error_type, error_data, error_message },
                );
            }
            Fault::ErrorBefore { status } => self.answer(Phase::Before, plain_status(status)),
            Fault::ErrorAfter { status } => self.answer(Phase::After, plain_status(status)),
            Fault::OutOfService => self.service = Some("OUT_OF_SERVICE"),
            Fault::PartialService => self.service = Some("PARTIAL_SERVICE"),
            Fault::SystemInfoLies { status, deployment_type, cti_heartbeat } => {
                self.rendering.system_status = status;
                self.rendering.deployment_type = deployment_type;
                self.rendering.cti_heartbeat = cti_heartbeat;
            }
            Fault::ResetConnection { phase } => self.kill(phase, Kill::Reset),
            Fault::BlackHole { phase } => self.kill(phase, Kill::BlackHole),
            Fault::HtmlError { status } => self.answer(Phase::Before, Answer::Html(status)),
            Fault::Unauthorized { kind } => self.answer(Phase::Before, Answer::Unauthorized(kind)),
            Fault::MalformedXml => self.answer(Phase::After, Answer::Malformed),
            Fault::HugeBody { bytes } => self.padding = Some(bytes),
            Fault::EmptyStateChangeTime => {
                self.rendering.empty_time = Some(Whose::of(scope.user.as_ref()));
            }
            Fault::UnknownState { state } => {
                self.rendering.strange_state = Some((Whose::of(scope.user.as_ref()), state));
            }
            other => self.add_switch(&other),
        }
    }

    fn add_switch(&mut self, fault: &Fault) {
        match fault {
            Fault::PutAnswers200 => self.put_answers_200 = true,
            Fault::NoRequestIdEcho => self.no_request_id_echo = true,
            Fault::SlowCti { delay_ms } => self.cti_delay = Some(Duration::from_millis(*delay_ms)),
            Fault::CtiDrop => self.cti_ending = Some(Ending::Dropped),
            Fault::CtiError { code, error_type, error_message } => {
                let mut error = CtiError::of_code(*code);
                error.error_type = error_type.clone().unwrap_or(error.error_type);
                error.error_message = error_message.clone().unwrap_or(error.error_message);
                self.cti_ending = Some(Ending::Error(error));
            }
            Fault::NoReasonCodes => self.rendering.no_reason_codes = true,
            Fault::ReasonIdsMissing => self.rendering.reason_ids_missing = true,
            Fault::LowerCaseReasonCode => self.rendering.lower_case_reason_code = true,
            Fault::SystemCodesListed => self.rendering.system_codes_listed = true,
            Fault::SingleElementLists => self.rendering.single_element_lists = true,
            Fault::ClockSkew { offset_ms } => self.rendering.skew_ms += offset_ms,
            other => {
                self.notice.add(other);
                self.page.add(other);
            }
        }
    }

    fn answer(&mut self, phase: Phase, answer: Answer) {
        match phase {
            Phase::Before => self.answer_before = Some(answer),
            Phase::After => self.answer_after = Some(answer),
        }
    }

    fn kill(&mut self, phase: Phase, kill: Kill) {
        match phase {
            Phase::Before => self.kill_before = Some(kill),
            Phase::After => self.kill_after = Some(kill),
        }
    }
}

fn plain_status(status: u16) -> Answer {
    Answer::Status { status, error_type: None, error_data: None, error_message: None }
}
