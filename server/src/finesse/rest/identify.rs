//! Whose authorization it is: asked once in the agent's own name, and forgotten.
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
        let outcome = self.ask_as(node, agent, authorization, deadline).await;
        match &outcome {
            Err(FinesseError::Unavailable { .. } | FinesseError::Silent { .. }) => {
                self.route.failed(node);
            }
            _ => self.route.succeeded(node),
        }
        outcome
    }

    /// Who the authorization's owner sees under that id; of a bearer's token also whether it is the
    /// agent's own.
    async fn ask_as(
        &self,
        node: &Node,
        agent: &AgentId,
        authorization: &SecretString,
        deadline: Instant,
    ) -> Result<AgentId, FinesseError> {
        let request = to_request(node, agent, WHO, authorization)?;
        let sent = http::send(self.route.client(), request, &node.name, deadline).await;
        let found = judged(node, agent, sent, |body| wire::login(body).ok())?;
        if !is_bearer(authorization) {
            return Ok(found);
        }
        let request = to_request(node, agent, OWN, authorization)?;
        let sent = http::send(self.route.client(), request, &node.name, deadline).await;
        match judged(node, agent, sent, |_| Some(())) {
            // It is not served any more, for anybody: the first answer is all there is.
            Ok(()) | Err(FinesseError::NotFound { .. }) => Ok(found),
            // The token was good a moment ago: it is somebody else's.
            Err(FinesseError::Credential { account } | FinesseError::NotOurs { account, .. }) => {
                Err(not_own(account, agent))
            }
            Err(error) => Err(error),
        }
    }
}

/// What is asked of a user: the path below it, and the query.
type Question = (&'static [&'static str], Option<(&'static str, &'static str)>);

/// Whoever may see the user is answered: the user, an administrator, and the team's supervisor.
const WHO: Question = (&[], None);
/// The user alone is answered, and an administrator, who has no token (Finesse notes 1.5, 1.8):
/// deprecated since 12.5 and still served.
const OWN: Question = (&["ReasonCodes"], Some(("category", "NOT_READY")));

/// A password names its user, and a token does not.
fn is_bearer(authorization: &SecretString) -> bool {
    let scheme = authorization.expose_secret().split(' ').next().unwrap_or_default();
    scheme.eq_ignore_ascii_case("bearer")
}

fn not_own(account: String, agent: &AgentId) -> FinesseError {
    let detail = "the authorization is another user's".to_owned();
    FinesseError::NotOurs { account, agent: agent.to_string(), detail }
}

fn to_request(
    node: &Node,
    agent: &AgentId,
    (below, query): Question,
    authorization: &SecretString,
) -> Result<Request, FinesseError> {
    let what = || FinesseError::NotFound { what: format!("user {agent}") };
    let path = [&["User", agent.as_str()], below].concat();
    let url = node.url(&path, query).ok_or_else(what)?;
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

/// `read` takes what is asked for out of a good answer.
fn judged<T>(
    node: &Node,
    agent: &AgentId,
    sent: Result<Answer, Broken>,
    read: impl FnOnce(&[u8]) -> Option<T>,
) -> Result<T, FinesseError> {
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
