use std::time::Duration;

use secrecy::SecretString;
use serde_json::Value;

use super::composition::text as text_of;
use super::token::TokenError;
use super::transport::{Answer, TransportError};

/// What the token service gave us.
pub(super) struct Granted {
    pub(super) access: SecretString,
    /// The next refresh token; without one the old stays good.
    pub(super) refresh: Option<SecretString>,
    pub(super) life: Duration,
}

/// Reads the token service's answer: 400 and 401, said by the service itself and not by a proxy in
/// between, mean that the refresh token is worthless.
pub(super) fn read_grant(answer: Result<Answer, TransportError>) -> Result<Granted, TokenError> {
    let unavailable = |detail: String| TokenError::Unavailable { detail };
    let answer = answer.map_err(|error| unavailable(error.to_string()))?;
    match answer.status {
        200..=299 => {}
        400 | 401 if serde_json::from_slice::<Value>(&answer.body).is_ok() => {
            return Err(TokenError::Revoked { detail: format!("http {}", answer.status) });
        }
        status => return Err(unavailable(format!("http {status} ({})", answer.tracking))),
    }
    let body: Value = serde_json::from_slice(&answer.body)
        .map_err(|_| unavailable("the answer is not json".to_owned()))?;
    let text = |key: &str| text_of(&body, key).map(SecretString::from);
    let access = text("access_token")
        .ok_or_else(|| unavailable("the answer has no access_token".to_owned()))?;
    let life = body.get("expires_in").and_then(Value::as_u64).unwrap_or(3600);
    Ok(Granted {
        access,
        refresh: text("refresh_token"),
        life: Duration::from_secs(life.min(MAX_LIFE)),
    })
}

/// Longest life that is believed, in seconds: a year.
const MAX_LIFE: u64 = 365 * 24 * 3600;

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn grant(status: u16, body: &str) -> Result<Granted, TokenError> {
        let body = bytes::Bytes::copy_from_slice(body.as_bytes());
        read_grant(Ok(Answer { status, body, tracking: "t".into(), date: None }))
    }

    #[test]
    fn a_grant_is_read_with_and_without_a_new_refresh_token() {
        let granted =
            grant(200, r#"{"access_token":"a","expires_in":90,"refresh_token":"r"}"#).ok().unwrap();
        assert_eq!(granted.access.expose_secret(), "a");
        assert_eq!(granted.life, Duration::from_secs(90));
        assert!(granted.refresh.is_some());
        for body in [r#"{"access_token":"a"}"#, r#"{"access_token":"a","refresh_token":""}"#] {
            assert!(grant(200, body).ok().unwrap().refresh.is_none(), "the old one stays good");
        }
        assert!(grant(200, r#"{"access_token":""}"#).is_err(), "an empty token is none");
    }

    #[test]
    fn a_refused_grant_is_final_and_trouble_is_not() {
        for (status, revoked) in [(400, true), (401, true), (429, false), (500, false)] {
            let error = grant(status, "{}").err().unwrap();
            assert_eq!(matches!(error, TokenError::Revoked { .. }), revoked, "{status}");
        }
        for status in [200, 400, 401] {
            let error = grant(status, "<html>").err().unwrap();
            assert!(matches!(error, TokenError::Unavailable { .. }), "{status}");
        }
    }
}
