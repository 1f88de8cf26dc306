//! A fixed amount of work on the way of an event, for counting its instructions: no socket, no
//! disk, no other thread. `cargo xtask bench` runs it under callgrind.

use std::process::ExitCode;

use jiff::Timestamp;
use lockstep::measured::{Way, asks_for_ready};
use lockstep_bench::hot_path::{AGENTS, EVENTS, ROUNDS};

fn main() -> ExitCode {
    let mut way = Way::new(AGENTS);
    for agent in 0..AGENTS {
        way.list(list(agent, "READY", way.now()).as_bytes());
    }
    let (mut number, mut right, mut kept) = (0, 0, 0);
    for _ in 0..ROUNDS {
        for agent in 0..AGENTS {
            for (status, state) in [("dnd", "NOT_READY"), ("active", "READY")] {
                number += 1;
                let written = way.frame(frame(agent, status, number).as_bytes());
                let one = written.bodies.first().filter(|_| written.bodies.len() == 1);
                right +=
                    usize::from(one.is_some_and(|body| asks_for_ready(body) == (state == "READY")));
                way.list(list(agent, state, way.now()).as_bytes());
                kept += way.journal();
            }
        }
    }
    // Work that was not done must not count as fast.
    if right != EVENTS || kept < EVENTS {
        return ExitCode::FAILURE;
    }
    lockstep_bench::out::say(&EVENTS.to_string());
    ExitCode::SUCCESS
}

/// As Mercury sends it (Webex notes 3.4 and 4.2).
fn frame(agent: usize, status: &str, number: usize) -> String {
    format!(
        r#"{{"id":"0b7c1a34-5f0e-4c6e-9a55-{number:012}","data":{{"eventType":"apheleia.subscription_update","url":"https://apheleia-a.wbx2.com/apheleia/api/v1/compositions?userId={agent}","subject":"{agent}","status":"{status}","statusTime":"2026-11-21T10:00:00.000Z","lastActive":"2026-11-21T10:00:00.000Z","expiresTTL":-1,"vectorCounters":{{"sourceDC":"urn:TEAM:us-east-2_a","counters":{{"urn:TEAM:us-east-2_a":{number}}}}},"suppressNotifications":false}},"timestamp":1745113393302,"trackingId":"CLIENT_0b7c1a34-5f0e-4c6e-9a55-{number:012}","alertType":"none","headers":{{}},"sequenceNumber":{number},"filterMessage":false,"wsWriteTimestamp":1745113393302}}"#
    )
}

/// A team's list with one member in it (Finesse notes 1.7).
fn list(agent: usize, state: &str, changed: lockstep_core::Time) -> String {
    let changed = i64::try_from(changed.as_millis()).ok();
    let changed = changed.and_then(|ms| Timestamp::from_millisecond(ms).ok()).unwrap_or_default();
    let reason = match state {
        "NOT_READY" => "<reasonCode><category>NOT_READY</category><code>999</code></reasonCode>",
        _ => "",
    };
    format!(
        "<Team><uri>/finesse/api/Team/1</uri><id>1</id><name>Sales</name><users><User>\
         <uri>/finesse/api/User/{agent}</uri><loginId>{agent}</loginId><firstName>Ada</firstName>\
         <lastName>Adler</lastName><state>{state}</state><stateChangeTime>{}</stateChangeTime>\
         <pendingState></pendingState>{reason}<extension>1</extension></User></users></Team>",
        changed.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
    )
}
