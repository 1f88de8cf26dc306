//! Answers of the REST API, with the error bodies of Finesse notes 1.4.

use super::xml::Xml;
use crate::faults::{Answer, Unauthorized};
use crate::model::rules::Refusal;

/// What a strict reader of the document thinks of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// As it should be.
    Fine,
    /// Refused for a reason that a correct client may meet.
    Refused(String),
    /// The document does not allow such a request; the sentence says why.
    Violation(String),
    /// A fault answered.
    Fault,
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
    pub(crate) verdict: Verdict,
}

impl Reply {
    fn new(status: u16, content_type: &'static str, body: String, verdict: Verdict) -> Self {
        Self { status, content_type, headers: Vec::new(), body, verdict }
    }

    pub(crate) fn xml(xml: Xml) -> Self {
        Self::new(200, "application/xml;charset=UTF-8", xml.into_text(), Verdict::Fine)
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self::new(status, "application/xml;charset=UTF-8", String::new(), Verdict::Fine)
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// An `ApiErrors` body; counted as a refusal until [`Reply::violating`].
    pub(crate) fn error(status: u16, kind: &str, data: &str, message: &str) -> Self {
        let mut xml = Xml::new();
        xml.element("ApiErrors", |xml| {
            xml.element("ApiError", |xml| {
                xml.leaf("ErrorType", kind);
                xml.leaf("ErrorData", data);
                xml.leaf("ErrorMessage", message);
            });
        });
        let why = Verdict::Refused(format!("{kind}: {message}"));
        Self::new(status, "application/xml;charset=UTF-8", xml.into_text(), why)
    }

    pub(crate) fn violating(mut self, why: impl Into<String>) -> Self {
        self.verdict = Verdict::Violation(why.into());
        self
    }

    pub(crate) fn by_fault(mut self) -> Self {
        self.verdict = Verdict::Fault;
        self
    }

    pub(crate) fn bad_request(why: &str) -> Self {
        Self::error(400, "Bad Request", "", why).violating(why)
    }

    pub(crate) fn parameter_missing(name: &str) -> Self {
        let mut capital = name.to_owned();
        if let Some(first) = capital.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        Self::error(400, "Parameter Missing", name, &format!("{capital} Parameter missing"))
            .violating(format!("the parameter {name} is missing"))
    }

    pub(crate) fn invalid_input(name: &str, value: &str) -> Self {
        let message = format!("{value} is not a value of {name}");
        Self::error(400, "Invalid Input", name, &message).violating(message.clone())
    }

    /// Not authenticated, or the role is not allowed.
    pub(crate) fn authorization_failure(account: &str) -> Self {
        Self::error(401, "Authorization Failure", account, "UNAUTHORIZED")
    }

    pub(crate) fn other_user(id: &str) -> Self {
        let message =
            "The user specified in the authentication credentials and the uri don't match";
        Self::error(401, "Invalid Authorization User Specified", id, message)
    }

    pub(crate) fn invalid_supervisor(id: &str) -> Self {
        let message = "The user is not in a team of this supervisor";
        Self::error(401, "Invalid Supervisor", id, message)
    }

    pub(crate) fn user_not_found(id: &str) -> Self {
        Self::error(404, "User Not Found", id, "The user does not exist")
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::error(404, "Not Found", what, "The resource does not exist")
    }

    pub(crate) fn html(status: u16) -> Self {
        let body = format!(
            "<!doctype html><html lang=\"en\"><head><title>HTTP Status {status}</title></head>\
             <body><h1>HTTP Status {status}</h1><p>Apache Tomcat<br></body></html>"
        );
        Self::new(status, "text/html;charset=utf-8", body, Verdict::Fault)
    }
}

impl From<&Refusal> for Reply {
    fn from(refusal: &Refusal) -> Self {
        const NOT_ALLOWED: &str = "For this operation, Reason Codes are not allowed.";
        const REQUIRED: &str = "The state change requires a valid reason code.";
        const NOT_VALID: &str = "The Reason Code specified in the request does not exist";
        match refusal {
            Refusal::UserNotFound(id) => Self::user_not_found(id),
            Refusal::RoleNotAllowed { actor, .. } => {
                Self::authorization_failure(actor).violating(refusal.to_string())
            }
            Refusal::OtherUser(id) => Self::other_user(id),
            Refusal::InvalidSupervisor(id) => Self::invalid_supervisor(id),
            Refusal::ReasonNotAllowed => {
                Self::error(400, "Invalid Input", "finesse.api.reasoncode.not_allowed", NOT_ALLOWED)
                    .violating("a reason code was sent where none is allowed")
            }
            Refusal::ReasonRequired => Self::error(
                400,
                "Parameter Missing",
                "finesse.api.reasoncode.require_reasoncode",
                REQUIRED,
            ),
            Refusal::ReasonNotValid => {
                Self::error(400, "Invalid Input", "finesse.api.reasoncode.not_valid", NOT_VALID)
            }
            Refusal::InvalidState { .. } => {
                Self::error(400, "Invalid State", "", &refusal.to_string())
            }
        }
    }
}

/// The answer of a fault to this account about this user.
pub(crate) fn injected(answer: &Answer, account: Option<&str>, target: Option<&str>) -> Reply {
    let reply = match answer {
        Answer::Html(status) => Reply::html(*status),
        Answer::Malformed => Reply::new(
            200,
            "application/xml;charset=UTF-8",
            "<User><state>READY</state><User".to_owned(),
            Verdict::Fault,
        ),
        Answer::Status { status, error_type, error_data, error_message } => Reply::error(
            *status,
            error_type.as_deref().unwrap_or_else(|| usual_type(*status)),
            error_data.as_deref().unwrap_or_default(),
            error_message.as_deref().unwrap_or_default(),
        ),
        Answer::Unauthorized(kind) => {
            unauthorized(*kind, account.unwrap_or_default(), target.unwrap_or_default())
        }
    };
    reply.by_fault()
}

fn unauthorized(kind: Unauthorized, account: &str, target: &str) -> Reply {
    const NOT_AUTHORIZED: &str = "The user is not authorized to perform this operation";
    match kind {
        Unauthorized::AuthorizationFailure => Reply::authorization_failure(account),
        Unauthorized::AuthenticationFailure => {
            Reply::error(401, "Authentication Failure", "", NOT_AUTHORIZED)
        }
        Unauthorized::Unauthorized => Reply::error(401, "Unauthorized", "", NOT_AUTHORIZED),
        Unauthorized::InvalidUser => Reply::other_user(target),
        Unauthorized::InvalidSupervisor => Reply::invalid_supervisor(target),
        Unauthorized::InvalidState => {
            Reply::error(401, "Invalid State", "", "state not supported in the scenario")
        }
        Unauthorized::Html => Reply::html(401),
    }
}

fn usual_type(status: u16) -> &'static str {
    match status {
        400 => "Generic Error",
        401 => "Authorization Failure",
        403 => "Forbidden",
        404 => "Not Found",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}

/// 503 while the node is not in service (Finesse notes 1.4).
pub(crate) fn service_unavailable() -> Reply {
    Reply::error(503, "Service Unavailable", "SERVER_OUT_OF_SERVICE", "").by_fault()
}
