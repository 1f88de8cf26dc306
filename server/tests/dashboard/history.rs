//! What was: an agent's day, and figures.

use std::time::Duration;

use lockstep::finesse::fake::ADMINISTRATOR;
use serde_json::{Value, json};

use super::browser::Browser;
use super::rig::{ADA, BEN, PATIENCE, Rig, SUPERVISOR};

/// Both are held and released, and Ada is snoozed by name.
async fn after_a_morning() -> (Rig, Browser, Browser) {
    let mut rig = Rig::start().await;
    let (browser, admin) = (rig.signed_in(SUPERVISOR).await, rig.signed_in(ADMINISTRATOR).await);
    for agent in [ADA, BEN] {
        rig.until_row(&admin, agent, "free", |row| row["code"] == "nothing_to_do").await;
        rig.says(agent, "dnd").await;
        rig.until_row(&admin, agent, "held", |row| row["hold"].is_object()).await;
        rig.says(agent, "active").await;
        let free = |row: &Value| row["hold"].is_null() && row["state"]["name"] == "READY";
        rig.until_row(&admin, agent, "released", free).await;
    }
    let snooze = format!("/api/agents/{ADA}/snooze");
    assert_eq!(browser.post(&snooze, json!({ "minutes": 5 })).await.0, 200);
    (rig, browser, admin)
}

/// The journal is written a moment later.
async fn until(browser: &Browser, path: &str, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let (status, body) = browser.get(path).await;
        if status == 200 && holds(&body) {
            return body;
        }
        assert!(tokio::time::Instant::now() < deadline, "never: {what}: {status} {body}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_day_has_bands_decisions_and_who_acted() {
    let (rig, browser, _) = after_a_morning().await;
    let acted = |body: &Value, side: &str| {
        let acts = body["acted"].as_array().cloned().unwrap_or_default();
        acts.into_iter().filter(|act| act["side"] == side).map(|act| act["text"].clone()).collect()
    };
    let path = format!("/api/agents/{ADA}/day");
    let snoozed = |body: &Value| !Vec::<Value>::is_empty(&acted(body, "supervisor"));
    let day = until(&browser, &path, "the day is written", snoozed).await;
    let server: Vec<Value> = acted(&day, "server");
    assert_eq!(server, ["Not Ready for Webex DND", "Ready again"]);
    let supervisor: Vec<Value> = acted(&day, "supervisor");
    assert_eq!(supervisor, ["9001 asked to leave the agent alone"]);
    let presence = day["presence"].to_string();
    assert!(presence.contains("Do not disturb"), "{presence}");
    assert!(day["state"].as_array().unwrap().iter().any(|piece| piece["held"] == true), "{day}");
    let entries = day["entries"].as_array().unwrap();
    let codes: Vec<&str> = entries.iter().rev().filter_map(|e| e["code"].as_str()).collect();
    assert!(codes.contains(&"taking") && codes.contains(&"released"), "{codes:?}");
    assert!(
        entries.iter().all(|entry| entry["sentence"].as_str().is_some_and(|s| s.ends_with('.')))
    );
    assert_eq!(day["more"], Value::Null);
    rig.service.stop().await;
}

#[tokio::test]
async fn another_teams_day_is_nobodys() {
    let (rig, browser, admin) = after_a_morning().await;
    let nobody = browser.get_text("/api/agents/nobody/day").await;
    assert_eq!(nobody.0, 404);
    assert_eq!(browser.get_text(&format!("/api/agents/{BEN}/day")).await, nobody);
    assert_eq!(admin.get(&format!("/api/agents/{BEN}/day")).await.0, 200);
    let stranger = rig.browser();
    for path in [format!("/api/agents/{ADA}/day"), "/api/report".into(), "/api/report.csv".into()] {
        assert_eq!(stranger.get(&path).await.0, 401, "{path}");
    }
    rig.service.stop().await;
}

#[tokio::test]
async fn figures_are_of_those_in_sight_and_the_same_as_csv() {
    let (rig, browser, admin) = after_a_morning().await;
    let whole = |body: &Value| body["total"]["released"] == 2;
    let all = until(&admin, "/api/report", "both are written", whole).await;
    assert_eq!((all["rows"].as_array().unwrap().len(), &all["total"]["holds"]), (2, &json!(2)));
    let one = admin.get("/api/report?team=2").await.1;
    assert_eq!((&one["rows"][0]["agent"], &one["total"]["holds"]), (&json!(BEN), &json!(1)));
    let own = browser.get("/api/report").await.1;
    assert_eq!(own["rows"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&own["teams"][0]["name"], &own["total"]["released"]),
        (&json!("Team 1"), &json!(1))
    );
    assert!(!own.to_string().contains(BEN), "{own}");
    assert_eq!(browser.get("/api/report?team=2").await.1["rows"], json!([]));
    let (status, csv) = browser.get_text("/api/report.csv").await;
    assert_eq!(status, 200);
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 2, "{csv}");
    assert!(lines[0].starts_with("agent,name,team,signed_in_min,"), "{csv}");
    assert!(lines[1].starts_with("0001,Agent 0001,Team 1,"), "{csv}");
    rig.service.stop().await;
}

#[tokio::test]
async fn a_time_that_makes_no_sense_is_refused() {
    let rig = Rig::start().await;
    let browser = rig.signed_in(SUPERVISOR).await;
    for query in ["from=5&to=4", "from=0", "from=x", "from=-1"] {
        for path in [format!("/api/report?{query}"), format!("/api/agents/{ADA}/day?{query}")] {
            assert_eq!(browser.get(&path).await.0, 400, "{path}");
        }
    }
    rig.service.stop().await;
}
