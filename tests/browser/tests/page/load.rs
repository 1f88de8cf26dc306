//! Ten thousand agents and five hundred changes a second: nothing holds the page up.

use lockstep_browser::{Browser, Script, Wall, crowd, until};

/// Notes every task of the page that takes longer than 50 ms, and counts the rows that it is told.
const WATCH: &str = "window.long = []; window.told = 0;
new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) window.long.push(Math.round(duration)); })
    .observe({ entryTypes: ['longtask'] });
const Plain = Worker;
window.Worker = class extends Plain {
    constructor(...all) {
        super(...all);
        this.addEventListener('message', ({ data }) => { if (data.kind === 'rows' && !data.begin) window.told += data.rows.length; });
    }
};";
/// Changes of one round, two seconds of them.
const ROUND: u64 = 1_000;
const A_SECOND: usize = 500;
/// Every round is the same work. A task that is long in one of them and not in another was kept
/// waiting by whatever else this machine does; one of the page's own is long in each.
const ROUNDS: usize = 8;

#[tokio::test]
async fn ten_thousand_agents_at_five_hundred_changes_a_second_without_a_long_task() {
    let script = Script::start(crowd(10_000)).await;
    let browser = Browser::start().await;
    browser.before_every_page(WATCH).await;
    browser.open(&script.url).await;
    let wall = Wall { browser };
    wall.is("return document.querySelector('.shown')?.textContent ?? '';", "10000 agents").await;
    let storm = script.storm(A_SECOND);
    let mut seen = Vec::new();
    for column in ["state", "presence", "since", "name"].iter().cycle().take(ROUNDS) {
        let long = round(&wall, column).await;
        if long == "[]" {
            storm.abort();
            return;
        }
        seen.push(long);
    }
    panic!("tasks over 50 ms in every round, in ms: {}", seen.join(" "));
}

/// A round of changes with the table ordered anew in it; gives the long tasks of it.
async fn round(wall: &Wall, column: &str) -> String {
    wall.browser.run("window.long.length = 0; window.told = 0;").await;
    wall.browser.click(&format!(".head .c-{column} button")).await;
    until("the page has taken in a round of changes", async || {
        let told = wall.browser.session.run("return window.told;", &[]).await?;
        if told.as_u64() >= Some(ROUND) { Ok(()) } else { Err(told.to_string()) }
    })
    .await;
    let long = wall.browser.run("return JSON.stringify(window.long);").await;
    long.as_str().unwrap_or_default().to_owned()
}
