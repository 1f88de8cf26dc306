//! Every face of the page, photographed in each size, light and dark, before a judge of accessibility.

use lockstep_browser::{Script, Wall, agent, crowd, key, snoozed};
use serde_json::{Value, json};

use crate::acts::day;

fn nothing(faults: &[String]) {
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A crowd with somebody of each kind in it.
fn floor() -> Vec<Value> {
    let mut rows = crowd(60);
    rows[3] = snoozed(1004, "Noor Okafor");
    rows[7] = agent(1008, "Priya Rossi", "NOT_READY", Some(("Do not disturb", "Webex DND")));
    for (at, mark) in [(9, "stale"), (12, "mismatch"), (14, "reason_missing"), (17, "spared")] {
        rows[at]["marks"] = json!([mark]);
    }
    rows
}

fn report(dry: bool) -> Value {
    let row = |at: usize, name: &str, team: &str| {
        let after = if dry { 40 + at } else { 1 };
        json!({"agent": at.to_string(), "name": name, "team": team, "signed_in_min": 2100 + at, "call_min": 60 + at * 7,
               "meeting_min": 180 + at * 11, "dnd_min": at * 3, "unavailable_min": at, "holds": 10 + at, "released": 9 + at,
               "would_have_rung_before": 40 + at, "would_have_rung_after": after, "dry_run": dry})
    };
    let names =
        ["Alice Andersson", "Bruno Bianchi", "Chiara Castro", "Dmitri Dubois", "Élodie Ekström"];
    let rows: Vec<Value> = names.iter().enumerate().map(|(at, name)| row(at, name, "t1")).collect();
    json!({"rows": rows, "teams": [row(20, "Sales", "t1"), row(30, "Billing", "t2")], "total": row(50, "", "")})
}

#[tokio::test]
async fn the_table_and_who_is_looked_for() {
    let script = Script::start(floor()).await;
    let wall = Wall::open(&script.url).await;
    wall.link("live").await;
    let mut faults = wall.portrait("table").await;
    wall.key('l').await;
    wall.shows("who needs a look", |rows| rows.len() == 3).await;
    faults.extend(wall.portrait("look").await);
    wall.browser.types("#search", "nobody at all").await;
    wall.browser.shows(".empty h2", "nobody", |text| text == "Nobody matches").await;
    faults.extend(wall.portrait("no-match").await);
    wall.key(key::ESCAPE).await;
    wall.browser.run("document.activeElement.blur();").await;
    wall.key('w').await;
    faults.extend(wall.portrait("wall").await);
    wall.key('?').await;
    faults.extend(wall.portrait("keys").await);
    nothing(&faults);
}

#[tokio::test]
async fn a_day_and_what_can_be_done() {
    let script = Script::start(floor()).await;
    script.answers("/api/agents/1008/day", day("1008", "Priya Rossi"));
    let wall = Wall::open(&format!("{}/agent/1008", script.url)).await;
    wall.browser.shows(".decisions", "what was decided", |text| text.contains("chose Lunch")).await;
    let mut faults = wall.portrait("day").await;
    wall.browser.click(".acts button:last-of-type").await;
    faults.extend(wall.portrait("day-ask").await);
    wall.browser.click(".acts .main").await;
    wall.browser
        .shows(".acts-told", "the refusal", |text| text.starts_with("They are not held"))
        .await;
    faults.extend(wall.portrait("day-refused").await);
    wall.browser.open(&format!("{}/agent/9999", script.url)).await;
    wall.browser.shows(".day-name", "nobody", |text| text == "Not here any more").await;
    faults.extend(wall.portrait("day-nobody").await);
    nothing(&faults);
}

#[tokio::test]
async fn the_report_the_rehearsal_and_nothing() {
    let script = Script::start(floor()).await;
    script.answers("/api/report", report(false));
    let wall = Wall::open(&format!("{}/report", script.url)).await;
    wall.browser.shows(".figure", "how much less", |text| text.ends_with("% less")).await;
    let mut faults = wall.portrait("report").await;
    let csv = wall.browser.run("return document.querySelector('a[download]').pathname;").await;
    assert_eq!(csv, "/api/report.csv");
    script.answers("/api/report", report(true));
    wall.browser.open(&format!("{}/report", script.url)).await;
    wall.browser.shows(".rehearsal h2", "the rehearsal", |text| text == "Dry run").await;
    faults.extend(wall.portrait("rehearsal").await);
    script.answers("/api/report", json!({"rows": [], "teams": [], "total": {}}));
    wall.browser.open(&format!("{}/report", script.url)).await;
    wall.browser.shows(".empty h2", "nothing", |text| text == "Nothing in these days").await;
    faults.extend(wall.portrait("report-empty").await);
    nothing(&faults);
}

#[tokio::test]
async fn when_nobody_is_there_or_nothing_is_heard() {
    let script = Script::start(floor()).await;
    let wall = Wall::open(&script.url).await;
    wall.link("live").await;
    script.beats(false);
    wall.link("stale").await;
    let mut faults = wall.portrait("stale").await;
    script.goes();
    wall.link("reconnecting").await;
    faults.extend(wall.portrait("reconnecting").await);
    script.beats(true);
    script.returns(Vec::new());
    wall.link("live").await;
    wall.browser.shows(".empty h2", "nobody", |text| text == "No agents yet").await;
    faults.extend(wall.portrait("nobody").await);
    script.signs_out();
    wall.browser
        .shows(".sign-in-note", "why", |text| text.starts_with("Your session has ended."))
        .await;
    faults.extend(wall.portrait("ended").await);
    wall.sign_in("supervisor1", "wrong").await;
    wall.browser
        .shows(".form-trouble", "what is wrong", |text| text.starts_with("Finesse does not"))
        .await;
    faults.extend(wall.portrait("sign-in").await);
    nothing(&faults);
}
