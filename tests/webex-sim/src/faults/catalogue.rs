//! The words of each fault, as `GET /sim/faults` lists them.

use serde::Serialize;

use super::{Fault, When};

/// One fault of the list.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct FaultEntry {
    /// What goes into `"fault"`.
    pub fault: &'static str,
    /// What it does, as a sentence.
    pub does: &'static str,
    /// `false`: it happens once, when it is posted, and takes no `times`.
    pub lasting: bool,
    /// What else goes beside the name.
    pub parameters: &'static [Parameter],
}

/// One parameter of a fault.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Parameter {
    /// The key.
    pub name: &'static str,
    /// Its JSON type.
    pub kind: &'static str,
    /// Whether it must be given.
    pub required: bool,
    /// What it says, with its unit and its default.
    pub means: &'static str,
}

const ENDPOINT: Parameter = optional(
    "endpoint",
    "text",
    "a name of `endpoints` or the part before its dot; every endpoint when absent",
);
const PERSON: Parameter = optional("person", "text", "an address; everybody when absent");
const RETRY_AFTER: Parameter =
    optional("retry_after", "number", "seconds of the Retry-After header; no header when absent");
const WHEN: Parameter = optional(
    "when",
    "text",
    "`now` (the default): the open sockets; `ready`: each new one after its ready message, lasting",
);
const REASON: Parameter = optional("reason", "text", "the close frame's reason; empty when absent");

const fn optional(name: &'static str, kind: &'static str, means: &'static str) -> Parameter {
    Parameter { name, kind, required: false, means }
}

const fn required(name: &'static str, kind: &'static str, means: &'static str) -> Parameter {
    Parameter { name, kind, required: true, means }
}

const fn lasting(
    fault: &'static str,
    does: &'static str,
    parameters: &'static [Parameter],
) -> FaultEntry {
    FaultEntry { fault, does, lasting: true, parameters }
}

const fn at_once(
    fault: &'static str,
    does: &'static str,
    parameters: &'static [Parameter],
) -> FaultEntry {
    FaultEntry { fault, does, lasting: false, parameters }
}

/// Every fault, by subject.
pub fn catalogue() -> &'static [FaultEntry] {
    CATALOGUE
}

const CATALOGUE: &[FaultEntry] = &[
    // Any request.
    lasting(
        "latency",
        "a request is answered late",
        &[
            ENDPOINT,
            required("ms", "number", "milliseconds"),
            optional("jitter_ms", "number", "up to this much more, drawn each time; 0"),
        ],
    ),
    lasting(
        "http_status",
        "a request is refused with this status",
        &[
            ENDPOINT,
            required("status", "number", "400 to 599"),
            optional("message", "text", "the error body's message"),
            RETRY_AFTER,
        ],
    ),
    lasting(
        "rate_limit",
        "more requests than this within a minute are refused with 429",
        &[
            ENDPOINT,
            required("per_minute", "number", "requests that are let through"),
            optional(
                "retry_after",
                "number",
                "seconds of the Retry-After header; until the next one is let through, when absent",
            ),
        ],
    ),
    lasting("reset", "the connection is reset before any answer", &[ENDPOINT]),
    lasting(
        "black_hole",
        "a request is accepted and never answered; when the fault is cleared the connection ends",
        &[ENDPOINT],
    ),
    lasting(
        "not_json",
        "a request is answered 200 with a page of HTML, as by a proxy that wants a login",
        &[ENDPOINT],
    ),
    lasting(
        "truncated_body",
        "the connection is reset in the middle of the answer's body",
        &[ENDPOINT],
    ),
    lasting(
        "redirect",
        "a request is answered 302 with another place to ask",
        &[ENDPOINT, required("location", "text", "the other place")],
    ),
    lasting(
        "foreign_link",
        "an answer names another address for a service",
        &[
            required(
                "link",
                "text",
                "`wdm` or `apheleia` in the catalog and in devices, or `webSocketUrl`",
            ),
            required("url", "text", "the address"),
        ],
    ),
    lasting("retry_after_date", "Retry-After headers carry a date instead of seconds", &[]),
    lasting(
        "clock_skew",
        "the Date headers are off",
        &[required("seconds", "number", "how far ahead they are; may be negative")],
    ),
    at_once(
        "offline",
        "every connection is reset and new ones are refused, the control API's too",
        &[required("ms", "number", "milliseconds until the simulator listens again")],
    ),
    // Devices.
    lasting(
        "excessive_devices",
        "registering a device is refused with 403 \"User has excessive device registrations\"",
        &[],
    ),
    lasting(
        "device_gone",
        "refreshing a device is answered 404 and the device is gone, with its subscriptions",
        &[],
    ),
    at_once(
        "devices_lost",
        "every device is forgotten, with its subscriptions; sockets stay open",
        &[],
    ),
    // The socket.
    lasting(
        "mercury_upgrade_status",
        "the upgrade is refused with this HTTP status",
        &[required("status", "number", "400 to 599"), RETRY_AFTER],
    ),
    lasting(
        "mercury_auth_refused",
        "a good token is answered with this close frame",
        &[required("code", "number", "4400, 4401, 4403, 4404, 1008, …"), REASON],
    ),
    lasting("mercury_no_ready", "no ready message after a good token", &[]),
    lasting(
        "mercury_event_before_ready",
        "an event of an unknown type comes before the ready message",
        &[],
    ),
    lasting("mercury_no_pong", "a JSON ping is not answered", &[]),
    lasting("mercury_wrong_pong_id", "a JSON ping is answered with another id", &[]),
    lasting("mercury_no_ping", "no WebSocket pings are sent", &[]),
    lasting(
        "mercury_stall",
        "the socket stays open and nothing at all is sent on it; what would have been is lost, its sequence numbers too",
        &[],
    ),
    lasting(
        "mercury_binary_frames",
        "JSON goes out in binary frames whatever the client asked for",
        &[],
    ),
    at_once(
        "mercury_close",
        "sockets end with this close frame",
        &[required("code", "number", "1000 to 4999"), REASON, WHEN],
    ),
    at_once("mercury_drop", "sockets are reset without a close frame", &[WHEN]),
    at_once("mercury_replaced", "the open sockets end with 4000 \"Replaced\"", &[]),
    at_once(
        "mercury_shutdown",
        "the open sockets get the message of type `shutdown`; each ends with 4001 once its successor is ready",
        &[
            optional(
                "close_after_ms",
                "number",
                "milliseconds after which it ends without a successor too; 30000",
            ),
            optional(
                "linger_ms",
                "number",
                "milliseconds for which it stays beside its successor; 0",
            ),
            WHEN,
        ],
    ),
    // Single frames.
    lasting(
        "sequence_gap",
        "the next frame's sequence number jumps",
        &[optional("size", "number", "how many numbers are left out; 1")],
    ),
    lasting("sequence_missing", "the next frame has no sequence number", &[]),
    at_once(
        "malformed_frame",
        "the open sockets get a text that is not JSON",
        &[optional("text", "text", "the text; a cut-off envelope when absent")],
    ),
    at_once(
        "huge_frame",
        "the open sockets get one very long envelope of an unknown type",
        &[optional("bytes", "number", "its length, at most 64 MiB; 8 MiB")],
    ),
    at_once(
        "unknown_event",
        "the open sockets get an event that has nothing to do with presence",
        &[optional("event_type", "text", "its eventType; conversation.activity")],
    ),
    at_once(
        "raw_frame",
        "the open sockets get this text as a frame",
        &[required("text", "text", "the whole frame")],
    ),
    // Events of presence.
    lasting("event_lost", "an event is not sent", &[PERSON]),
    lasting(
        "event_duplicate",
        "an event is sent twice, with the same id and two sequence numbers",
        &[PERSON],
    ),
    lasting(
        "event_reordered",
        "an event is sent after the one that follows it; clearing the fault sends it too",
        &[PERSON],
    ),
    lasting(
        "event_stale",
        "an event is followed by one that says what was before it, with the older statusTime and counter",
        &[PERSON],
    ),
    lasting(
        "event_delayed",
        "an event is sent late",
        &[PERSON, required("ms", "number", "milliseconds")],
    ),
    lasting(
        "event_status",
        "an event says another status than the snapshot",
        &[PERSON, required("status", "text", "any text")],
    ),
    // Subscriptions and snapshots.
    lasting(
        "subscriptions_refused",
        "a whole request to subscribe is refused",
        &[optional("status", "number", "400 to 599; 403")],
    ),
    at_once("subscriptions_lost", "every subscription is forgotten and nobody is told", &[]),
    lasting(
        "subject_refused",
        "a person's item in the reply carries this code and there is no subscription",
        &[
            PERSON,
            required("code", "number", "401, 403 or 409"),
            optional("retry", "number", "seconds; with 409"),
            optional("evicted", "text", "the id of a subject whose subscription made room"),
        ],
    ),
    lasting(
        "subject_missing",
        "a person is not in the reply, neither of subscriptions nor of compositions",
        &[PERSON],
    ),
    lasting(
        "short_ttl",
        "less time is granted than was asked for",
        &[required("seconds", "number", "the time that is granted at most")],
    ),
    lasting(
        "no_status",
        "a reply to a subscription carries no status although it was asked for",
        &[],
    ),
    lasting("status_hidden", "the public API does not show a person's status", &[PERSON]),
    // Tokens.
    lasting(
        "token_revoked",
        "every access token used until now is refused with 401; open sockets stay; clearing the fault accepts the tokens again",
        &[],
    ),
    lasting("refresh_refused", "the refresh grant is answered 400 invalid_grant", &[]),
];

/// The catalogue's name of a fault.
pub(super) fn name_of(fault: &Fault) -> &'static str {
    let value = serde_json::to_value(fault).unwrap_or_default();
    let name = value.get("fault").and_then(serde_json::Value::as_str).unwrap_or_default();
    entry(name).map_or("unlisted", |entry| entry.fault)
}

pub(super) fn entry(name: &str) -> Option<&'static FaultEntry> {
    CATALOGUE.iter().find(|entry| entry.fault == name)
}

/// Whether it stays in the list of active faults.
pub(super) fn lasts(fault: &Fault) -> bool {
    match fault {
        Fault::MercuryClose { when, .. }
        | Fault::MercuryDrop { when }
        | Fault::MercuryShutdown { when, .. } => *when == When::Ready,
        other => entry(name_of(other)).is_some_and(|entry| entry.lasting),
    }
}
