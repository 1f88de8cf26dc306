//! Rows by hand: who is there, and in which state.

use serde_json::{Value, json};

const FIRST: [&str; 12] = [
    "Alice", "Bruno", "Chiara", "Dmitri", "Élodie", "Farid", "Greta", "Hiro", "Ines", "Jonas",
    "Khadija", "Liam",
];
const LAST: [&str; 11] = [
    "Andersson",
    "Bianchi",
    "Castro",
    "Dubois",
    "Ekström",
    "Fischer",
    "García",
    "Haddad",
    "Ivanova",
    "Jensen",
    "Kowalski",
];
/// The teams of the story, by id and name.
pub(super) const TEAMS: [(&str, &str); 3] = [("t1", "Sales"), ("t2", "Billing"), ("t3", "Support")];
/// The beginning of what is told, in ms: an afternoon of 2026.
pub(super) const THEN: u64 = 1_795_000_000_000;

/// An agent in a state of Finesse, held by Lockstep where there is a presence that holds.
pub fn agent(number: usize, name: &str, state: &str, held: Option<(&str, &str)>) -> Value {
    let label = match state {
        "READY" => "Ready",
        "NOT_READY" => "Not Ready",
        "WORK" => "Wrap-up",
        "LOGOUT" => "Signed out",
        _ => "Talking",
    };
    let since = THEN - 60_000 * (number as u64 % 90);
    let (presence, reason) = held.unzip();
    let sentence = match (state, presence) {
        (_, Some("Webex call")) => "is in a Webex call and is held Not Ready.",
        (_, Some("Do not disturb")) => {
            "does not want to be disturbed in Webex and is held Not Ready."
        }
        (_, Some(_)) => "is in a Webex meeting and is held Not Ready.",
        ("READY", None) => "is Ready; nothing to do.",
        ("NOT_READY", None) => "is Not Ready by somebody\u{2019}s choice, and is left alone.",
        ("WORK", None) => "is in wrap-up; nothing to do.",
        ("LOGOUT", None) => "is not signed in to Finesse.",
        _ => "is on a call; nothing to do.",
    };
    let chosen = (state == "NOT_READY").then_some("Lunch");
    json!({
        "agent": number.to_string(), "name": name, "team": TEAMS[number % TEAMS.len()].0, "mode": "server",
        "state": {"name": state, "label": label, "reason": reason.or(chosen), "since": since, "pending": null},
        "presence": {"text": presence.unwrap_or("Active"), "since": since},
        "wanted": reason.map(|reason| json!({"text": format!("Not Ready \u{2013} {reason}"), "since": since})),
        "hold": reason.map(|reason| json!({"text": reason, "since": since})),
        "writer": if number.is_multiple_of(2) { "server" } else { "gadget" }, "marks": [], "snoozed_until": null,
        "code": if held.is_some() { "hold" } else { "free" }, "sentence": format!("{name} {sentence}"),
        "next": held.map(|_| "Ready again when it ends."), "latency_ms": 100 + number % 400,
    })
}

/// An agent whom a supervisor has left alone.
pub fn snoozed(number: usize, name: &str) -> Value {
    let mut row = agent(number, name, "READY", None);
    row["marks"] = json!(["snoozed"]);
    row["snoozed_until"] = json!(THEN + 1_800_000);
    row
}

/// So many agents of every kind, numbered from 1001.
pub fn crowd(count: usize) -> Vec<Value> {
    (1001..1001 + count).map(|number| in_turn(number, number)).collect()
}

/// Another state of an agent of the crowd.
pub(super) fn other(agent: &str, turn: usize) -> Value {
    in_turn(agent.parse().expect("a number"), turn)
}

fn in_turn(number: usize, turn: usize) -> Value {
    let name = format!("{} {}", FIRST[number % FIRST.len()], LAST[number % LAST.len()]);
    let held = |presence, reason| agent(number, &name, "NOT_READY", Some((presence, reason)));
    match turn * 7 % 17 {
        0 | 5 => held("Webex meeting", "Webex Meeting"),
        1 => held("Webex call", "Webex Call"),
        2 | 3 | 9 => agent(number, &name, "TALKING", None),
        4 => agent(number, &name, "WORK", None),
        6 => agent(number, &name, "NOT_READY", None),
        7 => agent(number, &name, "LOGOUT", None),
        _ => agent(number, &name, "READY", None),
    }
}
