//! What a supervisor may ask for, and that it is taken down.

use lockstep::finesse::fake::ADMINISTRATOR;
use lockstep_core::finesse::AgentState;
use serde_json::{Value, json};

use super::rig::{ADA, BEN, Rig, SUPERVISOR};

fn is_held(row: &Value) -> bool {
    row["hold"].is_object()
}

fn has(row: &Value, mark: &str) -> bool {
    row["marks"].as_array().is_some_and(|marks| marks.iter().any(|one| one == mark))
}

#[tokio::test]
async fn who_is_held_is_released_until_webex_changes() {
    let mut rig = Rig::start().await;
    let browser = rig.signed_in(SUPERVISOR).await;
    rig.until_row(&browser, ADA, "free", |row| row["code"] == "nothing_to_do").await;
    let release = format!("/api/agents/{ADA}/release");
    let (status, answer) = browser.post(&release, json!({})).await;
    assert_eq!(status, 409, "nothing is held: {answer}");
    rig.says(ADA, "dnd").await;
    rig.until_row(&browser, ADA, "held", is_held).await;
    let (status, answer) = browser.post(&release, json!({})).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["sentence"], "Agent 0001 is made Ready, until Webex changes.");
    rig.finesse.until("released", |finesse| finesse.state(ADA) == AgentState::Ready).await;
    rig.until_row(&browser, ADA, "no longer held", |row| !is_held(row)).await;
    // Another presence counts again.
    rig.says(ADA, "call").await;
    rig.until_row(&browser, ADA, "held again", is_held).await;
    rig.service.stop().await;
}

#[tokio::test]
async fn an_agent_is_left_alone_for_a_while_and_no_longer() {
    let mut rig = Rig::start().await;
    let browser = rig.signed_in(SUPERVISOR).await;
    rig.until_row(&browser, ADA, "free", |row| row["code"] == "nothing_to_do").await;
    let (snooze, undo) =
        (format!("/api/agents/{ADA}/snooze"), format!("/api/agents/{ADA}/unsnooze"));
    for wrong in
        [json!({}), json!({ "minutes": 0 }), json!({ "minutes": 721 }), json!({ "until": "x" })]
    {
        assert_eq!(browser.post(&snooze, wrong.clone()).await.0, 400, "{wrong}");
    }
    assert_eq!(browser.post(&snooze, json!({ "minutes": 30 })).await.0, 200);
    let row = rig.until_row(&browser, ADA, "snoozed", |row| has(row, "snoozed")).await;
    assert!(row["snoozed_until"].is_u64(), "{row}");
    rig.says(ADA, "dnd").await;
    rig.until_row(&browser, ADA, "left alone", |row| row["code"] == "left_snoozed").await;
    assert_eq!(rig.finesse.state(ADA), AgentState::Ready);
    assert_eq!(browser.post(&undo, json!({})).await.0, 200);
    rig.until_row(&browser, ADA, "held", is_held).await;
    assert_eq!(browser.post(&snooze, json!({ "until": "change" })).await.0, 200);
    let row = rig.until_row(&browser, ADA, "snoozed", |row| has(row, "snoozed")).await;
    assert_eq!((&row["snoozed_until"], &row["hold"]), (&Value::Null, &Value::Null), "{row}");
    rig.service.stop().await;
}

#[tokio::test]
async fn a_team_is_paused_and_resumed() {
    let mut rig = Rig::start().await;
    let browser = rig.signed_in(SUPERVISOR).await;
    rig.until_row(&browser, ADA, "free", |row| row["code"] == "nothing_to_do").await;
    let (status, answer) = browser.post("/api/teams/1/pause", json!({ "minutes": 5 })).await;
    assert_eq!(status, 200, "{answer}");
    rig.says(ADA, "dnd").await;
    let row = rig.until_row(&browser, ADA, "left", |row| row["code"] == "left_by_rule").await;
    assert!(has(&row, "paused") && !is_held(&row), "{row}");
    assert_eq!(rig.finesse.state(ADA), AgentState::Ready);
    assert_eq!(browser.post("/api/teams/1/resume", json!({})).await.0, 200);
    rig.until_row(&browser, ADA, "held", is_held).await;
    rig.service.stop().await;
}

#[tokio::test]
async fn nobody_acts_for_another_team_or_above_their_rights() {
    let rig = Rig::start().await;
    let (browser, admin) = (rig.signed_in(SUPERVISOR).await, rig.signed_in(ADMINISTRATOR).await);
    rig.until_row(&admin, BEN, "seen", |row| row["state"]["name"] == "READY").await;
    let body = json!({ "minutes": 5 });
    let nobody = browser.post("/api/agents/nobody/snooze", body.clone()).await;
    for deed in ["snooze", "unsnooze", "release"] {
        let theirs = browser.post(&format!("/api/agents/{BEN}/{deed}"), body.clone()).await;
        assert_eq!(theirs, nobody, "{deed}");
    }
    assert_eq!(nobody.0, 404);
    for path in ["/api/teams/2/pause", "/api/teams/2/resume", "/api/teams/none/pause"] {
        assert_eq!(browser.post(path, body.clone()).await.0, 404, "{path}");
    }
    assert_eq!(browser.post("/api/reload", json!({})).await.0, 403);
    assert_eq!(admin.post("/api/reload", json!({})).await.0, 200);
    rig.service.reload_asked().await;
    assert_eq!(rig.finesse.changes(), []);
    rig.service.stop().await;
}
