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
}

impl Rest {
    async fn ask_who(
        &self,
        agent: &AgentId,
        authorization: &SecretString,
        started: Instant,
    ) -> Result<AgentId, FinesseError> {
        let deadline = started + self.limits.total;
        let held = || self.route.held_until();
        let paced = self.pace.turn(Urgency::Routine, started + self.limits.total / 2, held).await;
        paced.map_err(|_| unavailable("too many requests wait".to_owned(), true))?;
        let node = self.route.node().await?;
        let request = to_request(node, agent, authorization)?;
        let sent = http::send(self.route.client(), request, &node.name, deadline).await;
        let outcome = judged(node, agent, sent);
        match &outcome {
            Err(FinesseError::Unavailable { .. } | FinesseError::Silent { .. }) => {
                self.route.failed(node);
            }
            _ => self.route.succeeded(node),
        }
        outcome
    }
}

fn to_request(
    node: &Node,
    agent: &AgentId,
    authorization: &SecretString,
) -> Result<Request, FinesseError> {
    let what = || FinesseError::NotFound { what: format!("user {agent}") };
    let url = node.url(&["User", agent.as_str()], None).ok_or_else(what)?;
    let mut authorization = HeaderValue::from_str(authorization.expose_secret())
        .map_err(|_| FinesseError::Credential { account: agent.to_string() })?;
    authorization.set_sensitive(true);
    Ok(Request {
        method: Method::GET,
        url,
        authorization: Some(authorization),
        id: None,
        body: None,
        limit: Call::Identify.body_limit(),
    })
}

fn judged(
    node: &Node,
    agent: &AgentId,
    sent: Result<Answer, Broken>,
) -> Result<AgentId, FinesseError> {
    let answer = sent.map_err(|broken| match broken {
        Broken::NotSent(detail) => unavailable(detail, true),
        Broken::Silent(detail) => FinesseError::Silent { detail },
    })?;
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
        429 | 503 => Err(unavailable(format!("{} answered {status}", node.name), true)),
        500..=599 => Err(unavailable(format!("{} answered {status}", node.name), false)),
        _ => Err(FinesseError::Refused {
            status,
            kind: "identify".to_owned(),
            detail: format!("about user {agent}"),
        }),
    }
}

fn unavailable(detail: String, not_sent: bool) -> FinesseError {
    FinesseError::Unavailable { detail, not_sent, retry_after: None }
}
