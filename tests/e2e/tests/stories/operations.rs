//! What an operator does: reload, stop, look (contract: HTTP, signals).

use std::time::Duration;

use finesse_sim::AgentState::Ready;
use finesse_sim::{Deployment, Endpoint, Fault, Phase, Scope};
use lockstep_e2e::{Signal, Site, SiteConfig, on_both};
use toml::Value;

fn users(names: &[&str]) -> Value {
    Value::Array(names.iter().map(|&name| name.into()).collect())
}

#[tokio::test]
async fn sighup_with_a_broken_file_keeps_the_old_and_with_a_good_one_adds_an_agent() {
    on_both(|deployment| async move {
        let config = SiteConfig::new(deployment, 2).unset("agents", "teams").set(
            "agents",
            "users",
            users(&["agent1001"]),
        );
        let mut site = Site::prepare_and_run(config).await;
        site.decides("agent1001", "nothing_to_do").await;
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;

        site.folder.write("lockstep.toml", "[sync]\nhold_dwon = \"1s\"\n");
        site.signal(Signal::Hup);
        let words = ["the old one stays", "sync.hold_dwon", "hold_down", "lockstep.toml:2:"];
        site.says("the broken file is reported", &words).await;
        site.presence("agent1001", "active");
        site.released("agent1001").await;

        site.configure("agents", "users", users(&["agent1001", "agent1002"]));
        site.signal(Signal::Hup);
        site.decides("agent1002", "nothing_to_do").await;
        site.presence("agent1002", "dnd");
        site.taken("agent1002").await;

        site.configure("agents", "users", users(&["agent1001"]));
        site.signal(Signal::Hup);
        site.says("who is not watched any more is named", &["no longer watched", "agent1002"])
            .await;
        site.presence("agent1002", "active");
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        site.two_looks().await;
        assert_eq!(site.asked("agent1002"), ["NOT_READY"], "what we set stays as it is");
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_stop_while_finesse_is_silent_takes_its_time_and_forgets_nothing() {
    on_both(|deployment| async move {
        for signal in [Signal::Term, Signal::Kill] {
            let mut site = Site::start(SiteConfig::new(deployment, 1)).await;
            site.two_looks().await;
            // It takes effect, and no answer ever comes.
            let puts = Scope { method: Some("PUT".to_owned()), ..Scope::default() };
            let id = site.finesse.fault_in(Fault::BlackHole { phase: Phase::After }, puts);
            site.presence("agent1001", "dnd");
            site.wait_for("the request is swallowed", |site| {
                site.finesse.fault_struck(id).filter(|times| *times >= 1)
            })
            .await;
            let exit = site.stop_by(signal).await;
            assert_eq!(exit.code, (signal == Signal::Term).then_some(0));
            assert!(exit.took < Duration::from_secs(11), "{exit:?}");
            site.finesse.clear_faults();
            site.run();
            site.wait_ready().await;
            // The intent was on record before it was sent: the agent is ours to release.
            site.taken("agent1001").await;
            site.presence("agent1001", "active");
            site.released("agent1001").await;
            site.end().await;
        }
    })
    .await;
}

#[tokio::test]
async fn healthz_readyz_and_metrics_have_their_shapes() {
    let site = Site::start(SiteConfig::new(Deployment::Uccx, 3)).await;
    site.presence("agent1001", "dnd");
    site.taken("agent1001").await;
    assert_eq!(site.get("/healthz").await.status, 200);
    let ready = site.get("/readyz").await;
    assert!(ready.kind.starts_with("application/json"), "{ready:?}");
    let json = ready.json();
    for (pointer, expected) in [
        ("/ready", Value::Boolean(true)),
        ("/degraded", Value::Boolean(false)),
        ("/webex/feed", Value::String("live".to_owned())),
        ("/finesse/ok", Value::Boolean(true)),
        ("/ledger/ok", Value::Boolean(true)),
        ("/agents/watched", Value::Integer(3)),
        ("/agents/not_in_webex", Value::Integer(0)),
    ] {
        let found = json.pointer(pointer).map(ToString::to_string);
        assert_eq!(found, Some(expected.to_string()), "{pointer} of {json}");
    }
    let metrics = site.get("/metrics").await;
    assert!(metrics.kind.starts_with("text/plain"), "{}", metrics.kind);
    let samples = metrics.body.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let mut strangers = samples.filter(|line| !line.starts_with("lockstep_"));
    assert_eq!(strangers.next(), None);
    assert!((metrics.metric("lockstep_agents", "") - 3.0).abs() < 0.1);
    assert!((metrics.metric("lockstep_feed_live", "") - 1.0).abs() < 0.1);
    let asked = "target=\"NOT_READY\",outcome=\"accepted\"";
    assert!((metrics.metric("lockstep_changes_total", asked) - 1.0).abs() < 0.1);
    for name in ["agent1001", "1001001", "example.com"] {
        assert!(!metrics.body.contains(name), "S4-19: {name} is in /metrics");
        assert!(!ready.body.contains(name), "S4-19: {name} is in /readyz");
    }
    assert_eq!(site.get("/users").await.status, 404, "W7");
    site.end().await;
}

#[tokio::test]
async fn a_port_that_is_taken_is_named_and_nobody_is_moved() {
    let mut first = Site::start(SiteConfig::new(Deployment::Uccx, 1)).await;
    let taken = first.listens_on().expect("it serves");
    let config = SiteConfig::new(Deployment::Uccx, 1).set("http", "listen", taken.as_str());
    let mut second = Site::prepare_and_run(config).await;
    let exit = second.exit().await;
    assert!(exit.code.is_some_and(|code| code != 0), "{exit:?}");
    second.says("the key is named", &["http.listen", &taken]).await;
    assert_eq!(second.finesse.counters().requests, 0);
    second.end().await;
    first.restart(Signal::Term).await;
    first.two_looks().await;
    first.stands("agent1001", Ready);
    first.end().await;
}

#[tokio::test]
async fn every_team_is_read_once_per_interval() {
    let site = Site::start(SiteConfig::new(Deployment::Ucce, 4)).await;
    site.two_looks().await;
    let reads = |site: &Site| {
        let log = site.finesse.log();
        log.iter().filter(|read| read.endpoint == Endpoint::Team).map(|read| read.time).collect()
    };
    let times: Vec<_> = reads(&site);
    for pair in times.windows(2) {
        let apart = Duration::try_from(pair[1].duration_since(pair[0])).expect("in order");
        assert!(apart >= Duration::from_millis(300), "polls {apart:?} apart");
    }
    site.end().await;
}
