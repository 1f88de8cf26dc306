//! One request, read: what a handler sees and what it answers.

use std::net::IpAddr;

use axum::body::{Body, Bytes};
use axum::extract::Query;
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri, header, request};
use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::journal::Kind;
use crate::refusal::Refusal;
use crate::tokens::{BadToken, Caller};

/// A request whose body has been read.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// What stood in the place of `{…}` in the route's path, decoded.
    pub(crate) captured: String,
    /// `http://127.0.0.1:4711`: under which address the client sees the simulator.
    pub(crate) base: String,
}

/// What a handler answers; `None` for a body means 204's emptiness.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) body: Option<Value>,
    pub(crate) etag: Option<String>,
}

/// Success or a refusal.
pub(crate) type Answer = Result<Reply, Refusal>;

// === impl Reply ===

impl Reply {
    pub(crate) fn json(body: Value) -> Self {
        Self { status: StatusCode::OK, body: Some(body), etag: None }
    }

    pub(crate) fn no_content() -> Self {
        Self { status: StatusCode::NO_CONTENT, body: None, etag: None }
    }

    pub(crate) fn with_etag(mut self, etag: String) -> Self {
        self.etag = Some(etag);
        self
    }
}

// === impl Call ===

impl Call {
    pub(crate) fn new(parts: request::Parts, body: Bytes, captured: String, cloud: &Cloud) -> Self {
        let base = base_of(&parts.headers, cloud);
        Self { method: parts.method, uri: parts.uri, headers: parts.headers, body, captured, base }
    }

    /// The value of a header, when it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The query's pairs, decoded.
    pub(crate) fn query(&self) -> Vec<(String, String)> {
        Query::try_from_uri(&self.uri).map(|Query(pairs)| pairs).unwrap_or_default()
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        self.query().into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The body as a JSON object.
    pub(crate) fn object(&self) -> Result<serde_json::Map<String, Value>, Refusal> {
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(fields)) => Ok(fields),
            Ok(_) => Err(Refusal::malformed("the body must be a JSON object")),
            Err(error) => Err(Refusal::malformed(format!("the body is not JSON: {error}"))),
        }
    }

    /// Who is asking (wire notes 2.4: 401 otherwise).
    pub(crate) fn caller(&self, cloud: &Cloud) -> Result<Caller, Refusal> {
        let Some(value) = self.header("authorization") else {
            let text = "an Authorization header is required";
            return Err(Refusal::violation(StatusCode::UNAUTHORIZED, text));
        };
        bearer(cloud, value).map_err(|reason| Refusal::expected(StatusCode::UNAUTHORIZED, reason))
    }

    /// The refusal's body (wire notes 2.4), with the caller's own tracking id.
    pub(crate) fn refused(headers: &HeaderMap, refusal: &Refusal) -> Response<Body> {
        let tracking = headers.get("trackingid").and_then(|value| value.to_str().ok());
        let body = json!({
            "message": refusal.message,
            "errors": [{ "description": refusal.message }],
            "trackingId": tracking.unwrap_or("WEBEXSIM_none"),
        });
        let reply = Reply { status: refusal.status, body: Some(body), etag: None };
        let mut response = reply.into_response();
        if let Some(seconds) = refusal.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// Who shows this `Authorization` value, or a sentence why it is not accepted.
pub(crate) fn bearer(cloud: &Cloud, value: &str) -> Result<Caller, &'static str> {
    let token = value.strip_prefix("Bearer ").unwrap_or_default();
    let mut state = cloud.lock();
    match state.tokens.check(token, tokio::time::Instant::now()) {
        Ok(caller) => Ok(caller),
        Err(BadToken::Malformed) => Err("The request requires a valid access token"),
        Err(BadToken::Dead) => {
            state.journal.counters.dead_token_uses += 1;
            state.journal.note(Kind::Request, "a revoked or expired token was used".to_owned());
            Err("The access token was revoked or has expired")
        }
    }
}

// === impl Reply ===

impl Reply {
    pub(crate) fn into_response(self) -> Response<Body> {
        let bytes = self.body.map(|body| body.to_string());
        let mut response = Response::new(bytes.map_or_else(Body::empty, Body::from));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if self.status != StatusCode::NO_CONTENT {
            let json = header::HeaderValue::from_static("application/json;charset=UTF-8");
            headers.insert(header::CONTENT_TYPE, json);
        }
        if let Some(etag) = self.etag.and_then(|etag| etag.parse().ok()) {
            headers.insert(header::ETAG, etag);
        }
        response
    }
}

/// The address by which the client came, when it is a loopback one; the listener's otherwise. So a
/// client behind a forged `Host` is not sent elsewhere with its token.
fn base_of(headers: &HeaderMap, cloud: &Cloud) -> String {
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    match host.and_then(|host| host.parse::<axum::http::uri::Authority>().ok()) {
        Some(authority) if is_loopback(authority.host()) => format!("http://{authority}"),
        _ => cloud.base(),
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
