//! One call: the account's turn, the pace, the node, the exchange, and what the answer means.

use std::error::Error as _;
use std::time::Duration;

use lockstep_core::{AgentId, Time};
use reqwest::Method;
use reqwest::header::HeaderValue;
use tokio::time::{Instant, timeout_at};

use super::Rest;
use super::account::{Account, Pass};
use super::answer::{Refusal, Subject};
use super::cause::Broken;
use super::http::{self, Answer, BodyError, Request};
use super::metering::{self, Call};
use super::route::Node;
use super::urgency::Urgency;
use super::wire::{self, SystemInfo, WireError};
use crate::finesse::{FinesseError, System};

/// What is asked.
#[derive(Debug)]
pub(super) struct Ask<'a> {
    pub(super) call: Call,
    pub(super) subject: Subject<'a>,
    pub(super) path: &'a [&'a str],
    pub(super) query: Option<(&'a str, &'a str)>,
    /// `None` for `SystemInfo`, which needs none.
    pub(super) account: Option<&'a Account>,
    pub(super) urgency: Urgency,
    pub(super) change: Option<AskedChange<'a>>,
    /// Configuration that is written.
    pub(super) written: Option<Written>,
}

/// What makes it a request that writes configuration.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) method: Method,
    pub(super) body: String,
}

/// What makes it a `PUT`.
#[derive(Debug)]
pub(super) struct AskedChange<'a> {
    pub(super) body: String,
    pub(super) request_id: &'a str,
    /// Not sent if Finesse has failed over since.
    pub(super) seen_at: Time,
}

impl<'a> Ask<'a> {
    /// A `GET` in an account's name.
    pub(super) fn get(
        call: Call,
        subject: Subject<'a>,
        path: &'a [&'a str],
        account: &'a Account,
        urgency: Urgency,
    ) -> Self {
        let (query, account, change, written) = (None, Some(account), None, None);
        Self { call, subject, path, query, account, urgency, change, written }
    }

    fn to_request(&self, node: &Node, pass: Option<&Pass<'_>>) -> Result<Request, FinesseError> {
        let url = node
            .url(self.path, self.query)
            .ok_or_else(|| FinesseError::NotFound { what: self.subject.to_string() })?;
        let (change, written) = (self.change.as_ref(), self.written.as_ref());
        let method = written.map_or(Method::GET, |written| written.method.clone());
        let body = change.map(|change| change.body.clone());
        Ok(Request {
            method: if change.is_some() { Method::PUT } else { method },
            url,
            authorization: pass.map(|pass| pass.credentials().authorization()),
            id: change.and_then(|change| HeaderValue::from_str(change.request_id).ok()),
            body: body.or_else(|| written.map(|written| written.body.clone())),
            limit: self.call.body_limit(),
        })
    }
}

impl Rest {
    /// Asks, and reads the body of a success.
    pub(super) async fn read<T>(
        &self,
        ask: Ask<'_>,
        parse: impl FnOnce(&[u8]) -> Result<T, WireError>,
    ) -> Result<T, FinesseError> {
        let started = Instant::now();
        let outcome = match self.exchange(&ask, started).await {
            Ok((node, answer)) => body_of(node, answer, &ask).and_then(|body| {
                parse(&body).map_err(|error| unreadable(node, ask.subject, &error))
            }),
            Err(error) => Err(error),
        };
        metering::asked(ask.call, &outcome, started.elapsed());
        outcome
    }

    /// Asks for a change; the body of a success says nothing.
    pub(super) async fn queue(&self, ask: Ask<'_>) -> Result<(), FinesseError> {
        let started = Instant::now();
        let outcome = self.exchange(&ask, started).await.map(drop);
        metering::asked(ask.call, &outcome, started.elapsed());
        outcome
    }

    /// Reads `SystemInfo` of the node in use; the middle of the exchange is taken for the moment
    /// at which Finesse read its clock.
    pub(super) async fn read_system(&self) -> Result<System, FinesseError> {
        let (call, subject, path) = (Call::System, Subject::System, &["SystemInfo"]);
        let (query, account, urgency) = (None, None, Urgency::Routine);
        let (change, written) = (None, None);
        let ask = Ask { call, subject, path, query, account, urgency, change, written };
        // The nodes are compared before the clock is read, or that would count as latency. A
        // failure is told again, and counted, below.
        let _ = self.route.node().await;
        let before = self.clock.now();
        let info = self.read(ask, wire::system_info).await?;
        let middle = before.after(self.clock.now().since(before) / 2);
        if !info.in_service {
            if let Ok(node) = self.route.node().await {
                self.route.failed(node);
            }
            let detail = format!("SystemInfo says {}", info.status);
            return Err(FinesseError::Unavailable { detail, not_sent: true, retry_after: None });
        }
        system_of(&info, middle)
    }

    /// One exchange, with everything that guards it. `Ok` is a 2xx.
    async fn exchange(
        &self,
        ask: &Ask<'_>,
        started: Instant,
    ) -> Result<(&Node, Answer), FinesseError> {
        let deadline = started + self.limits.total;
        // Half of the time is left for the exchange, or its failure would say nothing of the node.
        let turn_by = started + self.limits.total / 2;
        let pass = match ask.account {
            Some(account) => Some(self.turn(account, ask.urgency, turn_by).await?),
            None => None,
        };
        let node = self.route.node().await?;
        self.check_seen_here(ask, node)?;
        let request = ask.to_request(node, pass.as_ref())?;
        if let Some(pass) = &pass {
            pass.sending()?;
        }
        let sent = http::send(self.route.client(), request, &node.name, deadline).await;
        let status = sent.as_ref().ok().map(|answer| answer.status);
        let outcome = judged(ask, node, pass.as_ref(), sent);
        self.learn(node, pass.as_ref(), outcome.as_ref().err());
        tracing::debug!(
            agent.id = ask.subject.agent().map(AgentId::as_str),
            finesse.call = ask.call.as_str(),
            finesse.node = node.name,
            finesse.status = status,
            finesse.outcome = metering::outcome(&outcome),
            latency_ms = millis(started.elapsed()),
            "asked finesse"
        );
        outcome.map(|answer| (node, answer))
    }

    /// Waits until `account` may send and the pace allows it, behind what is more urgent.
    async fn turn<'a>(
        &self,
        account: &'a Account,
        urgency: Urgency,
        deadline: Instant,
    ) -> Result<Pass<'a>, FinesseError> {
        let crowded =
            |detail, retry_after| FinesseError::Unavailable { detail, not_sent: true, retry_after };
        let pass = timeout_at(deadline, account.enter(urgency)).await.map_err(|_| {
            let user = account.user();
            crowded(format!("too many requests wait for a turn of account {user}"), None)
        })??;
        let held = || self.route.held_until();
        self.pace.turn(urgency, deadline, held).await.map_err(|late| {
            let wait = late.at.saturating_duration_since(Instant::now());
            let seconds = wait.as_secs() + 1;
            crowded(format!("no request may be sent for {seconds} s"), Some(wait))
        })?;
        Ok(pass)
    }

    /// What was decided on the word of another node, or of this one before it was gone, is not
    /// sent: everything is read again first (Finesse notes 6, 31).
    fn check_seen_here(&self, ask: &Ask<'_>, node: &Node) -> Result<(), FinesseError> {
        match &ask.change {
            Some(change) if self.route.failed_over_since(change.seen_at) => {
                Err(FinesseError::FailedOver { node: node.name.clone() })
            }
            _ => Ok(()),
        }
    }

    /// Tells the account and the node how it went, before anybody else may send.
    fn learn(&self, node: &Node, pass: Option<&Pass<'_>>, error: Option<&FinesseError>) {
        match error {
            Some(FinesseError::Unavailable { retry_after, .. }) => {
                self.route.failed(node);
                if let Some(pause) = retry_after {
                    self.route.hold(node, *pause);
                }
            }
            Some(FinesseError::Silent { .. }) => self.route.failed(node),
            _ => self.route.succeeded(node),
        }
        let Some(pass) = pass else { return };
        match error {
            Some(FinesseError::Credential { account }) if pass.refused() => {
                self.count_stopped();
                tracing::error!(
                    finesse.account = account,
                    finesse.node = node.name,
                    "finesse refused this account, it is not tried again"
                );
            }
            Some(FinesseError::Unavailable { not_sent: true, .. }) => pass.not_judged(),
            Some(error) if !Refusal::proves_password(error) => {}
            _ => pass.proved(),
        }
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

fn judged(
    ask: &Ask<'_>,
    node: &Node,
    pass: Option<&Pass<'_>>,
    sent: Result<Answer, Broken>,
) -> Result<Answer, FinesseError> {
    let answer = sent.map_err(broken)?;
    if answer.is_success() {
        return Ok(answer);
    }
    let fault = answer.body.as_deref().map_or_else(|_| wire::Fault::default(), wire::fault);
    let refusal = Refusal {
        status: answer.status,
        fault,
        retry_after: answer.retry_after,
        location: answer.location,
        node: &node.name,
        credentials: pass.map(Pass::credentials),
        subject: ask.subject,
    };
    Err(refusal.into_error())
}

fn broken(broken: Broken) -> FinesseError {
    match broken {
        Broken::NotSent(detail) => {
            FinesseError::Unavailable { detail, not_sent: true, retry_after: None }
        }
        Broken::Silent(detail) => FinesseError::Silent { detail },
    }
}

fn body_of(node: &Node, answer: Answer, ask: &Ask<'_>) -> Result<Vec<u8>, FinesseError> {
    answer.body.map_err(|error| match error {
        BodyError::TooLarge(limit) => FinesseError::Unreadable {
            detail: format!("the {} from {} is over {limit} bytes", ask.subject, node.name),
        },
        BodyError::Broken(cause) => broken(cause),
    })
}

fn unreadable(node: &Node, subject: Subject<'_>, error: &WireError) -> FinesseError {
    let cause = error.source().map(|source| format!(": {source}")).unwrap_or_default();
    FinesseError::Unreadable { detail: format!("{subject} from {}: {error}{cause}", node.name) }
}

fn system_of(info: &SystemInfo, now: Time) -> Result<System, FinesseError> {
    let Some(deployment) = info.deployment else {
        let detail = "SystemInfo has no deploymentType that is UCCE or UCCX".to_owned();
        return Err(FinesseError::Unreadable { detail });
    };
    let ahead = |clock: Time| {
        let signed = |time: Time| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        signed(clock).saturating_sub(signed(now))
    };
    Ok(System { deployment, clock_ahead_ms: info.clock.map(ahead) })
}
