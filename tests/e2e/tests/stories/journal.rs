//! Every decision is kept, and whoever asks why is answered.

use std::time::Duration;

use finesse_sim::{By, CallEvent, Deployment};
use lockstep_e2e::{PATIENCE, Signal, Site, SiteConfig, beat, on_both};
use serde_json::Value;
use tokio::time::Instant;

/// The journal as its command gives it.
async fn exported(site: &Site, more: &[&str]) -> Vec<Value> {
    let arguments = [&["journal", "export", "--format", "json"], more].concat();
    let said = site.command(&arguments).await;
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{}", said.out);
    serde_json::from_str(&said.out).expect("a list")
}

/// Waits until so many decisions of that code are in the journal.
async fn kept(site: &Site, agent: &str, code: &str, times: usize) -> Vec<Value> {
    let began = Instant::now();
    loop {
        let rows = exported(site, &["--agent", agent]).await;
        if rows.iter().filter(|row| row["code"] == code).count() >= times {
            return rows;
        }
        assert!(began.elapsed() < PATIENCE, "{agent}: {code} was never kept: {rows:#?}");
        beat(Duration::from_millis(50)).await;
    }
}

fn codes(rows: &[Value]) -> Vec<&str> {
    rows.iter().filter_map(|row| row["code"].as_str()).collect()
}

#[tokio::test]
async fn a_day_is_in_the_journal_after_kill_9_up_to_the_last_second() {
    on_both(|deployment| async move {
        let mut site = Site::start(SiteConfig::new(deployment, 2)).await;
        site.follows("agent1001").await;
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        site.by_hand("agent1002", "NOT_READY", Some("Lunch"), By::Agent);
        site.decides("agent1002", "left_not_ours").await;
        let log: Vec<String> = site
            .lines(&["\"agent.login\":\"agent1001\""])
            .iter()
            .filter_map(|line| Some(line.decision()?.code))
            .collect();
        beat(Duration::from_secs(1)).await;
        site.stop_by(Signal::Kill).await;

        let rows = exported(&site, &["--agent", "agent1001"]).await;
        assert!(log.len() >= 5 && codes(&rows).starts_with(&refs(&log)), "{log:?} {rows:#?}");
        let taken = rows.iter().rev().find(|row| row["code"] == "taken").expect("taken");
        let asked = rows.iter().find(|row| row["id"] == taken["story"]).expect("its story");
        assert_eq!((&asked["code"], &asked["answer"]), (&"taking".into(), &"accepted".into()));
        assert_eq!(asked["facts"], serde_json::json!({ "status": "dnd" }));
        assert_eq!(asked["side"], "server");
        assert!(asked["answer_ms"].is_u64() && asked["effect_ms"].is_i64(), "{asked:#}");
        assert_eq!(taken["hold_from"], "READY");
        let lunch = exported(&site, &["--agent", "agent1002"]).await;
        assert_eq!(lunch.last().expect("a decision")["reason"], "Lunch");

        // The next life goes on where the last one ended.
        site.run();
        site.wait_ready().await;
        let later = kept(&site, "agent1001", "stays_held", 1).await;
        assert_eq!(later[..rows.len()], rows, "what was kept stays as it was");
        site.end().await;
    })
    .await;
}

fn refs(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

#[tokio::test]
async fn whoever_asks_why_is_answered_for_each_kind_of_decision() {
    let site = Site::start(SiteConfig::new(Deployment::Ucce, 4)).await;
    site.presence("agent1001", "dnd");
    site.taken("agent1001").await;
    site.follows("agent1002").await;
    site.by_hand("agent1003", "NOT_READY", Some("Lunch"), By::Agent);
    site.decides("agent1003", "left_not_ours").await;
    site.call("agent1004", CallEvent::Ring);
    site.call("agent1004", CallEvent::Answer);
    site.two_looks().await;
    site.presence("agent1004", "dnd");
    site.decides("agent1004", "waits_for_call").await;
    kept(&site, "agent1004", "waits_for_call", 1).await;

    for (agent, words) in [
        (
            "agent1001",
            &["was made Not Ready (Webex DND) at ", "because of do not disturb in Webex since "][..],
        ),
        ("agent1001", &["was Ready; when it ends, ", "accepted after ", "seen after "]),
        ("agent1002", &["was made Ready again at ", "because Webex says free since "]),
        (
            "agent1003",
            &["Left alone since ", "is Not Ready (Lunch), which is not Lockstep\u{2019}s doing."],
        ),
        (
            "agent1004",
            &[
                "on a customer\u{2019}s call, which is never disturbed",
                "is made Not Ready (Webex DND)",
            ],
        ),
    ] {
        let said = site.command(&["why", agent]).await;
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
        for word in words {
            assert!(said.out.contains(word), "{word:?} is missing:\n{}", said.out);
        }
        assert!(said.out.contains("The last decisions before that:\n"), "{}", said.out);
        assert!(!said.out.contains("not known"), "{}", said.out);
    }
    // By id, by name, at another time; and what cannot be known.
    let id = site.finesse.user("agent1001").expect("a user").login_id;
    assert!(site.command(&["why", &id]).await.out.contains("Webex DND"));
    let past = site.command(&["why", "agent1001", "--at", "-1h"]).await;
    assert!(past.out.contains("nothing is known before"), "{}", past.out);
    assert!(past.out.contains("the journal begins then"), "{}", past.out);
    let nobody = site.command(&["why", "somebody"]).await;
    assert_eq!((nobody.code, nobody.out.as_str()), (Some(1), ""));
    assert!(nobody.err.contains("knows nobody"), "{}", nobody.err);
    let when = site.command(&["why", "agent1001", "--at", "yesterday"]).await;
    assert_eq!(when.code, Some(2));
    site.end().await;
}

/// What a spreadsheet or a program reads back is what was decided, while the server writes on.
#[tokio::test]
async fn an_export_comes_back_as_it_was_and_runs_no_formula() {
    let mut config = SiteConfig::new(Deployment::Uccx, 1);
    config.finesse.users[0].first_name = "=HYPERLINK(\"x\",\"y\")".to_owned();
    let site = Site::start(config).await;
    site.follows("agent1001").await;
    let rows = kept(&site, "agent1001", "released", 1).await;
    let until = rows.last().expect("a decision")["at"].as_str().expect("a time").to_owned();
    let rows = exported(&site, &["--to", &until]).await;
    let said = site.command(&["journal", "export", "--to", &until]).await;
    let records = csv(&said.out);
    let (head, lines) = records.split_first().expect("headings");
    assert_eq!(lines.len(), rows.len());
    for (line, row) in lines.iter().zip(&rows) {
        for (name, text) in head.iter().zip(line) {
            assert!(!text.starts_with(['=', '@', '+']), "{name}: {text}");
            let told = match &row[name.as_str()] {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            assert_eq!(text.strip_prefix('\'').unwrap_or(text), told, "{name}");
        }
    }
    assert!(rows[0]["name"].as_str().is_some_and(|name| name.starts_with('=')));
    assert!(exported(&site, &["--to", "-1h"]).await.is_empty());
    site.end().await;
}

/// RFC 4180: lines end by CR LF, quotes are doubled inside of quotes.
fn csv(text: &str) -> Vec<Vec<String>> {
    let (mut records, mut record, mut field) = (Vec::new(), Vec::new(), String::new());
    let (mut quoted, mut chars) = (false, text.chars().peekable());
    while let Some(char) = chars.next() {
        match char {
            '"' if quoted && chars.peek() == Some(&'"') => field.push(chars.next().unwrap_or('"')),
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut field)),
            '\r' if !quoted && chars.peek() == Some(&'\n') => {
                chars.next();
                record.push(std::mem::take(&mut field));
                records.push(std::mem::take(&mut record));
            }
            char => field.push(char),
        }
    }
    assert!(record.is_empty() && field.is_empty(), "the last line ends, too");
    records
}

/// A folder where the file should be stands for any disk that cannot be written.
#[tokio::test]
async fn a_journal_that_cannot_be_written_stops_nobody_is_told_and_comes_back() {
    let mut site = Site::prepare(SiteConfig::new(Deployment::Ucce, 1)).await;
    let path = site.folder.state().join("journal.db");
    std::fs::create_dir_all(&path).expect("a scratch folder");
    site.run();
    site.wait_ready().await;
    site.follows("agent1001").await;
    let bad = |page: &lockstep_e2e::Page| page.json()["journal"]["ok"] == false;
    let page = site.page("/readyz", "the journal is told", bad).await;
    assert_eq!((page.status, &page.json()["degraded"]), (200, &true.into()));
    let detail = page.json()["journal"]["detail"].as_str().unwrap_or_default().to_owned();
    assert!(detail.contains("journal.db") && detail.contains("check state.dir"), "{detail}");
    assert!(site.get("/metrics").await.body.contains("lockstep_journal_ok 0"));
    let why = site.command(&["why", "agent1001"]).await;
    assert_eq!(why.code, Some(1), "{}", why.out);

    std::fs::remove_dir(&path).expect("moved away");
    let good = |page: &lockstep_e2e::Page| page.json()["degraded"] == false;
    site.page("/readyz", "the journal is written again", good).await;
    let rows = kept(&site, "agent1001", "released", 1).await;
    assert!(codes(&rows).contains(&"taken"), "what was decided meanwhile: {rows:#?}");
    site.end().await;
}
