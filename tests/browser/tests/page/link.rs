//! What the page does when it does not hear the server.

use lockstep_browser::{Script, Wall, agent};

#[tokio::test]
async fn without_heartbeats_rows_are_greyed_after_five_seconds_and_not_removed() {
    let script = Script::start(vec![agent(1, "Ann", "READY", None)]).await;
    let wall = Wall::open(&script.url).await;
    wall.link("live").await;
    script.beats(false);
    wall.link("stale").await;
    let row = wall.row("1", "Ann, not known", |row| !row.known).await;
    assert_eq!((&*row.state, &*row.shape), ("Ready", "unknown"));
    wall.browser
        .shows(".health-sentence", "since when", |text| text.starts_with("Nothing heard since"))
        .await;
    script.beats(true);
    wall.link("live").await;
    wall.row("1", "Ann, known again", |row| row.known && row.shape == "ready").await;
}

#[tokio::test]
async fn after_another_run_of_the_server_the_table_is_its_table() {
    let rows = vec![agent(1, "Ann", "READY", None), agent(2, "Bob", "READY", None)];
    let script = Script::start(rows).await;
    for _ in 0..20 {
        script.change(vec![agent(1, "Ann", "READY", None)]);
    }
    let wall = Wall::open(&script.url).await;
    wall.shows("both", |rows| rows.len() == 2).await;
    script.goes();
    wall.link("reconnecting").await;
    wall.row("1", "Ann, as she was last known", |row| !row.known && row.state == "Ready").await;
    wall.browser
        .shows(".health-sentence", "what happens", |text| text.starts_with("Reconnecting."))
        .await;
    // The new run counts from the beginning, and knows others.
    script.returns(vec![
        agent(1, "Ann", "NOT_READY", Some(("Webex call", "Webex Call"))),
        agent(3, "Cleo", "READY", None),
    ]);
    wall.browser.click(".again").await;
    wall.link("live").await;
    let right = |rows: &[lockstep_browser::Seen]| {
        rows.len() == 2
            && rows[0].shape == "held"
            && rows[1].name == "Cleo"
            && rows.iter().all(|row| row.known)
    };
    wall.shows("the new run's table", right).await;
    script.change(vec![agent(3, "Cleo", "TALKING", None)]);
    wall.row("3", "Cleo talking", |row| row.shape == "call").await;
}

#[tokio::test]
async fn it_comes_back_by_itself() {
    let script = Script::start(vec![agent(1, "Ann", "READY", None)]).await;
    let wall = Wall::open(&script.url).await;
    wall.link("live").await;
    script.goes();
    wall.link("reconnecting").await;
    script.returns(vec![agent(1, "Ann", "READY", None)]);
    wall.link("live").await;
}

#[tokio::test]
async fn who_is_signed_out_elsewhere_sees_nothing_any_more() {
    let script = Script::start(vec![agent(1, "Ann", "READY", None)]).await;
    let wall = Wall::open(&script.url).await;
    wall.link("live").await;
    script.signs_out();
    wall.browser
        .shows(".sign-in-note", "why", |text| text.starts_with("Your session has ended."))
        .await;
    assert!(wall.rows().await.is_empty());
    let text = wall.browser.text("body").await;
    assert!(!text.contains("Ann"), "{text}");
    wall.sign_in("supervisor1", "secret").await;
    wall.row("1", "Ann again", |row| row.known).await;
}

#[tokio::test]
async fn a_stream_that_breaks_goes_on_where_it_was() {
    let script = Script::start(vec![agent(1, "Ann", "READY", None)]).await;
    let wall = Wall::open(&script.url).await;
    wall.link("live").await;
    script.change(vec![agent(1, "Ann", "TALKING", None)]);
    wall.row("1", "Ann talking", |row| row.shape == "call").await;
    script.breaks();
    wall.link("reconnecting").await;
    wall.link("live").await;
    assert_eq!(script.resumed(), ["1-2"]);
    script.change(vec![agent(1, "Ann", "READY", None)]);
    wall.row("1", "Ann Ready", |row| row.shape == "ready" && row.known).await;
}
