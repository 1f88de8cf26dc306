//! Device registration (wire notes 2).

use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use crate::call::{Answer, Call, Reply};
use crate::catalog;
use crate::cloud::{Cloud, State, identity_of};
use crate::devices::Device;
use crate::faults::Fault;
use crate::refusal::Refusal;
use crate::tokens::Caller;

/// The sentence that clients go by, not the status (wire notes 2.4).
const TOO_MANY: &str = "User has excessive device registrations";

/// What `includeUpstreamServices` may say.
const UPSTREAM: [&str; 4] = ["all", "features", "websocket", "none"];

pub(crate) fn register(cloud: &Arc<Cloud>, call: &Call) -> Answer {
    let owner = begin(cloud, call)?;
    let body = description(call)?;
    for key in ["deviceType", "name"] {
        if !body.contains_key(key) {
            return Err(Refusal::malformed(format!("a device is registered with a {key}")));
        }
    }
    let links = links(cloud, call);
    cloud.update(|state| {
        let excessive = state.struck_by(|fault| matches!(fault, Fault::ExcessiveDevices {}));
        if excessive || state.devices.of(owner).len() >= cloud.config.max_devices {
            return Err(Refusal::expected(StatusCode::FORBIDDEN, TOO_MANY));
        }
        let id = state.ids.uuid();
        let device = state.devices.add(id, owner, &body, (cloud.clock.now(), Instant::now()));
        Ok(Reply::json(shown(device, &links, call, true)).with_etag(device.etag()))
    })
}

pub(crate) fn refresh(cloud: &Arc<Cloud>, call: &Call) -> Answer {
    let owner = begin(cloud, call)?;
    let body = description(call)?;
    let id = device_id(call)?;
    let links = links(cloud, call);
    cloud.update(|state| {
        if state.struck_by(|fault| matches!(fault, Fault::DeviceGone {})) {
            remove(state, id);
        }
        let now = (cloud.clock.now(), Instant::now());
        let device = state.devices.refresh(id, owner, &body, now).ok_or_else(gone)?;
        let known = call.header("if-none-match") == Some(device.etag().as_str());
        Ok(Reply::json(shown(device, &links, call, !known)).with_etag(device.etag()))
    })
}

pub(crate) fn list(cloud: &Arc<Cloud>, call: &Call) -> Answer {
    let owner = begin(cloud, call)?;
    let links = links(cloud, call);
    let state = cloud.lock();
    let devices: Vec<Value> = state
        .devices
        .of(owner)
        .into_iter()
        .map(|device| shown(device, &links, call, true))
        .collect();
    if devices.is_empty() {
        return Err(Refusal::expected(StatusCode::NOT_FOUND, "the user has no devices"));
    }
    Ok(Reply::json(json!({ "devices": devices })))
}

pub(crate) fn read(cloud: &Arc<Cloud>, call: &Call) -> Answer {
    let owner = begin(cloud, call)?;
    let id = device_id(call)?;
    let links = links(cloud, call);
    let state = cloud.lock();
    let device = state.devices.get(id).filter(|device| device.owner == owner).ok_or_else(gone)?;
    Ok(Reply::json(shown(device, &links, call, true)).with_etag(device.etag()))
}

pub(crate) fn delete(cloud: &Arc<Cloud>, call: &Call) -> Answer {
    let owner = begin(cloud, call)?;
    let id = device_id(call)?;
    cloud.update(|state| {
        state.devices.get(id).filter(|device| device.owner == owner).ok_or_else(gone)?;
        remove(state, id);
        Ok(Reply::no_content())
    })
}

pub(crate) fn delete_all(cloud: &Arc<Cloud>, call: &Call) -> Answer {
    let owner = begin(cloud, call)?;
    cloud.update(|state| {
        let ids: Vec<Uuid> = state.devices.of(owner).iter().map(|device| device.id).collect();
        for id in ids {
            remove(state, id);
        }
        Ok(Reply::no_content())
    })
}

fn begin(cloud: &Cloud, call: &Call) -> Result<Caller, Refusal> {
    let owner = call.caller(cloud)?;
    cloud.expire_devices();
    match call.parameter("includeUpstreamServices") {
        Some(text) if !text.split(',').all(|part| UPSTREAM.contains(&part)) => {
            Err(Refusal::malformed(format!(
                "includeUpstreamServices is one of {UPSTREAM:?}, not {text:?}"
            )))
        }
        _ => Ok(owner),
    }
}

/// Extra keys are the vendor's own habit (wire notes 7.14); wrong types are not.
fn description(call: &Call) -> Result<Map<String, Value>, Refusal> {
    let body = call.object()?;
    let texts = [
        "deviceType",
        "name",
        "deviceName",
        "model",
        "localizedModel",
        "systemName",
        "systemVersion",
    ];
    for key in texts {
        if body.get(key).is_some_and(|value| !value.is_string()) {
            return Err(Refusal::malformed(format!("{key} must be a text")));
        }
    }
    match body.get("ttl") {
        Some(ttl) if ttl.as_u64().is_none_or(|ttl| ttl == 0) => {
            Err(Refusal::malformed("ttl is a whole number of seconds from 1 up"))
        }
        _ => Ok(body),
    }
}

fn device_id(call: &Call) -> Result<Uuid, Refusal> {
    Uuid::try_parse(&call.captured).map_err(|_| gone())
}

fn gone() -> Refusal {
    Refusal::expected(StatusCode::NOT_FOUND, "the device was not found")
}

fn shown(device: &Device, links: &Links, call: &Call, with_toggles: bool) -> Value {
    let owner = identity_of(device.owner);
    let mut dto = device.dto(&call.base, &links.services, &owner, with_toggles);
    if let Some(url) = &links.socket {
        dto["webSocketUrl"] = url.clone().into();
    }
    dto
}

/// The addresses in a device's description; read before the state is locked.
struct Links {
    services: Value,
    socket: Option<String>,
}

fn links(cloud: &Cloud, call: &Call) -> Links {
    let services = catalog::links_of(cloud, call);
    Links { services, socket: catalog::led_elsewhere(&cloud.lock(), "webSocketUrl") }
}

/// A device takes its subscriptions along; its sockets stay and hear nothing more.
pub(crate) fn remove(state: &mut State, id: Uuid) {
    state.devices.remove(id);
    state.subscriptions.end_device(id);
}
