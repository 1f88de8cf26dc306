//! The supervisor's page of the real server: what it shows is what the contact centre is.

use finesse_sim::Deployment;
use lockstep_browser::{AGENT, Browser, Seen, Wall, key, public_url, supervised_site, until};
use lockstep_e2e::{PASSWORD, Signal, Site, SiteConfig};
use serde_json::Value;
use webex_sim::Change;

const SUPERVISOR: &str = "supervisor1";

async fn signed_in(site: &Site) -> Wall {
    let wall = Wall::open(&public_url(site)).await;
    wall.sign_in(SUPERVISOR, PASSWORD).await;
    wall.link("live").await;
    wall
}

fn id(site: &Site, agent: &str) -> String {
    site.finesse.user(agent).expect("a user of finesse-sim").login_id
}

/// The table as the server has it at this moment, in the words of the page's own columns.
async fn told(wall: &Wall) -> Vec<(String, String, String)> {
    let asked =
        "return fetch('/api/agents').then((answer) => answer.json()).then(({ rows }) => rows);";
    let rows = wall.browser.run(asked).await;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let rows = rows.as_array().expect("rows").iter();
    let mut rows: Vec<_> = rows
        .map(|row| {
            (text(&row["agent"]), text(&row["state"]["label"]), text(&row["state"]["reason"]))
        })
        .collect();
    rows.sort();
    rows
}

/// Waits until the page shows the server's own table.
async fn agrees(wall: &Wall) {
    until("the page shows the server's table", async || {
        let told = told(wall).await;
        let shown = |row: &Seen| (row.agent.clone(), row.state.clone(), row.reason.clone());
        let mut rows: Vec<_> = wall.rows().await.iter().map(shown).collect();
        rows.sort();
        if rows == told && !rows.is_empty() {
            Ok(())
        } else {
            Err(format!("{rows:?}, not {told:?}"))
        }
    })
    .await;
}

#[tokio::test]
async fn a_supervisor_sees_an_agent_taken_and_released_as_it_happens() {
    let site = supervised_site(SiteConfig::new(Deployment::Ucce, 5)).await;
    let wall = signed_in(&site).await;
    let agent = id(&site, AGENT);
    wall.row(&agent, "Ready", |row| row.shape == "ready" && row.known).await;
    site.presence(AGENT, Change::online_meeting());
    let row = wall.row(&agent, "held", |row| row.shape == "held").await;
    assert_eq!((&*row.state, &*row.presence), ("Not Ready", "Webex meeting"), "{row:#?}");
    site.presence(AGENT, "active");
    wall.row(&agent, "Ready again", |row| row.shape == "ready").await;
    agrees(&wall).await;
    let kept = wall
        .browser
        .run("return JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie]);")
        .await;
    assert_eq!(kept, r#"[{},{},""]"#);
    drop(wall);
    site.end().await;
}

#[tokio::test]
async fn an_agent_and_a_wrong_password_open_nothing() {
    let site = supervised_site(SiteConfig::new(Deployment::Ucce, 1)).await;
    let wall = Wall::open(&public_url(&site)).await;
    for (user, password) in [(SUPERVISOR, "wrong"), (AGENT, PASSWORD)] {
        wall.sign_in(user, password).await;
        wall.browser.shows(".form-trouble", "a refusal", |text| !text.is_empty()).await;
        wall.is("return String(document.querySelector('.sign-in .main').disabled);", "false").await;
        let asked = "return Promise.all(['me', 'agents', 'stream'].map((path) => fetch(`/api/${path}`).then(({ status }) => status)))\
                     .then(String);";
        assert_eq!(wall.browser.run(asked).await, "401,401,401");
    }
    assert!(wall.rows().await.is_empty());
    drop(wall);
    site.end().await;
}

#[tokio::test]
async fn after_a_restart_the_table_is_the_new_servers() {
    let mut site = supervised_site(SiteConfig::new(Deployment::Ucce, 5)).await;
    let wall = signed_in(&site).await;
    let agent = id(&site, AGENT);
    wall.row(&agent, "Ready", |row| row.shape == "ready").await;
    site.stop_by(Signal::Term).await;
    wall.link("reconnecting").await;
    wall.row(&agent, "not known", |row| !row.known).await;
    // What happens while nobody is told.
    site.presence(AGENT, "dnd");
    site.run();
    site.wait_ready().await;
    // Sessions are kept in memory: whoever looked signs in again.
    wall.browser
        .shows(".sign-in-note", "why", |text| text.starts_with("Your session has ended."))
        .await;
    wall.sign_in(SUPERVISOR, PASSWORD).await;
    wall.row(&agent, "held", |row| row.shape == "held" && row.known).await;
    agrees(&wall).await;
    drop(wall);
    site.end().await;
}

#[tokio::test]
async fn signing_out_in_one_window_ends_the_others() {
    let site = supervised_site(SiteConfig::new(Deployment::Ucce, 2)).await;
    let wall = signed_in(&site).await;
    let session = &wall.browser.session;
    let first = session.window().await.expect("a window");
    let second = session.new_window("window").await.expect("another one");
    session.switch(&second).await.expect("it is there");
    wall.browser.open(&public_url(&site)).await;
    wall.link("live").await;
    wall.browser.click(".frame-acts > button:last-child").await;
    wall.browser
        .shows(".sign-in-note", "that it is so", |text| text == "You are signed out.")
        .await;
    session.switch(&first).await.expect("it is there");
    wall.browser
        .shows(".sign-in-note", "why", |text| text.starts_with("Your session has ended."))
        .await;
    assert!(wall.rows().await.is_empty());
    drop(wall);
    site.end().await;
}

#[tokio::test]
async fn what_is_loaded_is_the_servers_own_and_nothing_is_complained_of() {
    let site = supervised_site(SiteConfig::new(Deployment::Ucce, 2)).await;
    let browser = Browser::start().await;
    browser.open(&public_url(&site)).await;
    let wall = Wall { browser };
    wall.sign_in(SUPERVISOR, PASSWORD).await;
    wall.link("live").await;
    let others = "return performance.getEntriesByType('resource').map(({ name }) => new URL(name)).filter(({ origin }) => \
                  origin !== location.origin).length;";
    assert_eq!(wall.browser.run(others).await, 0);
    let console = wall.browser.session.console().await.expect("a console");
    // Before the sign-in `/api/me` is refused, which the browser writes down.
    let complaints: Vec<_> = console.iter().filter(|line| !line.contains("/api/me")).collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
    drop(wall);
    site.end().await;
}

#[tokio::test]
async fn the_day_the_buttons_and_the_report_are_of_what_happened() {
    let site = supervised_site(SiteConfig::new(Deployment::Ucce, 3)).await;
    let wall = signed_in(&site).await;
    let agent = id(&site, AGENT);
    wall.row(&agent, "Ready", |row| row.shape == "ready").await;
    site.presence(AGENT, Change::online_meeting());
    wall.row(&agent, "held", |row| row.shape == "held").await;
    wall.browser.click(&format!(".rows [data-agent='{agent}'] .c-name")).await;
    wall.browser.shows(".decisions", "the decision", |text| text.contains("Webex")).await;
    let tone =
        "return [...document.querySelectorAll('.band-state .piece')].at(-1)?.dataset.tone ?? '';";
    wall.is(tone, "held").await;
    let mut faults = wall.portrait("served-day").await;
    // Made Ready by hand, for this meeting.
    wall.browser.click(".acts button:last-of-type").await;
    wall.browser.click(".acts .main").await;
    wall.browser.shows(".acts-told", "what was done", |text| text.contains("made Ready")).await;
    site.reaches(AGENT, finesse_sim::AgentState::Ready).await;
    wall.row(&agent, "Ready", |row| row.shape == "ready").await;
    let lanes = "return [...document.querySelectorAll('.lane:last-child .act')].map(({ dataset }) => dataset.side).join(' ');";
    wall.is(lanes, "supervisor").await;
    wall.key(key::ESCAPE).await;
    wall.key(key::ESCAPE).await;
    wall.browser.run("document.activeElement.blur();").await;
    wall.key('r').await;
    wall.browser.shows(".report-table", "everybody", |text| text.contains("Total")).await;
    faults.extend(wall.portrait("served-report").await);
    let csv =
        "return fetch(document.querySelector('a[download]').href).then((answer) => answer.text());";
    let csv = wall.browser.run(csv).await;
    assert!(csv.as_str().is_some_and(|csv| csv.contains(&agent)), "{csv}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    drop(wall);
    site.end().await;
}
