//! One HTTP exchange with one node, in bounded time and memory.

use std::time::Duration;

use reqwest::header::{self, HeaderName, HeaderValue};
use reqwest::{Certificate, Client, Method, Response, Url, redirect, retry};
use tokio::time::Instant;

use super::cause::Broken;
use super::settings::{Settings, SettingsError};

/// Tomcat closes an idle connection after 20 s by default; a request sent just then is lost in
/// the air, so we let go first.
const IDLE: Duration = Duration::from_secs(10);
const XML: HeaderValue = HeaderValue::from_static("application/xml");
const REQUEST_ID: HeaderName = HeaderName::from_static("requestid");
/// The largest body of an error that is read, in bytes; Finesse's own are below 1 KiB.
const ERROR_LIMIT: usize = 64 * 1024;
/// A `Retry-After` beyond this is taken for this.
const LONGEST_RETRY_AFTER: Duration = Duration::from_mins(5);

/// One request.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) authorization: Option<HeaderValue>,
    /// The `requestId` header, echoed and logged by Finesse.
    pub(super) id: Option<HeaderValue>,
    pub(super) body: Option<String>,
    /// The largest body of a success that is read, in bytes.
    pub(super) limit: usize,
}

/// One answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Result<Vec<u8>, BodyError>,
    pub(super) retry_after: Option<Duration>,
    /// Scheme, host and port of `Location`.
    pub(super) location: Option<String>,
}

/// Why a body was not read to its end.
#[derive(Debug)]
pub(super) enum BodyError {
    /// More than the limit, in bytes.
    TooLarge(usize),
    /// The connection broke or the time was up.
    Broken(Broken),
}

impl Answer {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// The one client: verified TLS, no redirects, no proxies, no retries, no cookies.
///
/// A proxy set for the way to Webex is not the way to Finesse, which stands on the premises.
pub(super) fn client(settings: &Settings) -> Result<Client, SettingsError> {
    let mut builder = Client::builder()
        .user_agent(concat!("lockstep/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(settings.limits.connect)
        .pool_idle_timeout(IDLE)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .no_proxy();
    if let Some(pem) = &settings.ca {
        let roots = Certificate::from_pem_bundle(pem).map_err(|e| SettingsError::Ca(Some(e)))?;
        if roots.is_empty() {
            return Err(SettingsError::Ca(None));
        }
        builder = builder.tls_certs_merge(roots);
    }
    // What a certificate contains is read only here, so a broken one shows here.
    builder.build().map_err(|error| match settings.ca {
        Some(_) => SettingsError::Ca(Some(error)),
        None => SettingsError::Client(error),
    })
}

/// Sends `request` and reads the answer, both before `deadline`.
pub(super) async fn send(
    client: &Client,
    request: Request,
    node: &str,
    deadline: Instant,
) -> Result<Answer, Broken> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(Broken::NotSent(format!("{node}: no time left to ask")));
    }
    let mut builder =
        client.request(request.method, request.url).timeout(left).header(header::ACCEPT, XML);
    if let Some(authorization) = request.authorization {
        builder = builder.header(header::AUTHORIZATION, authorization);
    }
    if let Some(id) = request.id {
        builder = builder.header(REQUEST_ID, id);
    }
    if let Some(body) = request.body {
        builder = builder.header(header::CONTENT_TYPE, XML).body(body);
    }
    let response = builder.send().await.map_err(|error| Broken::of(error, node))?;
    let limit = if response.status().is_success() { request.limit } else { ERROR_LIMIT };
    Ok(Answer {
        status: response.status().as_u16(),
        retry_after: retry_after(response.headers().get(header::RETRY_AFTER)),
        location: location(&response),
        body: read(response, limit, node).await,
    })
}

/// Reads the body up to `limit` bytes; no more than that is ever held.
async fn read(mut response: Response, limit: usize, node: &str) -> Result<Vec<u8>, BodyError> {
    let told = response.content_length().and_then(|length| usize::try_from(length).ok());
    if told.is_some_and(|length| length > limit) {
        return Err(BodyError::TooLarge(limit));
    }
    let mut body = Vec::with_capacity(told.unwrap_or_default());
    loop {
        let chunk =
            response.chunk().await.map_err(|error| BodyError::Broken(Broken::of(error, node)))?;
        let Some(chunk) = chunk else { return Ok(body) };
        if body.len() + chunk.len() > limit {
            return Err(BodyError::TooLarge(limit));
        }
        body.extend_from_slice(&chunk);
    }
}

/// `Retry-After` in seconds; the form with a date is not read.
pub(super) fn retry_after(told: Option<&HeaderValue>) -> Option<Duration> {
    let seconds = told?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_RETRY_AFTER))
}

fn location(response: &Response) -> Option<String> {
    let text = response.headers().get(header::LOCATION)?.to_str().ok()?;
    let url = response.url().join(text).ok()?;
    Some(url.origin().ascii_serialization())
}
