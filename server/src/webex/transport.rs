//! HTTP to Webex: the only place that knows the HTTP library.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use super::hosts::{Trust, UntrustedHost};
use super::metric::Metric;
use super::pauses::{Pauses, Service, pause_asked};
use super::settings::{Settings, SettingsError};

/// Largest answer that is read; a catalog with its host lists has some hundred kilobytes.
const MAX_BODY: usize = 4 * 1024 * 1024;
/// Connecting to a host in reach takes far less.
const CONNECT: Duration = Duration::from_secs(5);

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
#[derive(Debug)]
pub(super) struct Transport {
    client: reqwest::Client,
    trust: Trust,
    pub(super) pauses: Pauses,
    session: Uuid,
    count: AtomicU64,
}

impl Transport {
    pub(super) fn new(
        settings: &Settings,
        tls: &Arc<rustls::ClientConfig>,
        session: Uuid,
    ) -> Result<Self, SettingsError> {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured((**tls).clone())
            .redirect(reqwest::redirect::Policy::none()) // a redirect could lead the token astray
            .no_proxy() // the socket cannot use one either, and half a proxy helps nobody
            .connect_timeout(CONNECT.min(settings.timing.request))
            .timeout(settings.timing.request)
            .tcp_nodelay(true)
            .user_agent(concat!("lockstep/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| SettingsError::Tls { detail: error.to_string() })?;
        let trust = Trust::new(&settings.trusted_domains);
        let (pauses, count) = (Pauses::default(), AtomicU64::new(0));
        Ok(Self { client, trust, pauses, session, count })
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
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, sensitive(bearer));
        if let Some(device) = &request.device
            && let Ok(value) = HeaderValue::from_str(device.as_str())
        {
            headers.insert("cisco-device-url", value);
        }
        let mut builder =
            self.client.request(request.method.clone(), request.url.clone()).headers(headers);
        if let Some(body) = &request.json {
            builder = builder.json(body);
        }
        self.exchange(request.service, &request.url, builder, patience).await
    }

    /// Posts a form without any token; for the token service itself.
    pub(super) async fn form(
        &self,
        url: &Url,
        fields: &[(&str, &str)],
        patience: Duration,
    ) -> Result<Answer, TransportError> {
        let builder = self.client.post(url.clone()).form(fields);
        self.exchange(Service::Token, url, builder, patience).await
    }

    async fn exchange(
        &self,
        service: Service,
        url: &Url,
        builder: reqwest::RequestBuilder,
        patience: Duration,
    ) -> Result<Answer, TransportError> {
        self.trust.check(url)?;
        let turn = self.pauses.turn(service, patience).await;
        turn.map_err(|wait| TransportError::Pause { wait })?;
        let tracking = self.tracking();
        let result = self.read(service, url, builder.header("trackingid", &tracking)).await;
        let outcome = match &result {
            Ok((status, _)) if status.is_success() => "ok",
            Ok((StatusCode::TOO_MANY_REQUESTS, _)) => "throttled",
            Ok((status, _)) if status.is_client_error() => "refused",
            Ok(_) | Err(_) => "failed",
        };
        Metric::Requests.count_by_two(("service", service.label()), ("outcome", outcome));
        result.map(|(status, body)| Answer { status: status.as_u16(), body, tracking })
    }

    async fn read(
        &self,
        service: Service,
        url: &Url,
        builder: reqwest::RequestBuilder,
    ) -> Result<(StatusCode, Bytes), TransportError> {
        let host = || url.host_str().unwrap_or_default().to_owned();
        let unreachable =
            |error| TransportError::Unreachable { host: host(), detail: chain(error) };
        let mut response = builder.send().await.map_err(unreachable)?;
        let status = response.status();
        let retry_after = response.headers().get(RETRY_AFTER);
        if let Some(wait) = pause_asked(status.as_u16(), retry_after) {
            self.pauses.ask(service, wait);
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > MAX_BODY {
                return Err(TransportError::TooLarge { host: host() });
            }
            body.extend_from_slice(&chunk);
        }
        Ok((status, body.freeze()))
    }
}

fn sensitive(bearer: &SecretString) -> HeaderValue {
    let text = format!("Bearer {}", bearer.expose_secret());
    // A token that is no header text is refused by Webex, which is the right place to say so.
    let mut value = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("Bearer"));
    value.set_sensitive(true);
    value
}

/// The error and its causes, without the address: its query may hold a mail address.
fn chain(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
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
