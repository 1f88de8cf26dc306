use lockstep_core::PersonId;
use serde_json::Value;
use uuid::Uuid;

use super::assert_tellable;
use crate::webex::people::{found, public_id, raw_id};

/// A mail address on the first line, and the answer to its search below; or a public id alone.
///
/// Whatever the id, it is short, of one spelling, and comes back out of its own public form.
pub fn people(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Some(person) = raw_id(text) {
        assert_id(&person);
        if let Ok(uuid) = Uuid::try_parse(text) {
            assert_eq!(person.as_str(), uuid.hyphenated().to_string(), "one person, one id");
        }
    }
    let (address, reply) = text.split_once('\n').unwrap_or(("a@example.com", text));
    let Ok(reply) = serde_json::from_str::<Value>(reply) else { return };
    match found(&reply, address) {
        Ok(person) => person.iter().for_each(assert_id),
        Err(why) => assert_tellable(&why, "\0"),
    }
}

fn assert_id(person: &PersonId) {
    let id = person.as_str();
    assert!(!id.is_empty() && id.len() <= 64, "{} bytes", id.len());
    assert!(!id.contains(|c: char| c.is_ascii_uppercase() || c == '/'), "{id}");
    assert_eq!(raw_id(&public_id(person)).as_ref(), Some(person));
}
