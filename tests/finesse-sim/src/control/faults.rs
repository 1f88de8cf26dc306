//! `/sim/faults`: what goes wrong, and what can.

use serde_json::{Value, json};

use super::Outcome;
use super::bodies::read;
use crate::clock::wire_time;
use crate::faults::{CATALOGUE, Fault, Installed, SCOPE, parse};
use crate::server::{Shared, by_login_id};

/// The faults in force, and the catalogue of all.
pub(crate) fn list(shared: &Shared) -> Outcome {
    let parameters = |list: &[(&str, &str)]| {
        let pairs = list.iter().map(|(name, meaning)| ((*name).to_owned(), json!(meaning)));
        Value::Object(pairs.collect())
    };
    let known: Vec<Value> = CATALOGUE
        .iter()
        .map(|info| {
            let parameters = parameters(info.parameters);
            json!({"fault": info.name, "does": info.does, "parameters": parameters})
        })
        .collect();
    let active: Vec<Value> =
        shared.with(|world, _| world.faults.active().iter().map(installed).collect());
    Outcome::Shown(json!({"active": active, "faults": known, "scope": parameters(SCOPE)}))
}

fn installed(fault: &Installed) -> Value {
    let mut shown = serde_json::to_value(&fault.fault).unwrap_or_default();
    let scope = serde_json::to_value(&fault.scope).unwrap_or_default();
    if let (Value::Object(shown), Value::Object(scope)) = (&mut shown, scope) {
        shown.extend(scope);
        shown.insert("id".to_owned(), json!(fault.id));
        shown.insert("struck".to_owned(), json!(fault.struck));
        shown.insert("until".to_owned(), json!(fault.until.map(wire_time)));
    }
    shown
}

pub(crate) fn install(shared: &Shared, body: &[u8]) -> Outcome {
    let parsed = read::<Value>(body).and_then(|value| parse(value).map_err(|e| e.to_string()));
    let (fault, mut scope) = match parsed {
        Ok(parsed) => parsed,
        Err(sentence) => return Outcome::Mistake(sentence),
    };
    shared.with(|world, now| {
        by_login_id(world, &mut scope);
        let alone = world.nodes.secondary.is_none() || scope.node.is_none();
        if fault == Fault::RefuseConnections && alone && scope.for_ms.is_none() {
            let why = "nothing would listen for its end: give for_ms, or a node and a secondary";
            return Outcome::Mistake(why.to_owned());
        }
        match world.faults.install(fault, scope, now) {
            Some(id) => Outcome::Shown(json!({"id": id})),
            None => Outcome::Mistake("there are too many faults; DELETE /sim/faults".to_owned()),
        }
    })
}

pub(crate) fn clear(shared: &Shared) -> Outcome {
    shared.with(|world, _| world.faults.clear());
    Outcome::Done
}

/// Ends faults by number or by name.
pub(crate) fn remove(shared: &Shared, name: &str) -> Outcome {
    let found = shared.with(|world, _| match name.parse() {
        Ok(id) => world.faults.remove(id),
        Err(_) => world.faults.remove_named(name),
    });
    if found { Outcome::Done } else { Outcome::Unknown(format!("no fault {name} is in force")) }
}
