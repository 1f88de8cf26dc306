//! What is shown, as it changes.

use lockstep::finesse::fake::ADMINISTRATOR;
use lockstep_core::finesse::AgentState;
use serde_json::{Value, json};

use super::browser::Event;
use super::rig::{ADA, BEN, PATIENCE, Rig, SUPERVISOR};

fn row<'e>(event: &'e Value, agent: &str) -> Option<&'e Value> {
    event["rows"].as_array()?.iter().find(|row| row["agent"] == agent)
}

fn is_held(event: &Value, agent: &str) -> bool {
    row(event, agent).is_some_and(|row| row["hold"].is_object())
}

fn is_free(event: &Value, agent: &str) -> bool {
    row(event, agent).is_some_and(|row| {
        row["hold"].is_null() && row["state"]["name"] == "READY" && row["wanted"]["text"] == "Ready"
    })
}

#[tokio::test]
async fn a_snapshot_then_what_changes_and_a_beat() {
    let mut rig = Rig::start().await;
    let browser = rig.signed_in(SUPERVISOR).await;
    rig.until_row(&browser, ADA, "seen", |row| row["state"]["name"] == "READY").await;
    let mut stream = browser.stream(None).await.unwrap();
    let first = stream.until("snapshot").await;
    assert_eq!(row(&first.data, ADA).unwrap()["state"]["label"], "Ready");
    assert_eq!(first.data["health"]["webex"]["ok"], true);
    rig.says(ADA, "dnd").await;
    let held = stream.until_that("agents", |data| is_held(data, ADA)).await;
    let ada = row(&held.data, ADA).unwrap();
    assert_eq!(ada["presence"]["text"], "Do not disturb");
    assert_eq!(ada["wanted"]["text"], "Not Ready \u{2013} Webex DND");
    assert_eq!(ada["writer"], "server");
    let sentence = ada["sentence"].as_str().unwrap();
    assert!(sentence.starts_with("Agent 0001 does not want to be disturbed"), "{sentence}");
    stream.until("hb").await;
    rig.service.stop().await;
}

#[tokio::test]
async fn a_supervisor_never_receives_a_row_of_another_team() {
    let mut rig = Rig::start().await;
    let (browser, admin) = (rig.signed_in(SUPERVISOR).await, rig.signed_in(ADMINISTRATOR).await);
    let mut stream = browser.stream(None).await.unwrap();
    let first = stream.until("snapshot").await;
    assert!(row(&first.data, ADA).is_some() && row(&first.data, BEN).is_none());
    assert_eq!(first.data["health"]["counts"]["agents"], 1);
    rig.says(BEN, "dnd").await;
    rig.until_row(&admin, BEN, "held", |row| row["hold"].is_object()).await;
    rig.says(ADA, "dnd").await;
    let mut came: Vec<Event> = Vec::new();
    while !came.last().is_some_and(|event| is_held(&event.data, ADA)) {
        came.push(stream.next().await.expect("the stream goes on"));
    }
    assert!(!format!("{came:?}").contains(BEN), "{came:#?}");
    let (_, body) = browser.get("/api/agents").await;
    assert!(!body.to_string().contains(BEN), "{body}");
    rig.service.stop().await;
}

#[tokio::test]
async fn a_stream_goes_on_where_it_broke_off() {
    let mut rig = Rig::start().await;
    let browser = rig.signed_in(ADMINISTRATOR).await;
    rig.until_row(&browser, BEN, "free", |row| row["code"] == "nothing_to_do").await;
    rig.until_row(&browser, ADA, "free", |row| row["code"] == "nothing_to_do").await;
    let mut stream = browser.stream(None).await.unwrap();
    let id = stream.until("snapshot").await.id.unwrap();
    drop(stream);
    rig.says(ADA, "dnd").await;
    rig.until_row(&browser, ADA, "held", |row| row["hold"].is_object()).await;
    let mut stream = browser.stream(Some(&id)).await.unwrap();
    let next = stream.next().await.unwrap();
    assert_eq!(next.name, "agents", "{next:?}");
    assert!(is_held(&next.data, ADA) && row(&next.data, BEN).is_none(), "{next:?}");
    // Of another life, or of no life.
    for id in ["1-1", "nonsense", &format!("{id}9")] {
        let mut stream = browser.stream(Some(id)).await.unwrap();
        assert_eq!(stream.next().await.unwrap().name, "snapshot", "{id}");
    }
    rig.service.stop().await;
}

#[tokio::test]
async fn an_agent_who_leaves_the_team_leaves_the_page() {
    let rig = Rig::start().await;
    let browser = rig.signed_in(SUPERVISOR).await;
    rig.until_row(&browser, ADA, "seen", |row| row["state"]["name"] == "READY").await;
    let mut stream = browser.stream(None).await.unwrap();
    stream.until("snapshot").await;
    rig.finesse.move_agent(ADA, "2");
    rig.finesse.fail_over();
    let gone = stream.until_that("agents", |data| data["gone"] == json!([ADA])).await;
    assert!(row(&gone.data, ADA).is_none());
    rig.service.stop().await;
}

#[tokio::test]
async fn a_right_that_is_lost_ends_what_it_allowed() {
    let rig = Rig::start().await;
    let browser = rig.signed_in(SUPERVISOR).await;
    let mut stream = browser.stream(None).await.unwrap();
    stream.until("snapshot").await;
    rig.finesse.supervises(SUPERVISOR, &["2"]);
    rig.finesse.fail_over();
    let anew = stream.until("snapshot").await;
    assert!(row(&anew.data, ADA).is_none() && row(&anew.data, BEN).is_some(), "{anew:?}");
    rig.finesse.supervises(SUPERVISOR, &[]);
    rig.finesse.fail_over();
    assert_eq!(stream.until("end").await.data["why"], "rights");
    assert_eq!(browser.get("/api/agents").await.0, 401);
    rig.service.stop().await;
}

#[tokio::test]
async fn what_is_not_heard_for_five_seconds_is_stale() {
    let rig = Rig::start().await;
    let browser = rig.signed_in(SUPERVISOR).await;
    let mut stream = browser.stream(None).await.unwrap();
    stream.until("snapshot").await;
    rig.webex.lost().await;
    let since = tokio::time::Instant::now();
    let stale = stream
        .until_that("agents", |data| {
            row(data, ADA).is_some_and(|row| row["marks"].to_string().contains("stale"))
        })
        .await;
    let took = since.elapsed();
    assert!(took.as_millis() >= 5_000 && took < PATIENCE, "{took:?}: {stale:?}");
    stream.until_that("health", |health| health["counts"]["stale"] == 1).await;
    rig.service.stop().await;
}

#[tokio::test]
async fn streams_of_one_session_are_bounded_and_the_oldest_gives_way() {
    let rig = Rig::start().await;
    let browser = rig.signed_in(SUPERVISOR).await;
    let mut streams = Vec::new();
    for _ in 0..9 {
        let mut stream = browser.stream(None).await.unwrap();
        stream.until("snapshot").await;
        streams.push(stream);
    }
    assert_eq!(streams[0].until("end").await.data["why"], "replaced");
    streams[8].until("hb").await;
    rig.service.stop().await;
}

/// One that does not read holds nobody up, and is told the last of it once it reads again.
#[tokio::test]
async fn a_browser_that_does_not_read_delays_nobody() {
    let mut rig = Rig::start().await;
    let browser = rig.signed_in(SUPERVISOR).await;
    let mut slow = browser.stream(None).await.unwrap();
    slow.until("snapshot").await;
    let mut quick = browser.stream(None).await.unwrap();
    quick.until("snapshot").await;
    for _ in 0..20 {
        rig.says(ADA, "dnd").await;
        quick.until_that("agents", |data| is_held(data, ADA)).await;
        rig.says(ADA, "active").await;
        quick.until_that("agents", |data| is_free(data, ADA)).await;
    }
    assert_eq!(rig.finesse.state(ADA), AgentState::Ready);
    slow.until_that("agents", |data| is_free(data, ADA)).await;
    rig.service.stop().await;
}
