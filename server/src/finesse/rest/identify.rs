//! Whose authorization it is: one question in the agent's own name, asked once and forgotten.
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
        let path = ["User", agent.as_str()];
        let limit = Call::Identify.body_limit();
        let account = agent.as_str();
        let question = Question { path: &path, query: None, account, authorization, limit };
        self.ask_once(question, started, |node, sent| judged(node, agent, sent)).await
    }

    /// Only an administrator is told which reason codes every team has (Finesse notes 1.5).
    async fn ask_whether_administrator(
        &self,
        user: &str,
        authorization: &SecretString,
        started: Instant,
    ) -> Result<(), FinesseError> {
        let query = Some(("category", "NOT_READY"));
        let limit = Call::ReasonCodes.body_limit();
        let question =
            Question { path: &["ReasonCodes"], query, account: user, authorization, limit };
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

fn judged(
    node: &Node,
    agent: &AgentId,
    sent: Result<Answer, Broken>,
) -> Result<AgentId, FinesseError> {
    let answer = sent.map_err(broken)?;
    let status = answer.status;
    let unreadable = || FinesseError::Unreadable {
        detail: format!("{} answered {status} about user {agent}", node.name),
    };
    let body = answer.body.map_err(|_| unreadable());
    match status {
        200..=299 => wire::login(&body?).map_err(|_| unreadable()),
        401 => {
            // Told of a good password whose user is another one.
            let kind = body.map(|body| wire::fault(&body).kind).unwrap_or_default();
            let account = agent.to_string();
            if kind.trim().eq_ignore_ascii_case("Invalid Authorization User Specified") {
                let detail = "the authorization is another user's".to_owned();
                return Err(FinesseError::NotOurs { account, agent: agent.to_string(), detail });
            }
            Err(FinesseError::Credential { account })
        }
        404 => Err(FinesseError::NotFound { what: format!("user {agent}") }),
        429 | 500..=599 => Err(refused(node, agent.as_str(), status)),
        _ => Err(strange(status, agent.as_str())),
    }
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
