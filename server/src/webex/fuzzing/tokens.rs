use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};

use super::assert_tellable;
use crate::webex::bearer::Bearer;
use crate::webex::grant::read_grant;
use crate::webex::rest::{RestError, read, refused};
use crate::webex::transport::Answer;

/// Stands for the token: in the answers of the corpus a server repeats it to us.
const SECRET: &str = "hush-PF84-hush";

/// A status on the first line and a body below it: as the answer of the token service, and as one
/// that repeats our own token. What is told of it never holds the token.
pub fn tokens(bytes: &[u8]) {
    let Some(at) = bytes.iter().position(|byte| *byte == b'\n') else { return };
    let status = std::str::from_utf8(&bytes[..at]).ok().and_then(|text| text.parse().ok());
    let answer = || Answer {
        status: status.unwrap_or(200),
        body: Bytes::copy_from_slice(&bytes[at + 1..]),
        tracking: "lockstep_1".to_owned(),
        date: None,
    };
    match read_grant(Ok(answer())) {
        Ok(granted) => {
            assert!(!granted.access.expose_secret().is_empty(), "an empty token is none");
            let refresh = granted.refresh.as_ref().map(ExposeSecret::expose_secret);
            assert!(refresh.is_none_or(|token| !token.is_empty()), "an empty token is none");
            assert!(granted.life.as_secs() <= 365 * 24 * 3600);
        }
        Err(error) => {
            assert_tellable(&error.to_string(), SECRET);
            assert_tellable(&format!("{error:?}"), SECRET);
        }
    }
    let bearer = Bearer::first(&SecretString::from(SECRET));
    match read(&answer(), "people", &bearer) {
        Ok(value) => assert!(!value.to_string().contains(SECRET), "the token is kept: {value}"),
        Err(error) => told(&error),
    }
    told(&refused(&answer(), "people", &bearer));
}

fn told(error: &RestError) {
    assert_tellable(&error.to_string(), SECRET);
    assert_tellable(&format!("{error:?}"), SECRET);
}
