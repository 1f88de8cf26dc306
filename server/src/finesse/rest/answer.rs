//! What an answer means: HTTP status first, the body's words only where they tell two 401s apart
//! (Finesse notes 1.4).

use std::fmt;
use std::time::Duration;

use lockstep_core::{AgentId, TeamId};

use super::credentials::Credentials;
use super::wire::Fault;
use crate::finesse::FinesseError;

/// Finesse's words in our errors and log lines end here; its own are far shorter.
const LONGEST: usize = 300;

/// What a call is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Subject<'a> {
    System,
    Users,
    Team(&'a TeamId),
    Agent(&'a AgentId),
    ReasonCodes(&'a str),
    ReasonCode(&'a str),
}

impl<'a> Subject<'a> {
    /// The agent, where it is about one.
    pub(super) fn agent(&self) -> Option<&'a AgentId> {
        match self {
            Self::Agent(agent) => Some(agent),
            _ => None,
        }
    }
}

impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("SystemInfo"),
            Self::Users => f.write_str("list of users"),
            Self::Team(team) => write!(f, "team {team}"),
            Self::Agent(agent) => write!(f, "user {agent}"),
            Self::ReasonCodes(whose) => write!(f, "reason codes of {whose}"),
            Self::ReasonCode(label) => write!(f, "reason code {label}"),
        }
    }
}

/// An answer that is not a success.
#[derive(Debug)]
pub(super) struct Refusal<'a> {
    pub(super) status: u16,
    pub(super) fault: Fault,
    pub(super) retry_after: Option<Duration>,
    /// Scheme, host and port that a redirect points to.
    pub(super) location: Option<String>,
    /// Scheme, host and port of the node that answered.
    pub(super) node: &'a str,
    /// Whose credentials were sent, if any.
    pub(super) credentials: Option<&'a Credentials>,
    pub(super) subject: Subject<'a>,
}

impl Refusal<'_> {
    /// The error that the caller can act on.
    pub(super) fn into_error(self) -> FinesseError {
        match (self.status, self.credentials) {
            (300..=399, _) => self.redirect(),
            (401, Some(credentials)) => self.unauthorized(credentials),
            (404, _) => FinesseError::NotFound { what: self.subject.to_string() },
            (400, _) if self.is_kind("Invalid State") => {
                FinesseError::InvalidState { detail: self.detail() }
            }
            // Not documented for Finesse, but a proxy in front of it may say so.
            (429 | 503, _) => self.unavailable(true),
            (500..=599, _) => self.unavailable(false),
            _ => self.refused(),
        }
    }

    /// Finesse has checked the password and found it right, whatever else it says.
    pub(super) fn proves_password(error: &FinesseError) -> bool {
        use FinesseError::{InvalidState, NotFound, NotOurs, Refused};
        match error {
            NotOurs { .. } | InvalidState { .. } | NotFound { .. } => true,
            Refused { status, .. } => *status == 400,
            _ => false,
        }
    }

    fn unauthorized(self, credentials: &Credentials) -> FinesseError {
        // Also told of a state "not supported in the scenario": no fault of the password.
        if self.is_kind("Invalid State") {
            return FinesseError::InvalidState { detail: self.detail() };
        }
        let not_ours = ["Invalid Supervisor", "Invalid Authorization User Specified"];
        if not_ours.iter().any(|kind| self.is_kind(kind)) {
            let agent =
                self.subject.agent().map_or_else(|| self.subject.to_string(), AgentId::to_string);
            let (account, detail) = (credentials.user().to_owned(), self.detail());
            return FinesseError::NotOurs { account, agent, detail };
        }
        FinesseError::Credential { account: credentials.user().to_owned() }
    }

    fn unavailable(self, not_sent: bool) -> FinesseError {
        let detail = match self.detail() {
            words if words.is_empty() => format!("{} answered {}", self.node, self.status),
            words => format!("{} answered {}: {words}", self.node, self.status),
        };
        FinesseError::Unavailable { detail, not_sent, retry_after: self.retry_after }
    }

    fn redirect(self) -> FinesseError {
        let target = self.location.as_deref().unwrap_or("an address it does not name");
        let detail = format!(
            "{} redirects to {target}; put the address that answers into finesse.nodes",
            self.node
        );
        FinesseError::Refused { status: self.status, kind: "Redirect".to_owned(), detail }
    }

    fn refused(self) -> FinesseError {
        let detail = self.detail();
        let kind = self.told(&self.fault.kind);
        let kind = if kind.is_empty() { "no ErrorType".to_owned() } else { kind };
        let detail = if detail.is_empty() { format!("about the {}", self.subject) } else { detail };
        FinesseError::Refused { status: self.status, kind, detail }
    }

    fn is_kind(&self, kind: &str) -> bool {
        self.fault.kind.trim().eq_ignore_ascii_case(kind)
    }

    /// Finesse's words: what it is about and, for want of that, the type alone.
    fn detail(&self) -> String {
        let fault = &self.fault;
        self.told(if fault.detail.is_empty() { &fault.kind } else { &fault.detail })
    }

    /// Finesse's words for the log: without the password should it repeat that, and cut only then.
    fn told(&self, words: &str) -> String {
        let words: String = words.chars().filter(|c| !c.is_control()).collect();
        let words = self.credentials.map_or_else(|| words.clone(), |own| own.scrub(&words));
        words.chars().take(LONGEST).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finesse::rest::AccountSettings;

    fn error(status: u16, kind: &str, detail: &str) -> FinesseError {
        let agent = AgentId::new("1001");
        let settings = AccountSettings { user: "supervisor1".into(), password: "secret".into() };
        let credentials = Credentials::new(&settings).expect("credentials");
        Refusal {
            status,
            fault: Fault { kind: kind.into(), detail: detail.into() },
            retry_after: Some(Duration::from_secs(5)),
            location: Some("https://f1:8445".into()),
            node: "http://f1",
            credentials: Some(&credentials),
            subject: Subject::Agent(&agent),
        }
        .into_error()
    }

    #[test]
    fn a_401_is_the_password_unless_it_says_otherwise() {
        for kind in ["Authorization Failure", "Authentication Failure", "Unauthorized", "", "New"] {
            let error = error(401, kind, "UNAUTHORIZED");
            assert!(matches!(error, FinesseError::Credential { .. }), "{kind}");
            assert!(!Refusal::proves_password(&error));
        }
        for kind in ["Invalid Supervisor", "invalid authorization user specified"] {
            let error = error(401, kind, "other team");
            assert!(Refusal::proves_password(&error));
            let FinesseError::NotOurs { account, agent, detail } = error else { panic!("{kind}") };
            assert_eq!((&*account, &*agent, &*detail), ("supervisor1", "1001", "other team"));
        }
        assert!(matches!(error(401, "Invalid State", ""), FinesseError::InvalidState { .. }));
    }

    #[test]
    fn a_400_is_the_state_only_when_it_says_so() {
        assert!(matches!(
            error(400, "Invalid State", "x"),
            FinesseError::InvalidState { detail } if detail == "x"
        ));
        for kind in ["Invalid Input", "Parameter Missing", "Bad Request", "Generic Error", ""] {
            assert!(matches!(error(400, kind, "x"), FinesseError::Refused { status: 400, .. }));
        }
    }

    #[test]
    fn what_is_unknown_is_named() {
        assert_eq!(error(404, "User Not Found", "").to_string(), "finesse knows no user 1001");
    }

    #[test]
    fn out_of_service_is_certain_with_503_only() {
        for (status, certain) in
            [(503, true), (429, true), (500, false), (502, false), (504, false)]
        {
            let FinesseError::Unavailable { not_sent, retry_after, detail } =
                error(status, "", "SERVER_OUT_OF_SERVICE")
            else {
                panic!("{status}");
            };
            assert_eq!(not_sent, certain, "{status}");
            assert_eq!(retry_after, Some(Duration::from_secs(5)));
            assert_eq!(detail, format!("http://f1 answered {status}: SERVER_OUT_OF_SERVICE"));
        }
    }

    #[test]
    fn a_redirect_says_what_to_configure() {
        let text = error(301, "", "").to_string();
        assert!(text.contains("http://f1 redirects to https://f1:8445"), "{text}");
        assert!(text.contains("finesse.nodes"), "{text}");
    }

    #[test]
    fn any_other_status_is_a_refusal() {
        for status in [402, 403, 405, 416] {
            let FinesseError::Refused { status: seen, kind, detail } = error(status, "", "") else {
                panic!("{status}");
            };
            assert_eq!((seen, &*kind, &*detail), (status, "no ErrorType", "about the user 1001"));
        }
    }

    #[test]
    fn words_are_told_without_the_password_without_line_breaks_and_cut() {
        let words = format!("secret\n{}secret", "x".repeat(LONGEST - 11));
        let FinesseError::Refused { kind, detail, .. } = error(400, "no se\u{7}cret", &words)
        else {
            panic!("a refusal")
        };
        assert_eq!(kind, "no [password]");
        assert_eq!(detail.chars().count(), LONGEST);
        assert!(detail.starts_with("[password]xx"), "{detail}");
        assert!(!detail.contains("sec"), "{detail}");
    }
}
