//! Presence by request: snapshots, subscriptions, and the caller's own status (wire notes 4).

mod body;
mod subscribe;

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use self::body::{subject_of, subjects, user_of_query, whole_number};
pub(crate) use self::subscribe::{subscribe, subscriptions};
use crate::call::{Answer, Call, Reply};
use crate::clock;
use crate::cloud::{Cloud, State, identity_of};
use crate::delivery::{composition as composition_of, is_for};
use crate::faults::Fault;
use crate::presence::{self, Change, Presence};
use crate::refusal::Refusal;
use crate::tokens::Caller;

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
            .filter_map(|subject| {
                let here = !missing(state, subject);
                here.then(|| Value::Object(snapshot(state, subject, &call.base)))
            })
            .collect();
        Ok(Reply::json(json!({ "statusList": list })))
    })
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
    let now = cloud.clock.now();
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
    state
        .struck(|fault| match fault {
            Fault::SubjectMissing { person } => {
                is_for(person.as_deref(), address.as_deref().unwrap_or_default()).then_some(())
            }
            _ => None,
        })
        .is_some()
}
