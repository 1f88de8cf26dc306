//! The control API: `/sim/…`. It needs no token, is never struck by a fault, and answers 204 or
//! JSON; a mistake gets 400 with a sentence.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use crate::call::{Answer, Call, Reply};
use crate::cloud::Cloud;
use crate::config::PersonSpec;
use crate::delivery;
use crate::faults::{FaultOrder, catalogue, nearest};
use crate::inject;
use crate::presence::Change;
use crate::refusal::Refusal;
use crate::routes;

/// What can be asked, for whoever mistypes it.
const ADDRESSES: &str = "GET|POST /sim/people, DELETE /sim/people/{address}, \
    PUT /sim/people/{address}/presence, GET|POST|DELETE /sim/faults, \
    GET /sim/log, GET /sim/sockets, GET /sim/subscriptions";

/// Answers a request to `/sim/…`.
pub(crate) fn answer(cloud: &Arc<Cloud>, call: &Call) -> Answer {
    let path = call.uri.path();
    let at = |pattern: &str| routes::matches(pattern, path);
    if let (Some(address), &Method::PUT) = (at("/sim/people/{address}/presence"), &call.method) {
        return set_presence(cloud, call, &address);
    }
    if let (Some(address), &Method::DELETE) = (at("/sim/people/{address}"), &call.method) {
        return remove_person(cloud, &address);
    }
    match (call.method.as_str(), path) {
        ("GET", "/sim/people") => {
            let state = cloud.lock();
            json(&state.people.all().collect::<Vec<_>>())
        }
        ("POST", "/sim/people") => add_person(cloud, call),
        ("GET", "/sim/faults") => Ok(faults(cloud)),
        ("POST", "/sim/faults") => set_fault(cloud, call),
        ("DELETE", "/sim/faults") => {
            inject::clear(cloud);
            Ok(Reply::no_content())
        }
        ("GET", "/sim/log") => log(cloud, call),
        ("GET", "/sim/sockets") => json(&cloud.lock().sockets.shown()),
        ("GET", "/sim/subscriptions") => Ok(subscriptions(cloud)),
        (method, path) => {
            Err(mistake(format!("{method} {path} is not one of the control API's: {ADDRESSES}")))
        }
    }
}

fn set_presence(cloud: &Arc<Cloud>, call: &Call, address: &str) -> Answer {
    let change = change_of(call)?;
    match delivery::set_presence(cloud, address, change) {
        Ok(()) => Ok(Reply::no_content()),
        Err(error) => {
            let near = nearest(address, cloud.lock().people.addresses()).to_owned();
            Err(mistake(format!("{error}; did you mean {near:?}?")))
        }
    }
}

fn change_of(call: &Call) -> Result<Change, Refusal> {
    const KEYS: [&str; 4] = ["status", "meetingType", "category", "statusTime"];
    let body = call.object().map_err(|refusal| mistake(refusal.message))?;
    if let Some(key) = body.keys().find(|key| !KEYS.contains(&key.as_str())) {
        let near = nearest(key, KEYS.into_iter());
        return Err(mistake(format!("a presence has no {key:?}; did you mean {near:?}?")));
    }
    let text = |key: &str| match body.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(mistake(format!("{key} is a text or null, not {other}"))),
    };
    let since = match text("statusTime")? {
        None => None,
        Some(text) => Some(text.parse::<Timestamp>().map_err(|error| {
            mistake(format!("statusTime is an instant such as 2026-01-31T08:15:00Z: {error}"))
        })?),
    };
    Ok(Change {
        status: text("status")?
            .filter(|status| !status.is_empty())
            .ok_or_else(|| mistake("a presence needs a status, such as \"meeting\""))?,
        meeting_type: text("meetingType")?,
        category: text("category")?,
        since,
    })
}

fn add_person(cloud: &Cloud, call: &Call) -> Answer {
    let body = call.object().map_err(|refusal| mistake(refusal.message))?;
    let Some(address) = body.get("address").and_then(Value::as_str) else {
        return Err(mistake(r#"a person is added as {"address":"name@example.com"}"#));
    };
    let id = match body.get("id") {
        None | Some(Value::Null) => None,
        Some(value) => match value.as_str().map(Uuid::try_parse) {
            Some(Ok(id)) => Some(id),
            _ => return Err(mistake(format!("id is a raw id, not {value}"))),
        },
    };
    let spec = PersonSpec { address: address.to_owned(), id };
    cloud.update(|state| {
        let id = state.people.add(&spec, cloud.clock.now()).map_err(|e| mistake(e.to_string()))?;
        json(&state.people.get(id))
    })
}

fn remove_person(cloud: &Cloud, address: &str) -> Answer {
    cloud.update(|state| match state.people.remove(address) {
        Some(_) => Ok(Reply::no_content()),
        None => Err(mistake(format!("nobody has the address {address:?}"))),
    })
}

fn faults(cloud: &Cloud) -> Reply {
    let active = cloud.lock().faults.shown();
    let endpoints: Vec<_> = routes::names().collect();
    Reply::json(json!({
        "active": active,
        "faults": catalogue(),
        "every_lasting_fault_takes": {
            "times": "a number from 1 up: how often it strikes; until it is cleared when absent",
        },
        "endpoints": endpoints,
    }))
}

fn set_fault(cloud: &Arc<Cloud>, call: &Call) -> Answer {
    let body = Value::Object(call.object().map_err(|refusal| mistake(refusal.message))?);
    let order = FaultOrder::parse(&body).map_err(|error| mistake(error.to_string()))?;
    match inject::inject(cloud, order).map_err(|error| mistake(error.to_string()))? {
        Some(id) => Ok(Reply::json(json!({ "id": id }))),
        None => Ok(Reply::no_content()),
    }
}

/// `?since=N` leaves out what the caller has seen.
fn log(cloud: &Cloud, call: &Call) -> Answer {
    let since = match call.parameter("since").map(|text| text.parse::<u64>()) {
        None => 0,
        Some(Ok(since)) => since,
        Some(Err(_)) => return Err(mistake("since is the last seq that was seen, a number")),
    };
    let state = cloud.lock();
    let mut entries = state.journal.entries();
    entries.retain(|entry| entry.seq > since);
    Ok(Reply::json(json!({
        "counters": state.journal.counters,
        "violations": state.journal.violations(),
        "entries": entries,
    })))
}

fn subscriptions(cloud: &Cloud) -> Reply {
    let state = cloud.lock();
    let devices = state.devices.all().map(|device| device.id).collect();
    let shown = state.subscriptions.of(&devices, Instant::now());
    let list = shown.into_iter().map(|(device, subject, ttl)| {
        let address = state.people.get(subject).map(|person| person.address.as_str());
        json!({ "device": device, "subject": subject, "address": address, "ttl": ttl })
    });
    Reply::json(list.collect())
}

fn json(value: &impl Serialize) -> Answer {
    serde_json::to_value(value).map(Reply::json).map_err(|error| mistake(error.to_string()))
}

fn mistake(message: impl Into<String>) -> Refusal {
    Refusal::expected(StatusCode::BAD_REQUEST, message)
}
