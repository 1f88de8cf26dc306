//! The public API: people and organisations (wire notes 5).

use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::call::{Answer, Call, Reply};
use crate::clock;
use crate::cloud::{Cloud, address_of, identity_of, organisation};
use crate::delivery::is_for;
use crate::faults::Fault;
use crate::ids;
use crate::people::Person;
use crate::refusal::Refusal;
use crate::tokens::Caller;

/// Ids in one request (wire notes 5).
const MOST_IDS: usize = 85;

/// What a list of people may be asked by or with.
const PARAMETERS: [&str; 8] =
    ["email", "id", "displayName", "max", "showAllTypes", "callingData", "orgId", "roles"];

/// `GET /v1/people/me`.
pub(crate) fn me(cloud: &Arc<Cloud>, call: &Call) -> Answer {
    Ok(Reply::json(technical_user(call.caller(cloud)?)))
}

/// `GET /v1/people?email=` or `?id=a,b` or `?displayName=`.
pub(crate) fn people(cloud: &Arc<Cloud>, call: &Call) -> Answer {
    call.caller(cloud)?;
    let query = call.query();
    if let Some((key, _)) = query.iter().find(|(key, _)| !PARAMETERS.contains(&key.as_str())) {
        return Err(Refusal::malformed(format!("people cannot be listed by {key:?}")));
    }
    let value = |name| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    match (value("id"), value("email"), value("displayName")) {
        (Some(ids), _, _) => by_ids(cloud, ids),
        (None, Some(email), _) => {
            let state = cloud.lock();
            let found: Vec<Value> =
                state.people.at(email).map(|p| person_json(p, true)).into_iter().collect();
            Ok(Reply::json(json!({ "notFoundIds": null, "items": found })))
        }
        (None, None, Some(name)) => {
            let name = name.to_lowercase();
            let state = cloud.lock();
            let alike = |p: &&Person| p.display_name.to_lowercase().starts_with(&name);
            let found: Vec<Value> =
                state.people.all().filter(alike).take(100).map(|p| person_json(p, true)).collect();
            Ok(Reply::json(json!({ "notFoundIds": null, "items": found })))
        }
        (None, None, None) => {
            let text = "Email, displayName, or id list should be specified.";
            Err(Refusal::malformed(text))
        }
    }
}

/// `GET /v1/people/{id}`.
pub(crate) fn person(cloud: &Arc<Cloud>, call: &Call) -> Answer {
    call.caller(cloud)?;
    let id = id_of(&call.captured).ok_or_else(|| {
        Refusal::malformed(format!("a person has a public or a raw id, not {:?}", call.captured))
    })?;
    let mut state = cloud.lock();
    let technical = [Caller::Bot, Caller::Integration];
    let address = state.people.get(id).map(|person| person.address.clone());
    let hidden = address.is_some_and(|address| {
        state.struck_by(|fault| {
            matches!(fault, Fault::StatusHidden { person }
            if is_for(person.as_deref(), &address))
        })
    });
    match state.people.get(id) {
        Some(person) => Ok(Reply::json(person_json(person, !hidden))),
        None => match technical.into_iter().find(|who| identity_of(*who).user == id) {
            Some(who) => Ok(Reply::json(technical_user(who))),
            None => Err(Refusal::expected(StatusCode::NOT_FOUND, "the person was not found")),
        },
    }
}

/// `GET /v1/organizations`.
pub(crate) fn organizations(cloud: &Arc<Cloud>, call: &Call) -> Answer {
    call.caller(cloud)?;
    Ok(Reply::json(json!({ "items": [organization_json()] })))
}

/// `GET /v1/organizations/{id}`.
pub(crate) fn organization(cloud: &Arc<Cloud>, call: &Call) -> Answer {
    call.caller(cloud)?;
    match id_of(&call.captured) {
        Some(id) if id == organisation() => Ok(Reply::json(organization_json())),
        _ => Err(Refusal::expected(StatusCode::NOT_FOUND, "the organization was not found")),
    }
}

/// A list by ids says nothing of status.
fn by_ids(cloud: &Cloud, list: &str) -> Answer {
    let ids: Vec<&str> = list.split(',').filter(|id| !id.is_empty()).collect();
    if ids.is_empty() || ids.len() > MOST_IDS {
        let text = format!("1 to {MOST_IDS} ids go into a request, not {}", ids.len());
        return Err(Refusal::malformed(text));
    }
    let state = cloud.lock();
    let mut items = Vec::new();
    let mut absent = Vec::new();
    for text in ids {
        match id_of(text).and_then(|id| state.people.get(id)) {
            Some(person) => items.push(person_json(person, false)),
            None => absent.push(text),
        }
    }
    let absent = if absent.is_empty() { Value::Null } else { json!(absent) };
    Ok(Reply::json(json!({ "notFoundIds": absent, "items": items })))
}

fn id_of(text: &str) -> Option<Uuid> {
    ids::raw_of_public(text).or_else(|| Uuid::try_parse(text).ok())
}

fn person_json(person: &Person, with_status: bool) -> Value {
    let (first, last) = person.display_name.split_once(' ').unwrap_or((&person.display_name, ""));
    let mut fields = json!({
        "id": person.public_id,
        "emails": [person.address],
        "phoneNumbers": [],
        "displayName": person.display_name,
        "nickName": first,
        "firstName": first,
        "lastName": last,
        "orgId": ids::public("ORGANIZATION", organisation()),
        "created": clock::iso(person.created),
        "lastModified": clock::iso(person.created),
        "type": "person",
    });
    if with_status && person.presence_enabled {
        fields["status"] = public_status(&person.presence.status).into();
        fields["lastActivity"] = clock::iso(person.presence.last_active).into();
    }
    fields
}

/// The public API's words (wire notes 5). What it has no word for reads `unknown`: seen for `busy`,
/// inferred for the rest.
fn public_status(status: &str) -> &str {
    match status {
        "dnd" => "DoNotDisturb",
        "ooo" => "OutOfOffice",
        "active" | "call" | "inactive" | "meeting" | "pending" | "presenting" => status,
        _ => "unknown",
    }
}

fn technical_user(who: Caller) -> Value {
    let (name, kind) = match who {
        Caller::Bot => ("Lockstep", "bot"),
        Caller::Integration => ("Lockstep integration", "person"),
    };
    let identity = identity_of(who);
    json!({
        "id": ids::public("PEOPLE", identity.user),
        "emails": [address_of(who)],
        "phoneNumbers": [],
        "displayName": name,
        "nickName": name,
        "userName": address_of(who),
        "orgId": ids::public("ORGANIZATION", identity.organisation),
        "created": "2025-01-01T00:00:00.000Z",
        "type": kind,
    })
}

fn organization_json() -> Value {
    json!({
        "id": ids::public("ORGANIZATION", organisation()),
        "displayName": "Example",
        "created": "2025-01-01T00:00:00.000Z",
    })
}
