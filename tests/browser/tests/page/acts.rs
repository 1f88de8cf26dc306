//! An agent's day, and what a supervisor does for them.

use lockstep_browser::{Script, Wall, agent, crowd, key, snoozed};
use serde_json::{Value, json};

const HOUR: u64 = 3_600_000;
/// Eight in the morning of the story's day, UTC.
const EIGHT: u64 = 1_794_988_800_000;

pub(crate) fn day(agent: &str, name: &str) -> Value {
    let at = |hours: u64, minutes: u64| EIGHT + hours * HOUR + minutes * 60_000;
    let piece = |from: u64, to: u64, text: &str, more: Value| {
        let mut piece = json!({"from": from, "to": to, "text": text});
        piece
            .as_object_mut()
            .expect("an object")
            .extend(more.as_object().cloned().unwrap_or_default());
        piece
    };
    let entry = |at: u64, sentence: &str, side: &str, asked: Value| {
        json!({"at": at, "code": "x", "sentence": sentence, "side": side, "wanted": null, "state": null,
               "asked": asked, "latency_ms": asked.is_string().then_some(240), "held": null})
    };
    json!({
        "agent": agent, "name": name, "from": at(0, 0) - 8 * HOUR, "to": at(16, 0),
        "presence": [
            piece(at(0, 0), at(1, 0), "Active", json!({"name": "", "held": false})),
            piece(at(1, 0), at(2, 0), "Webex meeting", json!({"name": "", "held": false})),
            piece(at(2, 0), at(3, 20), "Active", json!({"name": "", "held": false})),
        ],
        "state": [
            piece(at(0, 5), at(0, 40), "Ready", json!({"name": "READY", "held": false})),
            piece(at(0, 40), at(0, 55), "Talking", json!({"name": "TALKING", "held": false})),
            piece(at(0, 55), at(1, 0), "Wrap-up", json!({"name": "WORK", "held": false})),
            piece(at(1, 0), at(2, 0), "Not Ready \u{2013} Webex Meeting", json!({"name": "NOT_READY", "held": true})),
            piece(at(2, 0), at(2, 30), "Ready", json!({"name": "READY", "held": false})),
            piece(at(2, 30), at(3, 20), "Not Ready \u{2013} Lunch", json!({"name": "NOT_READY", "held": false})),
        ],
        "acted": [
            {"at": at(1, 0), "side": "server", "text": "Set Not Ready"}, {"at": at(2, 0), "side": "server", "text": "Set Ready"},
            {"at": at(2, 30), "side": "agent", "text": "Chose Lunch"}, {"at": at(3, 0), "side": "supervisor", "text": "Left alone"},
        ],
        "entries": [
            entry(at(2, 30), &format!("{name} chose Lunch; it stays until they change it."), "agent", Value::Null),
            entry(at(2, 0), &format!("The meeting ended: {name} is Ready again."), "server", json!("accepted")),
            entry(at(1, 0), &format!("Webex meeting: {name} is Not Ready (Webex Meeting)."), "server", json!("accepted")),
        ],
        "more": null,
    })
}

async fn opened(row: Value) -> (Script, Wall) {
    let script = Script::start(vec![row]).await;
    script.answers("/api/agents/1/day", day("1", "Ann"));
    let wall = Wall::open(&script.url).await;
    wall.shows("Ann", |rows| rows.len() == 1).await;
    wall.browser.click(".rows .row .c-name").await;
    wall.browser.shows(".decisions", "what was decided", |text| text.contains("chose Lunch")).await;
    (script, wall)
}

fn held() -> Value {
    agent(1, "Ann", "NOT_READY", Some(("Webex meeting", "Webex Meeting")))
}

/// A row is told a moment before its decision is written down.
#[tokio::test]
async fn what_is_written_down_a_moment_later_is_shown_without_another_change() {
    let script = Script::start(vec![held()]).await;
    let mut earlier = day("1", "Ann");
    earlier["entries"].as_array_mut().expect("a list").remove(0);
    script.answers_in_turn("/api/agents/1/day", [earlier, day("1", "Ann")]);
    let wall = Wall::open(&script.url).await;
    wall.shows("Ann", |rows| rows.len() == 1).await;
    wall.browser.click(".rows .row .c-name").await;
    wall.browser.shows(".decisions", "what came later", |text| text.contains("chose Lunch")).await;
}

#[tokio::test]
async fn the_day_is_three_bands_on_one_axis_and_every_decision() {
    let (_script, wall) = opened(held()).await;
    let tones = "return [...document.querySelectorAll('.band-state .piece')].map((piece) => piece.dataset.tone).join(' ');";
    wall.is(tones, "ready call wrap-up held ready not-ready").await;
    let presence = "return [...document.querySelectorAll('.band-presence .piece')].map((piece) => piece.dataset.tone).join(' ');";
    wall.is(presence, "free busy free").await;
    let lanes = "return [...document.querySelectorAll('.lane')].map((lane) => lane.children.length).join(' ');";
    wall.is(lanes, "2 1 1").await;
    // The meeting and its hold stand one above the other.
    let lefts = "const left = (css) => document.querySelector(css).style.left; \
                 return String(left('.band-presence [data-tone=busy]') === left('.band-state [data-tone=held]'));";
    wall.is(lefts, "true").await;
    wall.is("return String(document.querySelectorAll('.decisions li').length);", "3").await;
}

#[tokio::test]
async fn an_address_opens_a_day_and_shows_whose_it_is_in_the_table() {
    let script = Script::start(crowd(200)).await;
    script.answers("/api/agents/1150/day", day("1150", "Somebody"));
    let wall = Wall::open(&format!("{}/agent/1150", script.url)).await;
    wall.browser.shows(".decisions", "what was decided", |text| text.contains("chose Lunch")).await;
    let seen = "const row = document.querySelector('[data-agent=\"1150\"]')?.getBoundingClientRect(); \
                const grid = document.querySelector('.grid').getBoundingClientRect(); \
                return String(Boolean(row) && row.top >= grid.top && row.bottom <= grid.bottom);";
    wall.is(seen, "true").await;
    wall.is("return document.querySelector('[aria-selected=true]').dataset.agent;", "1150").await;
}

#[tokio::test]
async fn a_snooze_is_one_step_and_taken_back_by_another() {
    let (script, wall) = opened(held()).await;
    script.answers("/api/agents/1/snooze", json!({"sentence": "Ann is left alone until 15:30."}));
    script.answers("/api/agents/1/unsnooze", json!({"sentence": "Ann is kept in step again."}));
    wall.browser.click(".acts button:first-of-type").await;
    wall.is("return document.activeElement.textContent;", "30 min").await;
    wall.key(key::ENTER).await;
    wall.browser
        .shows(".acts-told", "what was done", |text| text == "Ann is left alone until 15:30.")
        .await;
    wall.is("return document.activeElement.textContent;", "Undo").await;
    wall.key(key::ENTER).await;
    wall.browser
        .shows(".acts-told", "that it is undone", |text| text == "Ann is kept in step again.")
        .await;
    let posts = script.posts();
    let right = [
        ("/api/agents/1/snooze".to_owned(), json!({"minutes": 30})),
        ("/api/agents/1/unsnooze".to_owned(), json!({})),
    ];
    assert_eq!(posts, right);
    // Who is snoozed is shown with the way out of it.
    script.change(vec![snoozed(1, "Ann")]);
    wall.key(key::ESCAPE).await;
    wall.browser.shows(".acts button", "the way out", |text| text == "End snooze").await;
}

#[tokio::test]
async fn making_somebody_ready_is_asked_first_and_a_refusal_is_told() {
    let (script, wall) = opened(held()).await;
    let release = ".acts button:last-of-type";
    wall.browser.click(release).await;
    wall.browser
        .shows(".acts-told", "what it means", |text| {
            text == "Make Ann Ready now? Calls will reach them."
        })
        .await;
    wall.key(key::ESCAPE).await;
    wall.browser.shows(release, "the button again", |text| text == "Make Ready").await;
    assert!(script.posts().is_empty());
    wall.browser.click(release).await;
    wall.browser.click(".acts .main").await;
    wall.browser
        .shows(".acts-told", "the refusal", |text| text == "They are not held any more.")
        .await;
    assert_eq!(script.posts().len(), 1);
}

#[tokio::test]
async fn a_team_is_paused_and_resumed() {
    let (script, wall) = opened(held()).await;
    script
        .answers("/api/teams/t2/pause", json!({"sentence": "Billing is left alone until 15:00."}));
    script.answers("/api/teams/t2/resume", json!({"sentence": "Billing is kept in step again."}));
    wall.browser.run("const team = document.querySelector('#team'); team.value = 't2'; team.dispatchEvent(new Event('change'));").await;
    wall.browser.click(".team-acts button").await;
    wall.browser.click(".team-acts button").await;
    wall.browser
        .shows(".team-acts", "that it is paused", |text| text.starts_with("Billing is left alone"))
        .await;
    wall.is("return document.activeElement.textContent;", "Undo").await;
    wall.key(key::ENTER).await;
    wall.browser
        .shows(".team-acts", "that it goes on", |text| text.starts_with("Billing is kept"))
        .await;
    let posts = script.posts();
    assert_eq!(posts[0], ("/api/teams/t2/pause".to_owned(), json!({"minutes": 15})));
    assert_eq!(posts[1].0, "/api/teams/t2/resume");
}
