//! `/sim/log`, `/sim/events`, `/sim/reasons`: what was asked, what happened, what is configured.

use serde_json::{Value, json};

use super::Outcome;
use crate::server::Shared;

/// `GET /sim/log?after=SEQ`: requests and counters.
pub(crate) fn show(shared: &Shared, query: &str) -> Outcome {
    let after = match number_after(query) {
        Ok(after) => after,
        Err(sentence) => return Outcome::Mistake(sentence),
    };
    shared.with(|world, now| {
        let mut summary = serde_json::to_value(&world.log.counters).unwrap_or_default();
        if let Value::Object(summary) = &mut summary {
            let most = world.centre.users().map(|user| user.most_queued).max();
            summary.insert("maxQueued".to_owned(), json!(most.unwrap_or(0)));
            summary.insert("lockedAccounts".to_owned(), json!(world.lockout.locked(now)));
        }
        Outcome::Shown(json!({"summary": summary, "requests": world.log.after(after)}))
    })
}

pub(crate) fn clear(shared: &Shared) -> Outcome {
    shared.with(|world, _| world.log.clear());
    Outcome::Done
}

/// `GET /sim/events?after=SEQ`: what happened to everybody.
pub(crate) fn events(shared: &Shared, query: &str) -> Outcome {
    let after = match number_after(query) {
        Ok(after) => after,
        Err(sentence) => return Outcome::Mistake(sentence),
    };
    shared.with(|world, _| {
        let events = world.centre.events.iter().filter(|event| event.seq > after);
        Outcome::Shown(json!(events.collect::<Vec<_>>()))
    })
}

/// `GET /sim/reasons`: the catalogue with the database ids of this start.
pub(crate) fn reasons(shared: &Shared) -> Outcome {
    shared.with(|world, _| {
        let all = world.centre.reasons.all().map(|reason| {
            json!({
                "id": reason.id,
                "category": reason.category,
                "code": reason.code,
                "label": reason.label,
                "teams": reason.teams,
                "system": reason.system,
            })
        });
        Outcome::Shown(json!(all.collect::<Vec<_>>()))
    })
}

fn number_after(query: &str) -> Result<u64, String> {
    match query.split('&').find_map(|pair| pair.strip_prefix("after=")) {
        None => Ok(0),
        Some(text) => text.parse().map_err(|_| format!("after is a number, not {text}")),
    }
}
