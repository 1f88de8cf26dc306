//! Presence by request: snapshots, subscriptions, and the caller's own status (wire notes 4).

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use crate::call::{Answer, Call, Reply};
use crate::clock;
use crate::cloud::{Cloud, State, identity_of};
use crate::delivery::{composition as composition_of, is_for};
use crate::faults::Fault;
use crate::ids;
use crate::people::Person;
use crate::presence::{self, Change, Presence};
use crate::refusal::Refusal;
use crate::tokens::Caller;

/// Subjects in one request (wire notes 4.5: what the vendor's SDK sends at most).
const MOST_SUBJECTS: usize = 50;

/// Subscriptions listed before the list is called truncated.
const MOST_LISTED: usize = 1_000;

/// What a user may set; `inactive` is derived and `call` and the like come from devices.
const SETTABLE: [&str; 9] =
    ["active", "dnd", "ooo", "clear", "call", "meeting", "presenting", "calendarItem", "busy"];

/// `GET compositions?userId=`.
pub(crate) fn composition(cloud: &Arc<Cloud>, call: &Call) -> Answer {
    call.caller(cloud)?;
    let subject = user_of_query(call)?;
    Ok(Reply::json(Value::Object(snapshot(&cloud.lock(), subject, &call.base))))
}

/// `POST compositions`.
pub(crate) fn compositions(cloud: &Arc<Cloud>, call: &Call) -> Answer {
    call.caller(cloud)?;
    let subjects = subjects(&call.object()?)?;
    cloud.update(|state| {
        let list: Vec<Value> = subjects
            .into_iter()
            .filter_map(|subject| match missing(state, subject) {
                true => None,
                false => Some(Value::Object(snapshot(state, subject, &call.base))),
            })
            .collect();
        Ok(Reply::json(json!({ "statusList": list })))
    })
}

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
        if let Some(status) = struck(state, |fault| match fault {
            Fault::SubscriptionsRefused { status } => Some(*status),
            _ => None,
        }) {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
            return Err(Refusal::expected(status, "presence subscriptions are refused"));
        }
        let items: Vec<Value> = subjects
            .into_iter()
            .filter_map(|subject| match missing(state, subject) {
                true => None,
                false => Some(item(state, &wanted, subject, &call.base)),
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

/// `POST events`: the caller's own status.
pub(crate) fn set_own(cloud: &Arc<Cloud>, call: &Call) -> Answer {
    let caller = call.caller(cloud)?;
    let body = call.object()?;
    let subject = subject_of(body.get("subject").unwrap_or(&Value::Null))?;
    if subject != identity_of(caller).user {
        let text = "a status is set for the caller's own id only";
        return Err(Refusal::violation(StatusCode::FORBIDDEN, text));
    }
    let ttl = whole_number(&body, "ttl")?;
    let Some(event) = body.get("eventType").and_then(Value::as_str) else {
        return Err(Refusal::malformed("eventType must be a text"));
    };
    if !SETTABLE.contains(&event) {
        return Err(Refusal::malformed(format!("the status {event:?} cannot be set")));
    }
    let status = if event == "clear" { "active" } else { event };
    let now = clock::now();
    cloud.update(|state| own(state, caller).change(Change::to(status), now));
    let mut reply = json!({ "subject": subject, "eventType": event });
    if let Some(label) = body.get("label") {
        reply["label"] = label.clone();
    }
    if ttl > 0
        && let Ok(expires) = now.checked_add(Duration::from_secs(ttl))
    {
        reply["expires"] = clock::iso(expires).into();
    }
    Ok(Reply::json(reply))
}

/// `GET events?userId=`.
pub(crate) fn events(cloud: &Arc<Cloud>, call: &Call) -> Answer {
    call.caller(cloud)?;
    let subject = user_of_query(call)?;
    let state = cloud.lock();
    let events: Vec<Value> = presence_of(&state, subject)
        .into_iter()
        .map(|presence| {
            let start = clock::iso(presence.status_time);
            json!({
                "subject": subject, "eventType": presence.status, "ttl": -1,
                "startTime": start, "received": start,
            })
        })
        .collect();
    Ok(Reply::json(json!({ "events": events })))
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
    if let Some((code, retry, evicted)) = struck(state, |fault| match fault {
        Fault::SubjectRefused { person: whom, code, retry, evicted } => {
            is_for(whom.as_deref(), &person.address).then_some((*code, *retry, *evicted))
        }
        _ => None,
    }) {
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
        return match person.presence_enabled {
            true => json!({ "subject": subject, "responseCode": 200, "subscriptionTtl": 0 }),
            false => refused(subject, 403, "the subject has no presence"),
        };
    }
    granted(state, wanted, &person, base)
}

fn granted(state: &mut State, wanted: &Wanted, person: &Person, base: &str) -> Value {
    let short = struck(state, |fault| match fault {
        Fault::ShortTtl { seconds } => Some(*seconds),
        _ => None,
    });
    let seconds = wanted.ttl.min(short.unwrap_or(u64::MAX));
    let ttl = Duration::from_secs(seconds);
    state.subscriptions.put(wanted.device, person.id, ttl, Instant::now());
    let mut item = json!({ "subject": person.id, "responseCode": 200, "subscriptionTtl": seconds });
    let silent = |fault: &Fault| matches!(fault, Fault::NoStatus {}).then_some(());
    if wanted.with_status && struck(state, silent).is_none() {
        item["status"] = Value::Object(composition_of(person, base));
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

fn snapshot(state: &State, subject: Uuid, base: &str) -> Map<String, Value> {
    match state.people.get(subject) {
        Some(person) => composition_of(person, base),
        None => match presence_of(state, subject) {
            Some(presence) => presence.composition(subject, base),
            None => presence::nobody(subject, base),
        },
    }
}

fn presence_of(state: &State, subject: Uuid) -> Option<&Presence> {
    let own = [(Caller::Bot, &state.own.bot), (Caller::Integration, &state.own.integration)];
    let person = state.people.get(subject).map(|person| &person.presence);
    person.or_else(|| {
        own.into_iter().find(|(who, _)| identity_of(*who).user == subject).map(|(_, own)| own)
    })
}

fn own(state: &mut State, caller: Caller) -> &mut Presence {
    match caller {
        Caller::Bot => &mut state.own.bot,
        Caller::Integration => &mut state.own.integration,
    }
}

fn missing(state: &mut State, subject: Uuid) -> bool {
    let address = state.people.get(subject).map(|person| person.address.clone());
    struck(state, |fault| match fault {
        Fault::SubjectMissing { person } => {
            is_for(person.as_deref(), address.as_deref().unwrap_or_default()).then_some(())
        }
        _ => None,
    })
    .is_some()
}

fn struck<T>(state: &mut State, pick: impl Fn(&Fault) -> Option<T>) -> Option<T> {
    let (name, found) = state.faults.strike(pick)?;
    state.journal.met(name);
    Some(found)
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

fn subjects(body: &Map<String, Value>) -> Result<Vec<Uuid>, Refusal> {
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
fn subject_of(value: &Value) -> Result<Uuid, Refusal> {
    let text = value.as_str().unwrap_or_default();
    Uuid::try_parse(text).map_err(|_| {
        Refusal::malformed(match ids::raw_of_public(text) {
            Some(raw) => format!("a subject is a raw id ({raw}), not the public API's id of it"),
            None => format!("a subject is a raw user id, not {value}"),
        })
    })
}

fn user_of_query(call: &Call) -> Result<Uuid, Refusal> {
    match call.parameter("userId") {
        Some(id) => subject_of(&Value::String(id)),
        None => Err(Refusal::malformed("the query needs a userId")),
    }
}

fn whole_number(body: &Map<String, Value>, key: &str) -> Result<u64, Refusal> {
    body.get(key)
        .and_then(Value::as_u64)
        .ok_or_else(|| Refusal::malformed(format!("{key} must be a whole number of seconds")))
}

fn truth(body: &Map<String, Value>, key: &str) -> Result<bool, Refusal> {
    match body.get(key) {
        None => Ok(false),
        Some(Value::Bool(value)) => Ok(*value),
        Some(other) => Err(Refusal::malformed(format!("{key} is true or false, not {other}"))),
    }
}
