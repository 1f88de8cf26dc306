//! The page without a pointer.

use lockstep_browser::{Script, Wall, agent, key};
use serde_json::json;

const DOWN: char = '\u{e015}';
const END: char = '\u{e010}';
const HOME: char = '\u{e011}';

const FOCUS: &str =
    "return document.activeElement?.dataset.agent ?? document.activeElement?.id ?? '';";

async fn five() -> (Script, Wall) {
    let names = ["Ann", "Bob", "Cleo", "Dora", "Élodie"];
    let rows = names.iter().enumerate().map(|(at, name)| agent(at + 1, name, "READY", None));
    let script = Script::start(rows.collect()).await;
    let wall = Wall::open(&script.url).await;
    wall.shows("five agents", |rows| rows.len() == 5).await;
    (script, wall)
}

fn names(rows: &[lockstep_browser::Seen]) -> String {
    rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn from_agent_to_agent_to_the_day_and_back() {
    let (script, wall) = five().await;
    script.answers(
        "/api/agents/5/day",
        json!({"agent": "5", "name": "Élodie", "from": 0, "to": 1, "presence": [],
        "state": [], "acted": [], "entries": [], "more": null}),
    );
    wall.key(DOWN).await;
    wall.is(FOCUS, "1").await;
    wall.key(DOWN).await;
    wall.is(FOCUS, "2").await;
    wall.is("return document.querySelector('.why b').textContent;", "Bob").await;
    // What changes meanwhile takes the focus from nobody.
    script.change(vec![agent(2, "Bob", "TALKING", None), agent(9, "Abel", "READY", None)]);
    wall.shows("Abel first", |rows| rows.len() == 6 && rows[0].name == "Abel").await;
    wall.is(FOCUS, "2").await;
    // Whoever had it leaves: who stands there now has it.
    script.gone("2");
    wall.is(FOCUS, "3").await;
    wall.key(END).await;
    wall.is(FOCUS, "5").await;
    wall.key(key::ENTER).await;
    wall.browser.shows(".day-name", "Élodie", |text| text == "Élodie").await;
    wall.is("return location.pathname;", "/agent/5").await;
    wall.is("return document.activeElement.className;", "day-name").await;
    wall.key(key::ESCAPE).await;
    wall.is("return location.pathname;", "/").await;
    wall.is(FOCUS, "5").await;
    wall.key(HOME).await;
    wall.is(FOCUS, "9").await;
}

#[tokio::test]
async fn search_sort_and_filters_have_keys() {
    let (script, wall) = five().await;
    let mut stale = agent(4, "Dora", "READY", None);
    stale["marks"] = json!(["stale"]);
    script.change(vec![stale]);
    wall.row("4", "Dora stale", |row| !row.known && row.shape == "unknown").await;
    wall.key('/').await;
    wall.is(FOCUS, "search").await;
    for letter in "elod".chars() {
        wall.key(letter).await;
    }
    wall.shows("Élodie alone", |rows| names(rows) == "Élodie").await;
    wall.key(key::ESCAPE).await;
    wall.shows("everybody", |rows| rows.len() == 5).await;
    wall.browser.run("document.activeElement.blur();").await;
    wall.key('l').await;
    wall.shows("who needs a look", |rows| names(rows) == "Dora").await;
    wall.key('l').await;
    wall.shows("everybody", |rows| rows.len() == 5).await;
    wall.browser.run("document.querySelector('.head .c-name button').focus();").await;
    wall.key(key::ENTER).await;
    wall.shows("from the end", |rows| names(rows) == "Élodie Dora Cleo Bob Ann").await;
    wall.is(
        "return document.querySelector('.head .c-name').getAttribute('aria-sort');",
        "descending",
    )
    .await;
    // How somebody likes it is kept, and nothing else is.
    let kept =
        wall.browser.run("return JSON.stringify([{...localStorage}, {...sessionStorage}]);").await;
    let right = r#"[{"lockstep.view":"{\"column\":\"name\",\"down\":true,\"wall\":false,\"keys\":true}"},{}]"#;
    assert_eq!(kept, right);
}

#[tokio::test]
async fn single_keys_can_be_switched_off() {
    let (_script, wall) = five().await;
    wall.key('?').await;
    wall.browser.click("#single-keys").await;
    wall.key(key::ESCAPE).await;
    wall.is("return String(document.querySelector('dialog') === null);", "true").await;
    wall.browser.run("document.activeElement?.blur();").await;
    wall.key('r').await;
    wall.key(DOWN).await;
    wall.is(FOCUS, "1").await;
    wall.is("return location.pathname;", "/").await;
}
