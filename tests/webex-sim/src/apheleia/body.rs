//! What requests about presence carry, checked.

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::call::Call;
use crate::ids;
use crate::refusal::Refusal;

/// Subjects in one request (wire notes 4.5: what the vendor's SDK sends at most).
const MOST_SUBJECTS: usize = 50;

pub(super) fn subjects(body: &Map<String, Value>) -> Result<Vec<Uuid>, Refusal> {
    let Some(list) = body.get("subjects").and_then(Value::as_array) else {
        return Err(Refusal::malformed("subjects must be a list of raw user ids"));
    };
    if list.is_empty() || list.len() > MOST_SUBJECTS {
        let text = format!("1 to {MOST_SUBJECTS} subjects go into a request, not {}", list.len());
        return Err(Refusal::malformed(text));
    }
    list.iter().map(subject_of).collect()
}

/// Raw ids only; the public API's are the likeliest mistake, so it is named.
pub(super) fn subject_of(value: &Value) -> Result<Uuid, Refusal> {
    let text = value.as_str().unwrap_or_default();
    Uuid::try_parse(text).map_err(|_| {
        Refusal::malformed(match ids::raw_of_public(text) {
            Some(raw) => format!("a subject is a raw id ({raw}), not the public API's id of it"),
            None => format!("a subject is a raw user id, not {value}"),
        })
    })
}

pub(super) fn user_of_query(call: &Call) -> Result<Uuid, Refusal> {
    match call.parameter("userId") {
        Some(id) => subject_of(&Value::String(id)),
        None => Err(Refusal::malformed("the query needs a userId")),
    }
}

pub(super) fn whole_number(body: &Map<String, Value>, key: &str) -> Result<u64, Refusal> {
    body.get(key)
        .and_then(Value::as_u64)
        .ok_or_else(|| Refusal::malformed(format!("{key} must be a whole number of seconds")))
}

pub(super) fn truth(body: &Map<String, Value>, key: &str) -> Result<bool, Refusal> {
    match body.get(key) {
        None => Ok(false),
        Some(Value::Bool(value)) => Ok(*value),
        Some(other) => Err(Refusal::malformed(format!("{key} is true or false, not {other}"))),
    }
}
