//! How the simulated cloud says no.

use axum::http::StatusCode;

/// A refusal, with the body of wire notes 2.4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    /// A sentence for whoever reads the client's log.
    pub(crate) message: String,
    /// Whether the wire notes do not allow what was asked: tests demand that there are none.
    pub(crate) violation: bool,
    /// Seconds for a `Retry-After` header.
    pub(crate) retry_after: Option<u64>,
}

// === impl Refusal ===

impl Refusal {
    /// Something that happens to a client that does everything right.
    pub(crate) fn expected(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), violation: false, retry_after: None }
    }

    /// Something that no client may do.
    pub(crate) fn violation(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), violation: true, retry_after: None }
    }

    /// A request whose content is wrong.
    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::violation(StatusCode::BAD_REQUEST, message)
    }
}
