//! Ten thousand agents and five hundred changes a second: nothing holds the page up.

use lockstep_browser::{Browser, Script, Wall, crowd, until};

/// Notes every task of the page that takes longer than 50 ms.
const WATCH: &str = "window.long = []; new PerformanceObserver((list) => { \
    for (const { startTime, duration } of list.getEntries()) window.long.push([Math.round(startTime), Math.round(duration)]); \
}).observe({ entryTypes: ['longtask'] }); window.told = 0;";
/// Changes that the page has taken in when it has been under load for long enough.
const CHANGES: usize = 5_000;
const A_SECOND: usize = 500;

#[tokio::test]
async fn ten_thousand_agents_at_five_hundred_changes_a_second_without_a_long_task() {
    let script = Script::start(crowd(10_000)).await;
    let browser = Browser::start().await;
    browser.before_every_page(WATCH).await;
    // What the page hears from its worker is counted beside it.
    browser.before_every_page("const Plain = Worker; window.Worker = class extends Plain { constructor(...all) { super(...all); \
        this.addEventListener('message', ({ data }) => { if (data.kind === 'rows' && !data.begin) window.told += data.rows.length; }); } };").await;
    browser.open(&script.url).await;
    let wall = Wall { browser };
    wall.shows("rows", |rows| !rows.is_empty()).await;
    wall.is("return document.querySelector('.shown').textContent;", "10000 agents").await;
    wall.browser.run("window.long.length = 0;").await;
    let storm = script.storm(A_SECOND);
    for column in ["state", "presence", "since", "name"] {
        wall.browser.click(&format!(".head .c-{column} button")).await;
    }
    until("the page has taken in ten seconds of changes", async || {
        let told = wall.browser.session.run("return window.told;", &[]).await?;
        if told.as_u64() >= Some(CHANGES as u64) { Ok(()) } else { Err(told.to_string()) }
    })
    .await;
    storm.abort();
    let long = wall.browser.run("return JSON.stringify(window.long);").await;
    assert_eq!(long, "[]", "tasks over 50 ms: [start, length]");
}
