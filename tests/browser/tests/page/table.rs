//! The live table: what is told is shown, and only what can be seen is in the page.

use lockstep_browser::{Script, Wall, agent, crowd, snoozed};
use serde_json::json;

#[tokio::test]
async fn a_change_is_shown_and_who_leaves_is_gone() {
    let rows = vec![agent(1, "Ann", "READY", None), agent(2, "Bob", "READY", None)];
    let script = Script::start(rows).await;
    let wall = Wall::open(&script.url).await;
    wall.row("1", "Ann Ready", |row| row.state == "Ready" && row.shape == "ready").await;
    script.change(vec![agent(1, "Ann", "NOT_READY", Some(("Webex meeting", "Webex Meeting")))]);
    let row = wall.row("1", "Ann held", |row| row.shape == "held").await;
    assert_eq!((&*row.state, &*row.reason), ("Not Ready", "Webex Meeting"));
    assert_eq!(
        (&*row.presence, &*row.sentence),
        ("Webex meeting", "is in a Webex meeting and is held Not Ready.")
    );
    script.gone("2");
    wall.shows("Ann alone", |rows| rows.len() == 1 && rows[0].agent == "1").await;
    script.change(vec![agent(3, "Cleo", "READY", None)]);
    wall.shows("Cleo too", |rows| rows.len() == 2 && rows[1].name == "Cleo").await;
}

#[tokio::test]
async fn of_ten_thousand_agents_only_those_in_sight_are_in_the_page() {
    let script = Script::start(crowd(10_000)).await;
    let wall = Wall::open(&script.url).await;
    wall.shows("the first", |rows| rows.first().is_some_and(|row| row.at == 2)).await;
    wall.is("return document.querySelector('[role=grid]').getAttribute('aria-rowcount');", "10001")
        .await;
    for top in [0, 1_000, 123_456, 359_000] {
        wall.browser.run(&format!("document.querySelector('.grid').scrollTop = {top};")).await;
        let first = u64::try_from(top / 36 + 2).expect("a row");
        let last = (first + 12).min(10_001);
        let in_sight = |rows: &[lockstep_browser::Seen]| {
            let here = |at| rows.iter().any(|row| row.at == at);
            here(first) && here(last) && rows.is_sorted_by_key(|row| row.at)
        };
        let rows = wall.shows(&format!("rows {first} to {last}, in order"), in_sight).await;
        assert!(rows.len() < 60, "{} rows are in the page", rows.len());
    }
}

#[tokio::test]
async fn a_name_is_never_markup() {
    let name = "<img src=x onerror=\"document.title='taken'\"><b>Bob</b>";
    let script = Script::start(vec![agent(1, name, "READY", None)]).await;
    script.answers(
        "/api/agents/1/day",
        json!({"agent": "1", "name": name, "from": 0, "to": 1, "presence": [],
        "state": [], "acted": [], "entries": [], "more": null}),
    );
    let wall = Wall::open(&format!("{}/agent/1", script.url)).await;
    wall.row("1", "the name as it is", |row| row.name == name).await;
    wall.browser.shows(".day-name", "the name as it is", |text| text == name).await;
    let made = wall
        .browser
        .run("return document.querySelectorAll('#page img, #page .rows b:not(.word)').length;")
        .await;
    assert_eq!(made, 0);
}

#[tokio::test]
async fn a_number_of_the_health_line_shows_only_whom_it_counts() {
    let mut rows = vec![agent(1, "Ann", "READY", None), snoozed(2, "Bob")];
    rows.push(agent(3, "Cleo", "NOT_READY", Some(("Do not disturb", "Webex DND"))));
    let script = Script::start(rows).await;
    let wall = Wall::open(&script.url).await;
    wall.browser.shows(".count-held .number", "one held", |text| text == "1").await;
    wall.browser.click(".count-held").await;
    wall.shows("Cleo alone", |rows| rows.len() == 1 && rows[0].name == "Cleo").await;
    wall.browser.click(".count-snoozed").await;
    wall.shows("Bob alone", |rows| rows.len() == 1 && rows[0].marks == "Snoozed").await;
    wall.browser.click(".count-snoozed").await;
    wall.shows("everybody", |rows| rows.len() == 3).await;
}
