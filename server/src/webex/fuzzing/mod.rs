//! What holds for every byte that Webex may send, whoever wrote it: one function per parser, which
//! takes any bytes and panics where a promise is broken. The targets in `fuzz` call them.

mod addresses;
mod frames;
mod people;
mod replies;
mod tokens;

pub use addresses::addresses;
pub use frames::frames;
pub use people::people;
pub use replies::replies;
pub use tokens::tokens;

use hyper::header::{DATE, HeaderMap, HeaderValue, RETRY_AFTER};
use serde_json::{Value, json};

use super::composition::Composition;
use super::pauses::pause_asked;

/// Bytes of a text about which somebody reads in a log; ours are far shorter.
const LONGEST_TEXT: usize = 1_000;

/// The value of a `Retry-After` header, and on a second line that of `Date`.
pub fn retry_after(bytes: &[u8]) {
    let mut headers = HeaderMap::new();
    for (name, line) in [RETRY_AFTER, DATE].into_iter().zip(bytes.split(|byte| *byte == b'\n')) {
        let Ok(value) = HeaderValue::from_bytes(line) else { return };
        headers.insert(name, value);
    }
    for status in [200, 429, 503] {
        let wait = pause_asked(status, &headers);
        assert!(wait.is_none_or(|wait| wait.as_secs() <= 3_600), "{wait:?}");
        assert_eq!(wait.is_some(), status == 429 || (status == 503 && wait.is_some()));
    }
}

/// What a log or a person is told: short, on one line, and without `secret`.
fn assert_tellable(text: &str, secret: &str) {
    assert!(text.len() <= LONGEST_TEXT, "{} bytes: {text}", text.len());
    assert!(!text.contains(char::is_control), "control characters: {text:?}");
    assert!(!text.contains(secret), "the secret is told: {text}");
}

/// Memory per person is constant (law 12).
fn assert_bounded(composition: &Composition) {
    assert!(composition.person.as_str().len() <= 64);
    assert!(!composition.person.as_str().contains(|c: char| c.is_ascii_uppercase()));
    assert!(composition.version.len() <= 16);
    assert!(composition.version.keys().all(|name| name.len() <= 64));
    let facts: Vec<_> = composition.facts.iter().collect();
    assert!(facts.len() <= 3 && composition.facts.get("status").is_some(), "{facts:?}");
    assert!(facts.iter().all(|(_, value)| value.chars().count() <= 64), "{facts:?}");
}

/// A composition as Webex would write it.
fn written(composition: &Composition) -> Value {
    let mut value = json!({
        "subject": composition.person.as_str(),
        "vectorCounters": {"counters": composition.version},
    });
    for (fact, field) in
        [("status", "status"), ("meeting_type", "meetingType"), ("category", "category")]
    {
        value[field] = composition.facts.get(fact).into();
    }
    let since = composition.source_time.map(|time| {
        let ms = i64::try_from(time.as_millis()).expect("it was read from a date");
        jiff::Timestamp::from_millisecond(ms).expect("it was read from a date").to_string()
    });
    value["statusTime"] = since.into();
    value
}
