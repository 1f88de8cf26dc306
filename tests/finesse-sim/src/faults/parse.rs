//! Reads a fault from the control API; a mistake is answered with the nearest name.

use serde_json::{Map, Value};

use super::{CATALOGUE, Fault, FaultInfo, SCOPE, Scope};

/// Largest body that `huge_body` makes.
const HUGEST_BODY: usize = 64 * 1024 * 1024;
/// Longest delay of one fault: ten minutes; longer is a mistake in the unit.
const LONGEST_DELAY_MS: u64 = 600_000;

/// Why a fault could not be installed; the sentence goes to the person who posted it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FaultError {
    #[error("a fault is a JSON object with `fault` and its parameters")]
    NotAnObject,
    #[error(
        "there is no fault `{name}`; the nearest is `{nearest}`, and GET /sim/faults lists all"
    )]
    UnknownName { name: String, nearest: &'static str },
    #[error("`{fault}` has no parameter `{name}`; the nearest is `{nearest}`")]
    UnknownParameter { fault: String, name: String, nearest: &'static str },
    #[error("the parameters of `{fault}` are wrong: {why}")]
    BadParameter { fault: String, why: String },
}

/// A fault and its scope from `{"fault": "name", …}`.
pub(crate) fn parse(value: Value) -> Result<(Fault, Scope), FaultError> {
    let Value::Object(object) = value else { return Err(FaultError::NotAnObject) };
    let name = object.get("fault").and_then(Value::as_str).ok_or(FaultError::NotAnObject)?;
    let info = info(name)?;
    let known: Vec<&'static str> =
        info.parameters.iter().chain(SCOPE).map(|(parameter, _)| *parameter).collect();
    for key in object.keys().filter(|key| *key != "fault") {
        if !known.contains(&key.as_str()) {
            return Err(FaultError::UnknownParameter {
                fault: name.to_owned(),
                name: key.clone(),
                nearest: nearest(key, known),
            });
        }
    }
    let own = |(key, _): &(&String, &Value)| {
        key.as_str() == "fault" || info.parameters.iter().any(|(name, _)| name == key)
    };
    let scope: Map<String, Value> = SCOPE
        .iter()
        .filter(|(key, _)| !info.parameters.iter().any(|(name, _)| name == key))
        .filter_map(|(key, _)| Some(((*key).to_owned(), object.get(*key)?.clone())))
        .collect();
    let parameters: Map<String, Value> =
        object.iter().filter(own).map(|(key, value)| (key.clone(), value.clone())).collect();
    let bad = |why: String| FaultError::BadParameter { fault: name.to_owned(), why };
    let fault: Fault = serde_json::from_value(Value::Object(parameters))
        .map_err(|error| bad(error.to_string()))?;
    let mut scope: Scope =
        serde_json::from_value(Value::Object(scope)).map_err(|error| bad(error.to_string()))?;
    scope.method = scope.method.map(|method| method.to_ascii_uppercase());
    check(&fault, &scope).map_err(|why| bad(why.to_owned()))?;
    Ok((fault, scope))
}

fn check(fault: &Fault, scope: &Scope) -> Result<(), &'static str> {
    if scope.probability.is_some_and(|chance| !(0.0..=1.0).contains(&chance)) {
        return Err("probability is between 0 and 1");
    }
    if scope.times == Some(0) {
        return Err("times is at least 1");
    }
    match fault {
        Fault::Latency { min_ms, max_ms, .. } if min_ms > max_ms => Err("min_ms is above max_ms"),
        Fault::Latency { max_ms: delay, .. } | Fault::SlowCti { delay_ms: delay }
            if *delay > LONGEST_DELAY_MS =>
        {
            Err("a delay is at most ten minutes")
        }
        Fault::HugeBody { bytes } if *bytes > HUGEST_BODY => Err("bytes is at most 67108864"),
        Fault::Status { status, .. } | Fault::HtmlError { status }
            if !(200..=599).contains(status) =>
        {
            Err("status is between 200 and 599")
        }
        Fault::ErrorBefore { status } | Fault::ErrorAfter { status }
            if !(500..=599).contains(status) =>
        {
            Err("status is between 500 and 599")
        }
        _ => Ok(()),
    }
}

fn info(name: &str) -> Result<&'static FaultInfo, FaultError> {
    CATALOGUE.iter().find(|info| info.name == name).ok_or_else(|| FaultError::UnknownName {
        name: name.to_owned(),
        nearest: nearest(name, CATALOGUE.iter().map(|info| info.name)),
    })
}

fn nearest(name: &str, known: impl IntoIterator<Item = &'static str>) -> &'static str {
    known
        .into_iter()
        .min_by_key(|candidate| strsim::damerau_levenshtein(name, candidate))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_misspelt_fault_names_the_nearest() {
        let error = parse(json!({"fault": "latencyy", "max_ms": 5})).expect_err("unknown");
        assert!(error.to_string().contains("`latency`"), "{error}");
    }

    #[test]
    fn a_misspelt_parameter_names_the_nearest() {
        let error = parse(json!({"fault": "slow_cti", "delay": 5})).expect_err("unknown");
        assert!(error.to_string().contains("`delay_ms`"), "{error}");
    }

    #[test]
    fn every_fault_of_the_catalogue_can_be_read() {
        for info in CATALOGUE {
            let value = json!({
                "fault": info.name, "max_ms": 5, "status": 500, "code": 265,
                "offset_ms": -5, "kind": "html", "times": 2, "endpoint": "user", "node": "secondary",
                "shape": "undefined", "policy": "default-src 'self'",
            });
            let Value::Object(all) = value else { unreachable!("an object literal") };
            let known = |key: &str| {
                key == "fault" || info.parameters.iter().chain(SCOPE).any(|(name, _)| *name == key)
            };
            let mut wanted: Map<String, Value> =
                all.into_iter().filter(|(key, _)| known(key)).collect();
            if info.name == "system_info_lies" {
                wanted.insert("status".to_owned(), json!("IN_SERVICE"));
            }
            let (fault, scope) = parse(Value::Object(wanted)).expect(info.name);
            assert_eq!(fault.name(), info.name);
            assert_eq!(scope.times, Some(2));
        }
    }

    #[test]
    fn nonsense_is_refused_in_a_sentence() {
        for wrong in [
            json!([]),
            json!({"fault": "latency", "min_ms": 9, "max_ms": 5}),
            json!({"fault": "cti_drop", "probability": 2}),
            json!({"fault": "cti_error"}),
            json!({"fault": "error_before", "status": 404}),
        ] {
            assert!(parse(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
