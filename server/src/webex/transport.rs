//! HTTP to Webex: the only place that knows the HTTP library.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderValue, USER_AGENT};
use hyper::{Method, Response, StatusCode, Uri};
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::time::timeout;
use url::{Url, form_urlencoded};
use uuid::Uuid;

use super::connector::Connector;
use super::hosts::{Trust, UntrustedHost};
use super::metric::Metric;
use super::pauses::{Pauses, Service, pause_asked};
use super::settings::Settings;
use super::wire::Dial;

/// Largest answer that is read; a catalog with its host lists has some hundred kilobytes.
const MAX_BODY: usize = 4 * 1024 * 1024;
/// Connecting to a host in reach takes far less.
const CONNECT: Duration = Duration::from_secs(5);
/// Connections kept for the next request; Webex has four hosts for us, each with few requests at
/// once.
const IDLE_PER_HOST: usize = 8;
/// Load balancers close idle connections after a minute or more; we go first.
const IDLE: Duration = Duration::from_secs(50);
const AGENT: HeaderValue =
    HeaderValue::from_static(concat!("lockstep/", env!("CARGO_PKG_VERSION")));

/// One request.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) service: Service,
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) json: Option<Value>,
    pub(super) device: Option<Url>,
}

impl Request {
    pub(super) const fn new(service: Service, method: Method, url: Url) -> Self {
        Self { service, method, url, json: None, device: None }
    }

    #[must_use]
    pub(super) fn json(mut self, body: Value) -> Self {
        self.json = Some(body);
        self
    }

    /// Says on behalf of which device it is asked (`Cisco-Device-Url`, Webex notes 4).
    #[must_use]
    pub(super) fn device(mut self, url: &Url) -> Self {
        self.device = Some(url.clone());
        self
    }
}

/// One answer, read to its end.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Bytes,
    /// Our tracking id, by which Webex's support finds the request.
    pub(super) tracking: String,
    /// When Webex gave it, by its own clock: the header `Date`.
    pub(super) date: Option<String>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum TransportError {
    #[error(transparent)]
    Untrusted(#[from] UntrustedHost),
    /// Webex asked for a pause that is longer than the caller's patience; nothing was sent.
    #[error("webex asked for a pause of {} s", wait.as_secs())]
    Pause { wait: Duration },
    #[error("{host} did not answer: {detail}")]
    Unreachable { host: String, detail: String },
    #[error("{host} sent more than {MAX_BODY} bytes")]
    TooLarge { host: String },
}

/// Sends requests to trusted hosts, within the rates that Webex grants.
///
/// It follows no redirect, which could lead the token astray, and uses no proxy: the socket cannot
/// use one either, and half a proxy helps nobody.
#[derive(Debug)]
pub(super) struct Transport {
    client: legacy::Client<Connector, Full<Bytes>>,
    limit: Duration,
    trust: Trust,
    pub(super) pauses: Pauses,
    session: Uuid,
    count: AtomicU64,
}

impl Transport {
    pub(super) fn new(
        settings: &Settings,
        dial: Arc<dyn Dial>,
        tls: &Arc<rustls::ClientConfig>,
        session: Uuid,
    ) -> Self {
        let limit = settings.timing.request;
        let client = legacy::Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(IDLE_PER_HOST)
            .build(Connector::new(dial, Arc::clone(tls), CONNECT.min(limit)));
        let trust = Trust::new(&settings.trusted_domains);
        let (pauses, count) = (Pauses::default(), AtomicU64::new(0));
        Self { client, limit, trust, pauses, session, count }
    }

    pub(super) const fn trust(&self) -> &Trust {
        &self.trust
    }

    /// A new tracking id: prefix, session, number (Webex notes 2.2).
    pub(super) fn tracking(&self) -> String {
        format!("lockstep_{}_{}", self.session, self.count.fetch_add(1, Ordering::Relaxed))
    }

    /// Sends and reads the answer, whatever its status. Waits for a pause that Webex asked for,
    /// but not longer than `patience`.
    pub(super) async fn send(
        &self,
        request: &Request,
        bearer: &SecretString,
        patience: Duration,
    ) -> Result<Answer, TransportError> {
        let mut draft = hyper::Request::builder()
            .method(request.method.clone())
            .header(AUTHORIZATION, sensitive(bearer));
        if let Some(device) = &request.device
            && let Ok(value) = HeaderValue::from_str(device.as_str())
        {
            draft = draft.header("cisco-device-url", value);
        }
        let mut body = Bytes::new();
        if let Some(json) = &request.json {
            draft = draft.header(CONTENT_TYPE, "application/json");
            body = json.to_string().into();
        }
        self.exchange(request.service, &request.url, draft, body, patience).await
    }

    /// Posts a form without any token; for the token service itself.
    pub(super) async fn form(
        &self,
        url: &Url,
        fields: &[(&str, &str)],
        patience: Duration,
    ) -> Result<Answer, TransportError> {
        let draft = hyper::Request::builder()
            .method(Method::POST)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let body =
            form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish().into();
        self.exchange(Service::Token, url, draft, body, patience).await
    }

    async fn exchange(
        &self,
        service: Service,
        url: &Url,
        draft: hyper::http::request::Builder,
        body: Bytes,
        patience: Duration,
    ) -> Result<Answer, TransportError> {
        self.trust.check(url)?;
        let turn = self.pauses.turn(service, patience).await;
        turn.map_err(|wait| TransportError::Pause { wait })?;
        let tracking = self.tracking();
        let unreachable = |detail| {
            let host = url.host_str().unwrap_or_default().to_owned();
            TransportError::Unreachable { host, detail }
        };
        let request =
            Uri::try_from(url.as_str()).map_err(hyper::http::Error::from).and_then(|uri| {
                draft
                    .uri(uri)
                    .header(ACCEPT, "*/*")
                    .header(USER_AGENT, AGENT)
                    .header("trackingid", &tracking)
                    .body(Full::new(body))
            });
        let request = request.map_err(|error| unreachable(chain(&error)))?;
        let reading = timeout(self.limit, self.read(service, url, request));
        let late = |_| Err(unreachable(format!("not within {} s", self.limit.as_secs_f32())));
        let result = reading.await.unwrap_or_else(late);
        let outcome = match &result {
            Ok((status, _, _)) if status.is_success() => "ok",
            Ok((StatusCode::TOO_MANY_REQUESTS, _, _)) => "throttled",
            Ok((status, _, _)) if status.is_client_error() => "refused",
            Ok(_) | Err(_) => "failed",
        };
        Metric::Requests.count_by_two(("service", service.label()), ("outcome", outcome));
        result.map(|(status, date, body)| Answer { status: status.as_u16(), body, tracking, date })
    }

    async fn read(
        &self,
        service: Service,
        url: &Url,
        request: hyper::Request<Full<Bytes>>,
    ) -> Result<(StatusCode, Option<String>, Bytes), TransportError> {
        let host = || url.host_str().unwrap_or_default().to_owned();
        let response = self.client.request(request).await;
        let response = response
            .map_err(|error| TransportError::Unreachable { host: host(), detail: chain(&error) })?;
        let status = response.status();
        if let Some(wait) = pause_asked(status.as_u16(), response.headers()) {
            self.pauses.ask(service, wait);
        }
        let date = response.headers().get(DATE).and_then(|date| date.to_str().ok());
        let date = date.map(str::to_owned);
        Ok((status, date, whole(response, host).await?))
    }
}

/// The body to its end, within [`MAX_BODY`].
async fn whole(
    response: Response<Incoming>,
    host: impl Fn() -> String,
) -> Result<Bytes, TransportError> {
    let mut incoming = response.into_body();
    let mut body = BytesMut::new();
    while let Some(frame) = incoming.frame().await {
        let frame = frame
            .map_err(|error| TransportError::Unreachable { host: host(), detail: chain(&error) })?;
        let Ok(chunk) = frame.into_data() else { continue };
        if body.len() + chunk.len() > MAX_BODY {
            return Err(TransportError::TooLarge { host: host() });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn sensitive(bearer: &SecretString) -> HeaderValue {
    let text = format!("Bearer {}", bearer.expose_secret());
    // A token that is no header text is refused by Webex, which is the right place to say so.
    let mut value = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("Bearer"));
    value.set_sensitive(true);
    value
}

/// The error and its causes. None of them names the address, whose query may hold a mail address.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authorization_header_does_not_print() {
        let header = sensitive(&SecretString::from("hush"));
        assert!(!format!("{header:?}").contains("hush"));
    }
}
