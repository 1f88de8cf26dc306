//! One request from arrival to answer: log, faults, resource, faults, log.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use bytes::Bytes;
use hyper::body::Incoming;
use hyper::http::HeaderValue;
use hyper::{Request, Response};
use tokio::time::Instant;

use super::connection::{Answer, Cut};
use super::{Node, Shared, World};
use crate::faults::{Kill, Plan, Request as Struck, Stage};
use crate::log::{Outcome, RequestRecord};
use crate::rest::auth::Credentials;
use crate::rest::reply::{Reply, Verdict, injected};
use crate::rest::route::{Endpoint, Route};
use crate::rest::{self, Call};
use crate::{control, desktop};

/// The largest body of a request; a `ClientLog` is the largest of them.
const BODY_LIMIT: usize = 1024 * 1024;
/// As much of a body as the log keeps.
const LOGGED_BODY: usize = 300;

/// Answers a request, or cuts the connection where a fault says so.
pub(crate) async fn answer(shared: &Arc<Shared>, node: Node, request: Request<Incoming>) -> Answer {
    let (head, body) = request.into_parts();
    let body = to_bytes(Body::new(body), BODY_LIMIT).await.map_err(|_| Cut)?;
    if head.uri.path().starts_with("/sim/") {
        return Ok(control::answer(shared, &head, &body));
    }
    if desktop::owns(head.uri.path()) {
        return Ok(desktop::answer(shared, node, &head, &body).await);
    }
    let exchange = Exchange::new(node, &head, body);
    let (open, plan) = exchange.arrive(shared);
    pause(plan.delay_before).await;
    cut(plan.kill_before).await?;
    let mut reply = shared.with(|world, now| exchange.resolve(world, open.seq, &plan, now));
    if let Some(after) = &plan.answer_after {
        reply = injected(after, exchange.credentials.name(), exchange.route.user());
    }
    pause(plan.delay_after).await;
    cut(plan.kill_after).await?;
    let status = reply.status;
    let verdict = reply.verdict.clone();
    let response = exchange.render(reply, &plan);
    open.close(status, &verdict);
    Ok(response)
}

/// A timer of zero would still wait for the next millisecond.
async fn pause(delay: Duration) {
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
}

async fn cut(kill: Option<Kill>) -> Result<(), Cut> {
    match kill {
        None => Ok(()),
        Some(Kill::Reset) => Err(Cut),
        Some(Kill::BlackHole) => std::future::pending().await,
    }
}

struct Exchange {
    node: Node,
    method: hyper::Method,
    path: String,
    query: String,
    route: Route,
    credentials: Credentials,
    request_id: Option<String>,
    content_type: Option<String>,
    body: Bytes,
}

impl Exchange {
    fn new(node: Node, head: &hyper::http::request::Parts, body: Bytes) -> Self {
        let header = |name: &str| {
            head.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        Self {
            node,
            method: head.method.clone(),
            path: head.uri.path().to_owned(),
            query: head.uri.query().unwrap_or_default().to_owned(),
            route: Route::of(head.uri.path()),
            credentials: Credentials::read(header("authorization").as_deref()),
            request_id: header("requestid"),
            content_type: header("content-type"),
            body,
        }
    }

    fn arrive(&self, shared: &Arc<Shared>) -> (OpenRequest, Plan) {
        let began = Instant::now();
        let (seq, plan) = shared.with(|world, now| {
            let known = |name: &str| world.centre.login_id(name);
            let target =
                self.route.user().map(|name| known(name).unwrap_or_else(|| name.to_owned()));
            let actor =
                self.credentials.name().map(|name| known(name).unwrap_or_else(|| name.to_owned()));
            let seq = world.log.arrived(self.record((now, began), actor.clone(), target.clone()));
            let struck = Struck {
                node: self.node,
                endpoint: self.route.endpoint(),
                method: self.method.as_str(),
                user: target.as_deref(),
                actor: actor.as_deref(),
            };
            let plan = world.faults.plan(Stage::Arrival, &struck, now, &mut world.rng);
            world.log.struck(seq, &plan.struck);
            (seq, plan)
        });
        (OpenRequest { shared: Arc::clone(shared), seq, began, closed: false }, plan)
    }

    fn record(
        &self,
        (now, arrived): (jiff::Timestamp, Instant),
        actor: Option<String>,
        target: Option<String>,
    ) -> RequestRecord {
        let path = match self.query.as_str() {
            "" => self.path.clone(),
            query => format!("{}?{query}", self.path),
        };
        RequestRecord {
            seq: 0,
            time: now,
            arrived,
            node: self.node,
            method: self.method.to_string(),
            path,
            endpoint: self.route.endpoint(),
            actor,
            target,
            request_id: self.request_id.clone(),
            body: self.logged_body(),
            status: None,
            outcome: Outcome::Open,
            sentence: None,
            duration_ms: None,
            in_flight: 0,
        }
    }

    fn logged_body(&self) -> String {
        if self.route.endpoint() == Endpoint::ClientLog {
            return String::new();
        }
        let length = self.body.len().min(LOGGED_BODY);
        String::from_utf8_lossy(&self.body[..length]).into_owned()
    }

    fn resolve(&self, world: &mut World, seq: u64, plan: &Plan, now: jiff::Timestamp) -> Reply {
        let in_service = plan.service.is_none() || self.route == Route::SystemInfo;
        if in_service && let Some(instead) = &plan.answer_before {
            return injected(instead, self.credentials.name(), self.route.user());
        }
        let call = Call {
            seq,
            node: self.node,
            now,
            method: &self.method,
            route: &self.route,
            query: &self.query,
            content_type: self.content_type.as_deref(),
            request_id: self.request_id.as_deref(),
            credentials: &self.credentials,
            body: &self.body,
            plan,
        };
        rest::answer(world, &call)
    }

    fn render(&self, reply: Reply, plan: &Plan) -> Response<Body> {
        let mut body = reply.body;
        if let Some(size) = plan.padding
            && body.len() < size
        {
            let missing = size - body.len();
            body.push_str(&" ".repeat(missing));
        }
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = hyper::StatusCode::from_u16(reply.status).unwrap_or_default();
        let headers = response.headers_mut();
        headers.insert("content-type", HeaderValue::from_static(reply.content_type));
        headers.insert("cache-control", HeaderValue::from_static("no-cache"));
        for (name, value) in reply.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        let echoes = !plan.no_request_id_echo && self.method != hyper::Method::GET;
        if let Some(id) = self.request_id.as_deref().filter(|_| echoes)
            && let Ok(value) = HeaderValue::from_str(id)
        {
            headers.insert("requestid", value);
        }
        response
    }
}

/// A request without an answer yet; dropped, it counts as abandoned.
struct OpenRequest {
    shared: Arc<Shared>,
    seq: u64,
    began: Instant,
    closed: bool,
}

impl OpenRequest {
    fn close(mut self, status: u16, verdict: &Verdict) {
        self.closed = true;
        let took = millis(self.began.elapsed());
        self.shared.with(|world, _| world.log.ended(self.seq, Some(status), verdict, took));
    }
}

impl Drop for OpenRequest {
    fn drop(&mut self) {
        if !self.closed {
            let took = millis(self.began.elapsed());
            self.shared.with(|world, _| world.log.ended(self.seq, None, &Verdict::Fine, took));
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
