//! Every request comes by here: faults strike, handlers answer, the journal notes.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::call::{Call, Reply};
use crate::cloud::Cloud;
use crate::control;
use crate::faults::{Fault, covers};
use crate::listen::Link;
use crate::mercury;
use crate::refusal::Refusal;
use crate::routes::{self, Found, Route};

/// The longest request body: 50 subjects are 2 KiB, an SDK's report of metrics some 100 KiB.
const MOST_BODY: usize = 1024 * 1024;

/// What a proxy says that wants a login first.
const PORTAL: &str = "<!doctype html><title>Sign in</title><p>Please sign in to use the network.";

/// Ends the connection without an answer.
#[derive(Debug)]
pub(crate) struct Broken;

/// What a fault makes of a request.
enum Spoilt {
    Refused(Refusal),
    Reset,
    BlackHole,
    NotJson,
    Truncated,
    Redirect(String),
}

/// Answers one request, or breaks its connection.
pub(crate) async fn answer(
    cloud: Arc<Cloud>,
    request: Request<Incoming>,
    link: Link,
) -> Result<Response<Body>, Broken> {
    let path = request.uri().path().to_owned();
    if path.starts_with("/sim/") {
        return Ok(controlled(&cloud, request).await);
    }
    match routes::find(request.method(), &path) {
        Found::Route(route, captured) => routed(&cloud, route, captured, request, &link).await,
        Found::OtherMethod => {
            let text = format!("{} is not allowed on {path}", request.method());
            Ok(stray(&cloud, &request, &Refusal::violation(StatusCode::METHOD_NOT_ALLOWED, text)))
        }
        Found::Nothing => {
            let text = format!("{path} is no address of the simulated cloud");
            Ok(stray(&cloud, &request, &Refusal::violation(StatusCode::NOT_FOUND, text)))
        }
    }
}

async fn controlled(cloud: &Arc<Cloud>, request: Request<Incoming>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(Body::new(body), MOST_BODY).await else {
        let refusal = Refusal::expected(StatusCode::BAD_REQUEST, "the body could not be read");
        return Call::refused(&parts.headers, &refusal);
    };
    let call = Call::new(parts, body, String::new(), cloud);
    match control::answer(cloud, &call) {
        Ok(reply) => reply.into_response(),
        Err(refusal) => Call::refused(&call.headers, &refusal),
    }
}

async fn routed(
    cloud: &Arc<Cloud>,
    route: &'static Route,
    captured: String,
    request: Request<Incoming>,
    link: &Link,
) -> Result<Response<Body>, Broken> {
    let request_line = line_of(&request);
    let delay = delay(cloud, route.name);
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let spoilt = spoil(cloud, route.name);
    let mut response = match &spoilt {
        Some(Spoilt::Refused(refusal)) => Call::refused(request.headers(), refusal),
        Some(Spoilt::NotJson) => portal(),
        Some(Spoilt::Redirect(location)) => redirect(location),
        Some(Spoilt::BlackHole) => {
            noted(cloud, route.name, 0, format!("{request_line}: swallowed"));
            black_hole(cloud).await;
            return Err(broken(link));
        }
        Some(Spoilt::Reset) => {
            noted(cloud, route.name, 0, format!("{request_line}: reset"));
            return Err(broken(link));
        }
        Some(Spoilt::Truncated) | None => handled(cloud, route, captured, request, link).await,
    };
    noted(cloud, route.name, response.status().as_u16(), request_line);
    if cloud.lock().faults.any(|fault| matches!(fault, Fault::RetryAfterDate {})) {
        date_retry_after(cloud, response.headers_mut());
    }
    let skew = cloud.lock().struck(|fault| match fault {
        Fault::ClockSkew { seconds } => Some(*seconds),
        _ => None,
    });
    if let Some(seconds) = skew {
        set_date(response.headers_mut(), header::DATE, ahead(cloud.clock.now(), seconds));
    }
    if matches!(spoilt, Some(Spoilt::Truncated)) {
        response = truncated(response, link).await;
    }
    Ok(response)
}

async fn handled(
    cloud: &Arc<Cloud>,
    route: &'static Route,
    captured: String,
    request: Request<Incoming>,
    link: &Link,
) -> Response<Body> {
    let upgrading = route.name == routes::MERCURY && mercury::is_upgrade(request.headers());
    let (mut parts, body) = request.into_parts();
    let headers = parts.headers.clone();
    let answer = if upgrading {
        let upgrade = hyper::upgrade::on(Request::from_parts(parts.clone(), ()));
        parts.extensions.clear();
        let call = Call::new(parts, Bytes::new(), captured, cloud);
        mercury::upgrade(cloud, upgrade, &call, link)
    } else {
        match to_bytes(Body::new(body), MOST_BODY).await {
            Ok(body) => {
                let call = Call::new(parts, body, captured, cloud);
                (route.handler)(cloud, &call).map(Reply::into_response)
            }
            Err(error) => Err(Refusal::violation(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("a request body is at most {MOST_BODY} bytes: {error}"),
            )),
        }
    };
    answer.unwrap_or_else(|refusal| {
        if refusal.violation {
            cloud.violation(format!("{}: {}", route.name, refusal.message));
        }
        Call::refused(&headers, &refusal)
    })
}

fn stray(cloud: &Cloud, request: &Request<Incoming>, refusal: &Refusal) -> Response<Body> {
    let request_line = line_of(request);
    cloud.violation(format!("{request_line}: {}", refusal.message));
    noted(cloud, "none", refusal.status.as_u16(), request_line);
    Call::refused(request.headers(), refusal)
}

/// How long the faults keep this request waiting.
fn delay(cloud: &Cloud, endpoint: &str) -> Duration {
    let mut state = cloud.lock();
    let struck = state.struck(|fault| match fault {
        Fault::Latency { endpoint: of, ms, jitter_ms } => {
            covers(of.as_deref(), endpoint).then_some((*ms, *jitter_ms))
        }
        _ => None,
    });
    let Some((ms, jitter)) = struck else { return Duration::ZERO };
    let more = state.ids.up_to(jitter);
    Duration::from_millis(ms + more)
}

fn spoil(cloud: &Cloud, endpoint: &str) -> Option<Spoilt> {
    let mut state = cloud.lock();
    if let Some(seconds) = state.faults.limited(endpoint, Instant::now()) {
        state.journal.met("rate_limit");
        let refusal = Refusal::expected(StatusCode::TOO_MANY_REQUESTS, "too many requests");
        return Some(Spoilt::Refused(Refusal { retry_after: Some(seconds), ..refusal }));
    }
    state.struck(|fault| {
        let (of, spoilt) = spoilt_by(fault)?;
        covers(of.as_deref(), endpoint).then_some(spoilt)
    })
}

fn spoilt_by(fault: &Fault) -> Option<(&Option<String>, Spoilt)> {
    match fault {
        Fault::HttpStatus { endpoint, status, message, retry_after } => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::BAD_GATEWAY);
            let usual = status.canonical_reason().unwrap_or("refused");
            let text = message.clone().unwrap_or_else(|| usual.to_owned());
            let refusal = Refusal::expected(status, text);
            Some((endpoint, Spoilt::Refused(Refusal { retry_after: *retry_after, ..refusal })))
        }
        Fault::Reset { endpoint } => Some((endpoint, Spoilt::Reset)),
        Fault::BlackHole { endpoint } => Some((endpoint, Spoilt::BlackHole)),
        Fault::NotJson { endpoint } => Some((endpoint, Spoilt::NotJson)),
        Fault::TruncatedBody { endpoint } => Some((endpoint, Spoilt::Truncated)),
        Fault::Redirect { endpoint, location } => {
            Some((endpoint, Spoilt::Redirect(location.clone())))
        }
        _ => None,
    }
}

/// Waits until the faults are cleared; a client that has had enough ends the wait by leaving.
async fn black_hole(cloud: &Cloud) {
    cloud.cleared.notified().await;
}

fn portal() -> Response<Body> {
    let mut response = Response::new(Body::from(PORTAL));
    let html = header::HeaderValue::from_static("text/html");
    response.headers_mut().insert(header::CONTENT_TYPE, html);
    response
}

/// Elsewhere, said in both ways (wire notes 2.2).
fn redirect(location: &str) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::FOUND;
    for name in ["location", "cisco-location"] {
        if let Ok(value) = location.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// The other form of the header, which counts from the answer's own date.
fn date_retry_after(cloud: &Cloud, headers: &mut HeaderMap) {
    let seconds = headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    let Some(seconds) = seconds.and_then(|text| text.parse::<u64>().ok()) else { return };
    let now = cloud.clock.now();
    set_date(headers, header::DATE, now);
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    set_date(headers, header::RETRY_AFTER, ahead(now, seconds));
}

fn ahead(now: Timestamp, seconds: i64) -> Timestamp {
    now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(now)
}

fn set_date(headers: &mut HeaderMap, name: header::HeaderName, at: Timestamp) {
    let text = at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(value) = text.parse() {
        headers.insert(name, value);
    }
}

/// Announces the whole body and sends half of it.
async fn truncated(response: Response<Body>, link: &Link) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    let whole = to_bytes(body, MOST_BODY).await.unwrap_or_default();
    parts.headers.insert(header::CONTENT_LENGTH, whole.len().into());
    let half = whole.slice(..whole.len() / 2);
    link.reset();
    let pieces = futures_util::stream::iter([Ok(half), Err(Broken)]);
    Response::from_parts(parts, Body::from_stream(pieces))
}

fn broken(link: &Link) -> Broken {
    link.reset();
    Broken
}

fn noted(cloud: &Cloud, endpoint: &'static str, status: u16, request_line: String) {
    cloud.update(|state| state.journal.request(endpoint, status, request_line));
}

/// `GET /v1/people?email=…`: nothing in it is secret, tokens travel in headers and bodies.
fn line_of(request: &Request<Incoming>) -> String {
    format!("{} {}", request.method(), request.uri())
}

// === impl Broken ===

impl fmt::Display for Broken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the connection is broken on purpose")
    }
}

impl std::error::Error for Broken {}
