//! Subscriptions by request, and their items one by one (wire notes 4.1 and 4.3).

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use super::body::{subjects, truth, whole_number};
use super::missing;
use crate::call::{Answer, Call, Reply};
use crate::cloud::{Cloud, State, identity_of};
use crate::delivery::{composition, is_for};
use crate::faults::Fault;
use crate::people::Person;
use crate::refusal::Refusal;
use crate::tokens::Caller;

/// Subscriptions listed before the list is called truncated.
const MOST_LISTED: usize = 1_000;

/// `POST subscriptions`: begins, renews, or ends with a time of 0.
pub(crate) fn subscribe(cloud: &Arc<Cloud>, call: &Call) -> Answer {
    let owner = call.caller(cloud)?;
    cloud.expire_devices();
    let device = device_of_header(cloud, call, owner)?;
    let body = call.object()?;
    let wanted = Wanted {
        device,
        ttl: whole_number(&body, "subscriptionTtl")?,
        with_status: truth(&body, "includeStatus")?,
    };
    let subjects = subjects(&body)?;
    cloud.update(|state| {
        if let Some(status) = state.struck(|fault| match fault {
            Fault::SubscriptionsRefused { status } => Some(*status),
            _ => None,
        }) {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
            return Err(Refusal::expected(status, "presence subscriptions are refused"));
        }
        let items: Vec<Value> = subjects
            .into_iter()
            .filter_map(|subject| {
                let here = !missing(state, subject);
                here.then(|| item(state, &wanted, subject, &call.base))
            })
            .collect();
        Ok(Reply::json(json!({ "responses": items })))
    })
}

/// `GET subscriptions`.
pub(crate) fn subscriptions(cloud: &Arc<Cloud>, call: &Call) -> Answer {
    let owner = call.caller(cloud)?;
    let state = cloud.lock();
    let devices: BTreeSet<Uuid> = state.devices.of(owner).iter().map(|d| d.id).collect();
    let found = state.subscriptions.of(&devices, Instant::now());
    let shown = found.iter().take(MOST_LISTED).map(|(device, subject, ttl)| {
        json!({
            "deviceUrl": format!("{}/wdm/api/v1/devices/{device}", call.base),
            "subject": subject,
            "subscriptionTtl": ttl,
        })
    });
    Ok(Reply::json(json!({
        "subject": identity_of(owner).user,
        "truncated": found.len() > MOST_LISTED,
        "subscriptions": shown.collect::<Vec<_>>(),
    })))
}

/// A whole request to subscribe, without its subjects.
struct Wanted {
    device: Uuid,
    ttl: u64,
    with_status: bool,
}

/// One subject's item of the reply.
fn item(state: &mut State, wanted: &Wanted, subject: Uuid, base: &str) -> Value {
    let Some(person) = state.people.get(subject).cloned() else {
        return refused(subject, 403, "the subject has no presence");
    };
    if let Some((code, retry, evicted)) = state.struck(|fault| match fault {
        Fault::SubjectRefused { person: whom, code, retry, evicted } => {
            is_for(whom.as_deref(), &person.address).then_some((*code, *retry, *evicted))
        }
        _ => None,
    }) {
        state.subscriptions.end(wanted.device, subject);
        let mut item = refused(subject, code, refusal_of(code));
        if let Some(retry) = retry {
            item["retry"] = retry.into();
        }
        if let Some(evicted) = evicted {
            item["evicted"] = json!(evicted);
            state.subscriptions.end(wanted.device, evicted);
        }
        return item;
    }
    if wanted.ttl == 0 {
        state.subscriptions.end(wanted.device, subject);
        // Wire notes 4.4: unsubscribing from somebody who switched presence off errs.
        if !person.presence_enabled {
            return refused(subject, 403, "the subject has no presence");
        }
        return json!({ "subject": subject, "responseCode": 200, "subscriptionTtl": 0 });
    }
    granted(state, wanted, &person, base)
}

fn granted(state: &mut State, wanted: &Wanted, person: &Person, base: &str) -> Value {
    let short = state.struck(|fault| match fault {
        Fault::ShortTtl { seconds } => Some(*seconds),
        _ => None,
    });
    let seconds = wanted.ttl.min(short.unwrap_or(u64::MAX));
    let ttl = Duration::from_secs(seconds);
    state.subscriptions.put(wanted.device, person.id, ttl, Instant::now());
    let mut item = json!({ "subject": person.id, "responseCode": 200, "subscriptionTtl": seconds });
    let silent = |fault: &Fault| matches!(fault, Fault::NoStatus {}).then_some(());
    if wanted.with_status && state.struck(silent).is_none() {
        item["status"] = Value::Object(composition(person, base));
    }
    item
}

fn refused(subject: Uuid, code: u16, message: &str) -> Value {
    json!({ "subject": subject, "responseCode": code, "subscriptionTtl": 0, "message": message })
}

/// What the codes mean (wire notes 4.3).
fn refusal_of(code: u16) -> &'static str {
    match code {
        401 => "no access to this subject",
        409 => "no more subscriptions for this client now",
        _ => "the caller or the subject has no presence",
    }
}

/// The device whose subscription it is (wire notes 4: required).
fn device_of_header(cloud: &Cloud, call: &Call, owner: Caller) -> Result<Uuid, Refusal> {
    let Some(url) = call.header("cisco-device-url") else {
        return Err(Refusal::malformed("a subscription needs a Cisco-Device-Url header"));
    };
    let id = url.rsplit_once("/wdm/api/v1/devices/").and_then(|(_, id)| Uuid::try_parse(id).ok());
    let Some(id) = id else {
        let text = format!("Cisco-Device-Url is a device's url, not {url:?}");
        return Err(Refusal::malformed(text));
    };
    let state = cloud.lock();
    match state.devices.get(id).filter(|device| device.owner == owner) {
        Some(device) => Ok(device.id),
        None => Err(Refusal::expected(StatusCode::NOT_FOUND, "the device was not found")),
    }
}
