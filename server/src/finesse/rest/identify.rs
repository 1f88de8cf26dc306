//! Whose authorization it is: asked once in the owner's own name, and forgotten.
//!
//! A supervisor's token sees the users of the supervisor's teams (Finesse notes 1.1), so that whom it
//! shows does not prove whose it is. Of a token it is asked, too, what Finesse tells the user alone.
//!
//! Nothing of the answer's words goes into an error: a server might repeat what it was sent.

use lockstep_core::AgentId;
use reqwest::Method;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use super::Rest;
use super::cause::Broken;
use super::http::{self, Answer, Request};
use super::metering::{self, Call};
use super::route::Node;
use super::urgency::Urgency;
use super::wire;
use crate::finesse::{FinesseError, Identify};

impl Identify for Rest {
    async fn identify(
        &self,
        agent: &AgentId,
        authorization: &SecretString,
    ) -> Result<AgentId, FinesseError> {
        let started = Instant::now();
        let outcome = self.ask_who(agent, authorization, started).await;
        metering::asked(Call::Identify, &outcome, started.elapsed());
        outcome
    }

    async fn administers(
        &self,
        user: &str,
        authorization: &SecretString,
    ) -> Result<(), FinesseError> {
        let started = Instant::now();
        let outcome = self.ask_whether_administrator(user, authorization, started).await;
        metering::asked(Call::Identify, &outcome, started.elapsed());
        outcome
    }
}

/// Reason codes of one kind: Finesse wants to be told which.
const NOT_READY_ONES: Option<(&str, &str)> = Some(("category", "NOT_READY"));

/// What is asked in somebody's own name.
struct Question<'q> {
    path: &'q [&'q str],
    query: Option<(&'q str, &'q str)>,
    /// Whose password it is, as errors name them.
    account: &'q str,
    authorization: &'q SecretString,
    /// The largest body that is read, in bytes.
    limit: usize,
}

impl Rest {
    async fn ask_who(
        &self,
        agent: &AgentId,
        authorization: &SecretString,
        started: Instant,
    ) -> Result<AgentId, FinesseError> {
        let (account, limit) = (agent.as_str(), Call::Identify.body_limit());
        let path = ["User", account];
        let who = Question { path: &path, query: None, account, authorization, limit };
        let found = self.ask_once(who, started, |node, sent| {
            judged(node, agent, sent, |body| wire::login(body).ok())
        });
        let found = found.await?;
        if !is_bearer(authorization) {
            return Ok(found);
        }
        // The user alone is answered, and an administrator, who has no token (Finesse notes 1.5,
        // 1.8): deprecated since 12.5 and still served.
        let path = ["User", account, "ReasonCodes"];
        let own = Question { path: &path, query: NOT_READY_ONES, account, authorization, limit };
        let shown =
            self.ask_once(own, started, |node, sent| judged(node, agent, sent, |_| Some(())));
        match shown.await {
            // It is not served any more, for anybody: the first answer is all there is.
            Ok(()) | Err(FinesseError::NotFound { .. }) => Ok(found),
            // The token was good a moment ago: it is somebody else's.
            Err(FinesseError::Credential { account } | FinesseError::NotOurs { account, .. }) => {
                Err(not_own(account, agent))
            }
            Err(error) => Err(error),
        }
    }

    /// Only an administrator is told which reason codes every team has (Finesse notes 1.5).
    async fn ask_whether_administrator(
        &self,
        user: &str,
        authorization: &SecretString,
        started: Instant,
    ) -> Result<(), FinesseError> {
        let limit = Call::ReasonCodes.body_limit();
        let question = Question {
            path: &["ReasonCodes"],
            query: NOT_READY_ONES,
            account: user,
            authorization,
            limit,
        };
        self.ask_once(question, started, |node, sent| {
            let answer = sent.map_err(broken)?;
            match answer.status {
                200..=299 => Ok(()),
                status @ (401 | 403 | 429 | 500..=599) => Err(refused(node, user, status)),
                status => Err(strange(status, user)),
            }
        })
        .await
    }

    async fn ask_once<T>(
        &self,
        question: Question<'_>,
        started: Instant,
        judge: impl FnOnce(&Node, Result<Answer, Broken>) -> Result<T, FinesseError>,
    ) -> Result<T, FinesseError> {
        let deadline = started + self.limits.total;
        let held = || self.route.held_until();
        let paced = self.pace.turn(Urgency::Routine, started + self.limits.total / 2, held).await;
        paced.map_err(|_| unavailable("too many requests wait".to_owned(), true))?;
        let node = self.route.node().await?;
        let request = question.to_request(node)?;
        let sent = http::send(self.route.client(), request, &node.name, deadline).await;
        let outcome = judge(node, sent);
        match &outcome {
            Err(FinesseError::Unavailable { .. } | FinesseError::Silent { .. }) => {
                self.route.failed(node);
            }
            _ => self.route.succeeded(node),
        }
        outcome
    }
}

impl Question<'_> {
    fn to_request(&self, node: &Node) -> Result<Request, FinesseError> {
        let what = || FinesseError::NotFound { what: format!("user {}", self.account) };
        let url = node.url(self.path, self.query).ok_or_else(what)?;
        let mut authorization = HeaderValue::from_str(self.authorization.expose_secret())
            .map_err(|_| FinesseError::Credential { account: self.account.to_owned() })?;
        authorization.set_sensitive(true);
        Ok(Request {
            method: Method::GET,
            url,
            authorization: Some(authorization),
            id: None,
            body: None,
            limit: self.limit,
        })
    }
}

/// `read` takes what is asked for out of a good answer.
fn judged<T>(
    node: &Node,
    agent: &AgentId,
    sent: Result<Answer, Broken>,
    read: impl FnOnce(&[u8]) -> Option<T>,
) -> Result<T, FinesseError> {
    let answer = sent.map_err(broken)?;
    let status = answer.status;
    let unreadable = || FinesseError::Unreadable {
        detail: format!("{} answered {status} about user {agent}", node.name),
    };
    let body = answer.body.map_err(|_| unreadable());
    match status {
        200..=299 => read(&body?).ok_or_else(unreadable),
        401 => {
            // Told of a good password whose user is another one.
            let kind = body.map(|body| wire::fault(&body).kind).unwrap_or_default();
            let account = agent.to_string();
            if kind.trim().eq_ignore_ascii_case("Invalid Authorization User Specified") {
                return Err(not_own(account, agent));
            }
            Err(FinesseError::Credential { account })
        }
        404 => Err(FinesseError::NotFound { what: format!("user {agent}") }),
        429 | 500..=599 => Err(refused(node, agent.as_str(), status)),
        _ => Err(strange(status, agent.as_str())),
    }
}

/// A password names its user, and a token does not.
fn is_bearer(authorization: &SecretString) -> bool {
    let scheme = authorization.expose_secret().split(' ').next().unwrap_or_default();
    scheme.eq_ignore_ascii_case("bearer")
}

fn not_own(account: String, agent: &AgentId) -> FinesseError {
    let detail = "the authorization is another user's".to_owned();
    FinesseError::NotOurs { account, agent: agent.to_string(), detail }
}

fn broken(broken: Broken) -> FinesseError {
    match broken {
        Broken::NotSent(detail) => unavailable(detail, true),
        Broken::Silent(detail) => FinesseError::Silent { detail },
    }
}

/// What a status means that says no.
fn refused(node: &Node, account: &str, status: u16) -> FinesseError {
    match status {
        401 | 403 => FinesseError::Credential { account: account.to_owned() },
        429 | 503 => unavailable(format!("{} answered {status}", node.name), true),
        _ => unavailable(format!("{} answered {status}", node.name), false),
    }
}

fn strange(status: u16, account: &str) -> FinesseError {
    let (kind, detail) = ("identify".to_owned(), format!("about user {account}"));
    FinesseError::Refused { status, kind, detail }
}

fn unavailable(detail: String, not_sent: bool) -> FinesseError {
    FinesseError::Unavailable { detail, not_sent, retry_after: None }
}
