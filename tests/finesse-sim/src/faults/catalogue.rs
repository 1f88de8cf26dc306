//! The list of faults with their parameters, as `GET /sim/faults` prints it.

/// One fault: name, parameters (`name: meaning`), and what it does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FaultInfo {
    pub(crate) name: &'static str,
    pub(crate) does: &'static str,
    pub(crate) parameters: &'static [(&'static str, &'static str)],
}

/// Parameters that every fault takes.
pub(crate) const SCOPE: &[(&str, &str)] = &[
    ("node", "primary | secondary"),
    (
        "endpoint",
        "system_info | users | user | user_reason_codes | user_reason_code | user_dialogs | client_log | team | team_reason_codes | reason_codes | reason_code | notification | gadget | other",
    ),
    ("method", "GET, PUT, POST, DELETE"),
    ("user", "loginId (or loginName) in the path, or of the user shown"),
    ("actor", "the account that asks"),
    ("times", "how many requests are struck"),
    ("probability", "0 to 1"),
    ("for_ms", "how long the fault lasts"),
];

const fn fault(
    name: &'static str,
    does: &'static str,
    parameters: &'static [(&'static str, &'static str)],
) -> FaultInfo {
    FaultInfo { name, does, parameters }
}

const PHASE: (&str, &str) = ("phase", "before | after the request takes effect");

/// Every fault.
pub(crate) const CATALOGUE: &[FaultInfo] = &[
    fault(
        "latency",
        "answers take longer, uniformly between the two",
        &[("min_ms", "default 0"), ("max_ms", "required"), PHASE],
    ),
    fault(
        "status",
        "this status with an ApiErrors body",
        &[
            ("status", "required"),
            ("error_type", "ErrorType"),
            ("error_data", "ErrorData"),
            ("error_message", "ErrorMessage"),
            PHASE,
        ],
    ),
    fault("error_before", "a 5xx, nothing applied", &[("status", "default 500")]),
    fault("error_after", "a 5xx although it was applied", &[("status", "default 500")]),
    fault("out_of_service", "503 for everything, SystemInfo OUT_OF_SERVICE", &[]),
    fault("partial_service", "503 for everything, SystemInfo PARTIAL_SERVICE", &[]),
    fault(
        "system_info_lies",
        "SystemInfo says something else than is true",
        &[
            ("status", "IN_SERVICE, …"),
            ("deployment_type", "UCCX | UCCE"),
            ("cti_heartbeat", "success | failure"),
        ],
    ),
    fault(
        "refuse_connections",
        "nothing listens on the node; give for_ms, or end it by the other node or the library",
        &[],
    ),
    fault("reset_connection", "the connection is reset instead of an answer", &[PHASE]),
    fault("black_hole", "the request is never answered", &[PHASE]),
    fault("html_error", "the container's HTML page", &[("status", "default 500")]),
    fault(
        "unauthorized",
        "a 401",
        &[(
            "kind",
            "authorization_failure | authentication_failure | unauthorized | invalid_user | invalid_supervisor | invalid_state | html",
        )],
    ),
    fault("malformed_xml", "a body that is not well-formed, status 200", &[]),
    fault(
        "huge_body",
        "a body padded to this size",
        &[("bytes", "default 8388608, at most 67108864")],
    ),
    fault("put_answers200", "an accepted PUT answers 200 instead of 202", &[]),
    fault("no_request_id_echo", "the requestId header is not echoed", &[]),
    fault("slow_cti", "CTI takes long to answer a state change", &[("delay_ms", "default 14000")]),
    fault("cti_drop", "202, then nothing happens", &[]),
    fault(
        "cti_error",
        "202, then an asynchronous error; a gadget sees success and then error",
        &[
            ("code", "33, 257, 265, 1010, …; required"),
            ("error_type", "default Invalid State"),
            ("error_message", "default by code"),
        ],
    ),
    fault("no_reason_codes", "as if no reason code were configured", &[]),
    fault("reason_ids_missing", "reason codes carry their id in the URI only", &[]),
    fault("lower_case_reason_code", "reasonCode instead of ReasonCode in the User object", &[]),
    fault("system_codes_listed", "lists for agents include systemCode=true entries", &[]),
    fault("single_element_lists", "lists have exactly one element", &[]),
    fault("empty_state_change_time", "stateChangeTime is empty", &[]),
    fault(
        "unknown_state",
        "a state no client knows",
        &[("state", "default PAUSED_BY_FUTURE_VERSION")],
    ),
    fault(
        "clock_skew",
        "currentTimestamp and stateChangeTime are off",
        &[("offset_ms", "may be negative; required")],
    ),
    fault("lower_case_events", "notifications say put instead of PUT", &[]),
    fault("duplicate_notifications", "every notification comes twice", &[]),
    fault("notifications_without_request_id", "notifications do not name their request", &[]),
    fault("late_notifications", "notifications come late", &[("delay_ms", "default 14000")]),
    fault("lost_notifications", "notifications do not come", &[]),
    fault("hub_connected_early", "in gadgets: the hub was connected before anybody asked", &[]),
    fault("no_get_reason_code", "in gadgets: the user object of 10.5, without getReasonCode", &[]),
    fault(
        "reason_list",
        "in gadgets: getNotReadyReasonCodes hands over something else than an array of codes",
        &[("shape", "undefined | empty | single | uri_only; required")],
    ),
    fault(
        "empty_pending_state",
        "in gadgets: no pending state is told otherwise than by an empty text",
        &[("shape", "undefined | object; required")],
    ),
    fault(
        "content_security_policy",
        "a gadget's frame has this policy, as a proxy may add it",
        &[("policy", "for example script-src 'self'; required")],
    ),
];
