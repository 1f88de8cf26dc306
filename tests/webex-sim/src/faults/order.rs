//! A fault as it is posted: JSON in, or a sentence that names what was meant.

use serde_json::{Map, Value};

use super::{Fault, FaultEntry, catalogue};

/// A fault and for how many times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultOrder {
    /// What goes wrong.
    pub fault: Fault,
    /// How often; until it is cleared when absent. Meaningless for what happens at once.
    pub times: Option<u32>,
}

/// Why a posted fault was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// The body is not an object with a text under `fault`.
    #[error(r#"a fault is posted as {{"fault":"name", …}}; GET /sim/faults lists the names"#)]
    NoName,
    /// No such fault.
    #[error("no fault is called {0:?}; did you mean {1:?}?")]
    UnknownFault(String, &'static str),
    /// The fault has no such parameter.
    #[error("{0} has no parameter {1:?}; did you mean {2:?}?")]
    UnknownParameter(&'static str, String, &'static str),
    /// A required one is absent.
    #[error("{0} needs the parameter {1:?}: {2}")]
    Missing(&'static str, &'static str, &'static str),
    /// A parameter has the wrong type, or a value out of range.
    #[error("{0}: {1}")]
    BadValue(&'static str, String),
    /// The fault names an endpoint that is not there.
    #[error("no endpoint is called {0:?}; did you mean {1:?}?")]
    UnknownEndpoint(String, String),
    /// Nobody sets so many on purpose.
    #[error("{0} faults are set already; DELETE /sim/faults clears them")]
    TooMany(usize),
    /// The fault names somebody who is not there.
    #[error("nobody has the address {0:?}; did you mean {1:?}?")]
    UnknownPerson(String, String),
}

// === impl FaultOrder ===

impl FaultOrder {
    /// Reads what was posted.
    pub fn parse(body: &Value) -> Result<Self, OrderError> {
        let fields = body.as_object().ok_or(OrderError::NoName)?;
        let name = fields.get("fault").and_then(Value::as_str).ok_or(OrderError::NoName)?;
        let entry = catalogue::entry(name).ok_or_else(|| {
            let names = catalogue().iter().map(|entry| entry.fault);
            OrderError::UnknownFault(name.to_owned(), nearest(name, names))
        })?;
        check_parameters(entry, fields)?;
        let times = times_of(entry, fields)?;
        let mut fields = fields.clone();
        fields.remove("times");
        let fault: Fault = serde_json::from_value(Value::Object(fields))
            .map_err(|error| OrderError::BadValue(entry.fault, error.to_string()))?;
        check_ranges(entry.fault, &fault)?;
        if times.is_some() && !catalogue::lasts(&fault) {
            let text = "it happens at once, when it is posted, and takes no times";
            return Err(OrderError::BadValue(entry.fault, text.to_owned()));
        }
        Ok(Self { fault, times })
    }
}

impl From<Fault> for FaultOrder {
    fn from(fault: Fault) -> Self {
        Self { fault, times: None }
    }
}

fn check_parameters(entry: &FaultEntry, fields: &Map<String, Value>) -> Result<(), OrderError> {
    let known = || entry.parameters.iter().map(|p| p.name).chain(["fault", "times"]);
    for key in fields.keys() {
        if !known().any(|name| name == key) {
            let near = nearest(key, known());
            return Err(OrderError::UnknownParameter(entry.fault, key.clone(), near));
        }
    }
    match entry.parameters.iter().find(|p| p.required && !fields.contains_key(p.name)) {
        Some(absent) => Err(OrderError::Missing(entry.fault, absent.name, absent.means)),
        None => Ok(()),
    }
}

fn times_of(entry: &FaultEntry, fields: &Map<String, Value>) -> Result<Option<u32>, OrderError> {
    match fields.get("times") {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_u64().and_then(|n| u32::try_from(n).ok()) {
            Some(times) if times > 0 => Ok(Some(times)),
            _ => Err(OrderError::BadValue(entry.fault, "times is a number from 1 up".to_owned())),
        },
    }
}

fn check_ranges(name: &'static str, fault: &Fault) -> Result<(), OrderError> {
    let bad = |text: &str| Err(OrderError::BadValue(name, text.to_owned()));
    match fault {
        Fault::HttpStatus { status, .. }
        | Fault::MercuryUpgradeStatus { status, .. }
        | Fault::SubscriptionsRefused { status }
            if !(400..=599).contains(status) =>
        {
            bad("status is from 400 to 599")
        }
        Fault::MercuryClose { code, .. } | Fault::MercuryAuthRefused { code, .. }
            if !sendable(*code) =>
        {
            bad("code is one that a close frame may carry: 1000 to 4999 but 1004, 1005, 1006, 1015")
        }
        Fault::MercuryClose { reason, .. } | Fault::MercuryAuthRefused { reason, .. }
            if reason.len() > 123 =>
        {
            bad("reason is at most 123 bytes, what a close frame holds")
        }
        Fault::SubjectRefused { code, .. } if ![401, 403, 409].contains(code) => {
            bad("code is 401, 403 or 409")
        }
        Fault::HugeFrame { bytes } if *bytes > 64 * 1024 * 1024 => bad("bytes is at most 64 MiB"),
        _ => Ok(()),
    }
}

fn sendable(code: u16) -> bool {
    (1000..5000).contains(&code) && ![1004, 1005, 1006, 1015].contains(&code)
}

/// The candidate that is the fewest edits away.
pub(crate) fn nearest<'a>(text: &str, candidates: impl Iterator<Item = &'a str>) -> &'a str {
    candidates.min_by_key(|candidate| strsim::damerau_levenshtein(text, candidate)).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn example(entry: &FaultEntry) -> Value {
        let mut fields = Map::from_iter([("fault".to_owned(), json!(entry.fault))]);
        for parameter in entry.parameters {
            let value = match (parameter.name, parameter.kind) {
                ("code", _) if entry.fault == "subject_refused" => json!(409),
                ("status" | "code", "number") => {
                    json!(if parameter.name == "code" { 4001 } else { 503 })
                }
                ("when", _) => json!("ready"),
                ("evicted", _) => json!(uuid::Uuid::nil()),
                (_, "number") => json!(7),
                _ => json!("text"),
            };
            fields.insert(parameter.name.to_owned(), value);
        }
        Value::Object(fields)
    }

    #[test]
    fn every_fault_of_the_catalogue_can_be_posted_with_all_its_parameters() {
        for entry in catalogue() {
            let order = FaultOrder::parse(&example(entry)).expect(entry.fault);
            assert_eq!(order.fault.name(), entry.fault);
            let written = serde_json::to_value(&order.fault).expect("faults are JSON");
            for parameter in entry.parameters {
                assert!(
                    written.get(parameter.name).is_some(),
                    "{} {}",
                    entry.fault,
                    parameter.name
                );
            }
            assert_eq!(written.as_object().map(Map::len), Some(entry.parameters.len() + 1));
        }
    }

    #[test]
    fn a_slip_of_the_pen_is_answered_with_what_was_meant() {
        let error =
            FaultOrder::parse(&json!({ "fault": "latancy", "ms": 5 })).expect_err("unknown");
        assert_eq!(error.to_string(), r#"no fault is called "latancy"; did you mean "latency"?"#);
        let error =
            FaultOrder::parse(&json!({ "fault": "http_status", "status": 503, "retryAfter": 1 }))
                .expect_err("unknown parameter");
        assert!(error.to_string().ends_with(r#"did you mean "retry_after"?"#), "{error}");
        let error = FaultOrder::parse(&json!({ "fault": "mercury_drop", "times": 2 }));
        assert!(error.is_err(), "what happens at once takes no times");
        let error = FaultOrder::parse(&json!({ "fault": "latency" })).expect_err("no ms");
        assert!(error.to_string().contains(r#""ms""#), "{error}");
        let error = FaultOrder::parse(&json!({ "fault": "latency", "ms": "5" })).expect_err("text");
        assert!(error.to_string().starts_with("latency: "), "{error}");
    }
}
