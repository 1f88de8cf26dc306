//! Authorised requests with JSON answers.

use std::sync::Arc;
use std::time::Duration;

use hyper::Method;
use serde_json::Value;
use url::Url;

use super::bearer::Bearer;
use super::composition::text;
use super::hosts::UntrustedHost;
use super::pauses::Service;
use super::token::{TokenError, Tokens};
use super::transport::{Answer, Request, Transport, TransportError};

/// A pause up to this long is waited out; a longer one is the caller's to plan.
const PATIENCE: Duration = Duration::from_secs(10);
/// Answers "too many requests" in a row after which the caller is told.
const MAX_THROTTLED: u32 = 3;
/// Characters kept of Webex's own words.
const MAX_WORDS: usize = 200;

/// What came of a request.
#[derive(Debug, thiserror::Error)]
pub(super) enum RestError {
    /// Webex refuses the token.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// Somebody named a host that may not see the token.
    #[error(transparent)]
    Untrusted(#[from] UntrustedHost),
    /// Webex wants a pause.
    #[error("webex asked for a pause of {} s ({service})", wait.as_secs())]
    Pause { service: &'static str, wait: Duration },
    /// No answer, or one that cannot be read.
    #[error("{service}: {detail}")]
    Failed { service: &'static str, detail: String },
    /// An answer that is no success.
    #[error("{service} answered {status} ({message}; tracking id {tracking})")]
    Status { service: &'static str, status: u16, message: String, tracking: String },
}

impl RestError {
    /// The status of the answer, where there was one.
    pub(super) const fn status(&self) -> Option<u16> {
        match self {
            Self::Status { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// No repetition of the request will help. A token that cannot be renewed just now is not final:
    /// the socket needs none, and subscriptions live for a while.
    pub(super) const fn is_final(&self) -> bool {
        match self {
            Self::Token(error) => error.is_refusal(),
            Self::Untrusted(_) => true,
            Self::Pause { .. } | Self::Failed { .. } | Self::Status { .. } => false,
        }
    }

    /// Too many devices are registered. Webex says it in words; the status alone would be
    /// ambiguous (Webex notes 2.4).
    pub(super) fn is_excessive(&self) -> bool {
        matches!(self, Self::Status { message, .. }
            if message.to_ascii_lowercase().contains("excessive device registrations"))
    }

    /// The pause that was asked for.
    pub(super) const fn pause(&self) -> Option<Duration> {
        match self {
            Self::Pause { wait, .. } => Some(*wait),
            _ => None,
        }
    }
}

/// The REST side of Webex.
pub(super) struct Rest {
    pub(super) transport: Arc<Transport>,
    pub(super) tokens: Tokens,
}

impl Rest {
    /// `GET` and read the JSON answer.
    pub(super) async fn get(&self, service: Service, url: Url) -> Result<Value, RestError> {
        self.call(Request::new(service, Method::GET, url)).await
    }

    /// Sends, renews a refused token once, waits out short pauses; an empty answer is `null`.
    pub(super) async fn call(&self, request: Request) -> Result<Value, RestError> {
        let (answer, bearer) = self.answered(&request).await?;
        read(&answer, request.service.label(), &bearer)
    }

    /// As [`call`](Self::call), with the answer as it came and the token that it was given for.
    pub(super) async fn answered(&self, request: &Request) -> Result<(Answer, Bearer), RestError> {
        let service = request.service.label();
        let (mut renewed, mut throttled) = (false, 0);
        loop {
            let bearer = self.tokens.bearer().await?;
            let answer = self
                .transport
                .send(request, &bearer.secret, PATIENCE)
                .await
                .map_err(|error| not_sent(error, service))?;
            match answer.status {
                200..=299 => return Ok((answer, bearer)),
                401 if renewed => {
                    self.tokens.distrust(&bearer).await;
                    return Err(TokenError::Renewed.into());
                }
                401 => {
                    self.tokens.refused(&bearer).await?;
                    renewed = true;
                }
                429 if throttled < MAX_THROTTLED => throttled += 1,
                _ => return Err(refused(&answer, service, &bearer)),
            }
        }
    }
}

fn not_sent(error: TransportError, service: &'static str) -> RestError {
    match error {
        TransportError::Untrusted(error) => error.into(),
        TransportError::Pause { wait } => RestError::Pause { service, wait },
        error => RestError::Failed { service, detail: error.to_string() },
    }
}

pub(super) fn read(
    answer: &Answer,
    service: &'static str,
    bearer: &Bearer,
) -> Result<Value, RestError> {
    if answer.body.is_empty() {
        return Ok(Value::Null);
    }
    let body = String::from_utf8_lossy(&answer.body);
    let mut value = serde_json::from_str(&body).map_err(|error| RestError::Failed {
        service,
        detail: format!("the answer is not json: {error} (tracking id {})", answer.tracking),
    })?;
    bearer.scrub_all(&mut value);
    Ok(value)
}

/// Webex's own words, without the token should they repeat it.
pub(super) fn refused(answer: &Answer, service: &'static str, bearer: &Bearer) -> RestError {
    let body = String::from_utf8_lossy(&answer.body);
    let value: Value = serde_json::from_str(&body).unwrap_or_default();
    let words = text(&value, "message")
        .or_else(|| text(value.get("errors")?.get(0)?, "description"))
        .unwrap_or("no message");
    let words: String = words.chars().filter(|c| !c.is_control()).collect();
    let message = bearer.scrub(&words).chars().take(MAX_WORDS).collect();
    let (status, tracking) = (answer.status, answer.tracking.clone());
    RestError::Status { service, status, message, tracking }
}

/// `base` with `path` (no leading slash) below it.
pub(super) fn below(base: &Url, path: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    url
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::*;

    #[test]
    fn a_token_that_is_repeated_in_escapes_is_not_told() {
        let bearer = Bearer::first(&SecretString::from("hush-hush"));
        for words in ["hush-hush", "hush\\u002dhush", "hush-\\u0007hush"] {
            let body = format!(r#"{{"message":"no {words}","{words}":["{words}"]}}"#).into();
            let answer = Answer { status: 400, body, tracking: "t".into(), date: None };
            let error = refused(&answer, "people", &bearer).to_string();
            assert!(error.contains("no [token]"), "{words}: {error}");
            let value = read(&answer, "people", &bearer).unwrap();
            assert!(!value.to_string().contains("hush-hush"), "{words}: {value}");
        }
    }

    #[test]
    fn paths_are_joined_with_and_without_a_trailing_slash() {
        for base in ["https://h/u2c/api/v1", "https://h/u2c/api/v1/"] {
            let url = below(&Url::parse(base).unwrap(), &["catalog"]);
            assert_eq!(url.as_str(), "https://h/u2c/api/v1/catalog");
        }
    }
}
