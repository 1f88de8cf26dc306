//! What follows a loss of the source is policy, and how long it lasted is told (law 9, S0-25…27).

use std::time::Duration;

use finesse_sim::AgentState::{Logout, NotReady, Ready, Talking};
use finesse_sim::{By, CallEvent, CallOptions, Deployment};
use lockstep_e2e::{Page, Signal, Site, SiteConfig, on_both};
use toml::Value;
use webex_sim::{Fault, When};

fn config(deployment: Deployment, agents: usize, policy: &str, after: &str) -> SiteConfig {
    let text = format!("policy = \"{policy}\"\nafter = \"{after}\"");
    let policy = Value::Table(text.parse().expect("TOML"));
    let stale = if after == "2500ms" { "2100ms" } else { "2500ms" };
    SiteConfig::new(deployment, agents).set("sync", "on_source_loss", policy).set(
        "sync",
        "stale_after",
        stale,
    )
}

/// The socket is cut and none comes up again, until faults are cleared.
fn cut(site: &Site) {
    let refusal = Fault::MercuryUpgradeStatus { status: 503, retry_after: None };
    site.webex.inject(refusal).expect("a fault");
    site.webex.inject(Fault::MercuryDrop { when: When::Now }).expect("a fault");
}

async fn shows(site: &Site, metric: &'static str, value: f64) {
    let is = |page: &Page| (page.metric(metric, "") - value).abs() < 0.1;
    site.page("/metrics", &format!("{metric} is {value}"), is).await;
}

#[tokio::test]
async fn s0_26_a_loss_shorter_than_the_policy_waits_moves_nobody_and_its_length_is_told() {
    on_both(|deployment| async move {
        let site = Site::start(config(deployment, 3, "not_ready", "60s")).await;
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        shows(&site, "lockstep_held_agents", 1.0).await;
        cut(&site);
        // S1-20: stale, and not moved for that.
        shows(&site, "lockstep_stale_agents", 3.0).await;
        site.webex.clear_faults();
        // S1-32: start, end, milliseconds.
        let line = site.says("how long it lasted", &["the webex feed was lost", "lost_ms"]).await;
        let ms = line.json["lost_ms"].as_u64().expect("a number");
        assert!((2_500..60_000).contains(&ms), "{}", line.text);
        let at = |field| line.field(field).parse::<jiff::Timestamp>().expect("a time");
        let told = at("end").duration_since(at("start"));
        assert_eq!(told.as_millis(), i128::from(ms), "{}", line.text);
        shows(&site, "lockstep_stale_agents", 0.0).await;
        site.two_looks().await;
        assert_eq!(site.asked("agent1001"), ["NOT_READY"]);
        assert!(site.asked("agent1002").is_empty() && site.asked("agent1003").is_empty());
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn on_source_loss_not_ready_spares_calls_wrap_up_and_who_is_signed_out() {
    on_both(|deployment| async move {
        let site = Site::start(config(deployment, 5, "not_ready", "2500ms")).await;
        for agent in ["agent1001", "agent1002"] {
            site.call(agent, CallEvent::Ring);
            site.call(agent, CallEvent::Answer);
        }
        let wrap_up_for = Some(Duration::from_mins(10));
        let options = CallOptions { wrap_up: Some(true), wrap_up_for, icd: None };
        site.call_with("agent1002", CallEvent::End, options);
        let in_wrap_up = site.finesse.state("agent1002");
        site.by_hand("agent1003", "NOT_READY", Some("Lunch"), By::Agent);
        site.by_hand("agent1004", "NOT_READY", None, By::System);
        site.by_hand("agent1004", "LOGOUT", None, By::Agent);
        site.two_looks().await;
        let unmoved = [
            ("agent1001", "waits_for_call", Talking),
            ("agent1002", "waits_for_wrap_up", in_wrap_up),
            ("agent1003", "left_not_ours", NotReady),
            ("agent1004", "left_signed_out", Logout),
        ];
        for (agent, ..) in unmoved {
            site.turn(agent);
        }
        cut(&site);
        site.taken("agent1005").await;
        for (agent, code, _) in unmoved {
            site.decides(agent, code).await;
        }
        site.two_looks().await;
        for (agent, _, state) in unmoved {
            site.stands(agent, state);
            assert!(site.asked(agent).is_empty(), "{agent} was not spared");
        }
        // S0-27: back, and everybody as presence has it.
        site.webex.clear_faults();
        site.released("agent1005").await;
        site.call("agent1001", CallEvent::End);
        site.reaches("agent1001", Ready).await;
        site.two_looks().await;
        site.stands("agent1001", Ready);
        assert!(site.asked("agent1001").is_empty(), "what waited for the call was dropped");
        site.end().await;
    })
    .await;
}

/// The process ends and starts again while the feed is lost: the policy holds for everybody whom
/// the new one meets, and a hold from before is kept or let go by it.
async fn restart_during_the_loss(deployment: Deployment, policy: &str) -> Site {
    let mut site = Site::start(config(deployment, 2, policy, "2500ms")).await;
    site.presence("agent1001", "dnd");
    site.taken("agent1001").await;
    let refusal = Fault::MercuryUpgradeStatus { status: 503, retry_after: None };
    site.webex.inject(refusal).expect("a fault");
    site.stop_by(Signal::Kill).await;
    site.run();
    shows(&site, "lockstep_stale_agents", 2.0).await;
    site
}

/// Back again, everybody is where presence puts them.
async fn ends_right(site: Site) {
    site.webex.clear_faults();
    site.wait_ready().await;
    site.reaches("agent1001", NotReady).await;
    site.reaches("agent1002", Ready).await;
    site.presence("agent1001", "active");
    site.released("agent1001").await;
    site.end().await;
}

#[tokio::test]
async fn on_source_loss_hold_keeps_through_a_restart() {
    on_both(|deployment| async move {
        let site = restart_during_the_loss(deployment, "hold").await;
        site.quiet().await;
        site.stands("agent1001", NotReady);
        site.stands("agent1002", Ready);
        ends_right(site).await;
    })
    .await;
}

#[tokio::test]
async fn on_source_loss_release_lets_go_after_a_restart() {
    on_both(|deployment| async move {
        let site = restart_during_the_loss(deployment, "release").await;
        site.released("agent1001").await;
        site.quiet().await;
        site.stands("agent1002", Ready);
        ends_right(site).await;
    })
    .await;
}

#[tokio::test]
async fn on_source_loss_not_ready_takes_after_a_restart() {
    on_both(|deployment| async move {
        let site = restart_during_the_loss(deployment, "not_ready").await;
        site.taken("agent1002").await;
        site.quiet().await;
        site.stands("agent1001", NotReady);
        ends_right(site).await;
    })
    .await;
}
