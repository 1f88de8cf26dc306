//! Service discovery (wire notes 1).

use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::call::{Answer, Call, Reply};
use crate::cloud::{Cloud, State};
use crate::faults::Fault;
use crate::refusal::Refusal;

/// Exactly one of them chooses a limited catalog.
const SELECTORS: [&str; 4] = ["orgId", "userId", "emailhash", "mode"];

/// The catalog before a login: without presence and without the public API's neighbours.
pub(crate) fn limited(_: &Arc<Cloud>, call: &Call) -> Answer {
    format_is_hostmap(call)?;
    let query = call.query();
    let chosen = query.iter().filter(|(key, _)| SELECTORS.contains(&key.as_str())).count();
    if chosen != 1 {
        let text = "exactly one of orgId, userId, emailhash, mode chooses a limited catalog";
        return Err(Refusal::malformed(text));
    }
    let names = ["idbroker", "identity", "license", "metrics", "u2c", "wdm"];
    let mut links = links(&call.base);
    if let Value::Object(links) = &mut links {
        links.retain(|name, _| names.contains(&name.as_str()));
    }
    Ok(Reply::json(hostmap(&links)))
}

/// The catalog for whoever shows a token.
pub(crate) fn full(cloud: &Arc<Cloud>, call: &Call) -> Answer {
    call.caller(cloud)?;
    format_is_hostmap(call)?;
    Ok(Reply::json(hostmap(&links_of(cloud, call))))
}

/// The links, but for those that a fault leads elsewhere.
pub(crate) fn links_of(cloud: &Cloud, call: &Call) -> Value {
    let mut links = links(&call.base);
    for name in ["wdm", "apheleia"] {
        if let Some(url) = led_elsewhere(&cloud.lock(), name) {
            links[name] = url.into();
        }
    }
    links
}

/// Where a fault says that this link leads.
pub(crate) fn led_elsewhere(state: &State, name: &str) -> Option<String> {
    state.faults.shown().into_iter().find_map(|active| match active.fault {
        Fault::ForeignLink { link, url } if link == name => Some(url),
        _ => None,
    })
}

/// Every service under the one address that the client came by. None may be the beginning of
/// another: the vendor's SDK takes the first that fits, and sends no `cisco-device-url` to idbroker.
pub(crate) fn links(base: &str) -> Value {
    json!({
        "apheleia": format!("{base}/apheleia/api/v1"),
        "atlas": format!("{base}/atlas/api/v1"),
        "conversation": format!("{base}/conversation/api/v1"),
        "encryption": format!("{base}/encryption/api/v1"),
        "feature": format!("{base}/feature/api/v1"),
        "hydra": format!("{base}/v1"),
        "idbroker": format!("{base}/idbroker/"),
        "identity": format!("{base}/identity"),
        "license": format!("{base}/license/api/v1"),
        "locus": format!("{base}/locus/api/v1"),
        "metrics": format!("{base}/metrics/api/v1"),
        "u2c": format!("{base}/u2c/api/v1"),
        "wdm": format!("{base}/wdm/api/v1"),
    })
}

/// No host catalog: with ports in it the vendor's SDK builds addresses with two (wire notes 1.2).
fn hostmap(links: &Value) -> Value {
    json!({ "serviceLinks": links, "hostCatalog": {}, "format": "hostmap" })
}

fn format_is_hostmap(call: &Call) -> Result<(), Refusal> {
    match call.parameter("format").as_deref() {
        Some("hostmap") => Ok(()),
        other => {
            let text = format!("the simulator has the format hostmap only, not {other:?}");
            Err(Refusal::violation(StatusCode::BAD_REQUEST, text))
        }
    }
}
