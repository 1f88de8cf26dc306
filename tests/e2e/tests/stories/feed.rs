//! The feed from Webex comes and goes; that is no presence (law 9, S4-D3, W15, W17).

use finesse_sim::AgentState::{NotReady, Ready};
use finesse_sim::Deployment;
use lockstep_e2e::{Site, SiteConfig, on_both};
use toml::Value;
use webex_sim::{Fault, When};

/// The socket is cut and none comes up again, until faults are cleared.
async fn lose_feed(site: &Site) {
    let refusal = Fault::MercuryUpgradeStatus { status: 503, retry_after: None };
    site.webex.inject(refusal).expect("a fault");
    site.webex.inject(Fault::MercuryDrop { when: When::Now }).expect("a fault");
    let page =
        site.page("/readyz", "the feed is lost", |page| page.json()["webex"]["feed"] == "lost");
    assert_eq!(page.await.status, 503, "without presence it is not ready");
}

fn loss(policy: &str) -> Value {
    let text = format!("policy = \"{policy}\"\nafter = \"2500ms\"");
    Value::Table(text.parse().expect("TOML"))
}

#[tokio::test]
async fn s4_d3_what_changed_while_the_feed_was_lost_is_applied_afterwards() {
    on_both(|deployment| async move {
        let site = Site::start(SiteConfig::new(deployment, 3)).await;
        for agent in ["agent1001", "agent1002"] {
            site.presence(agent, "dnd");
            site.taken(agent).await;
        }
        lose_feed(&site).await;
        site.presence("agent1001", "active");
        site.presence("agent1003", "call");
        site.two_looks().await;
        site.stands("agent1001", NotReady);
        site.stands("agent1002", NotReady);
        site.stands("agent1003", Ready);
        site.webex.clear_faults();
        site.released("agent1001").await;
        site.taken("agent1003").await;
        site.two_looks().await;
        assert_eq!(site.asked("agent1002"), ["NOT_READY"], "a gap moves nobody by itself");
        assert_eq!(site.get("/readyz").await.status, 200);
        site.end().await;
    })
    .await;
}

/// The agent changes and the event is lost: only a fresh look can tell.
fn changes_unheard(site: &Site, agent: &str, presence: &str) {
    let lost = Fault::EventLost { person: Some(Site::address(agent)) };
    site.webex.inject_times(lost, 1).expect("a fault");
    site.presence(agent, presence);
}

#[tokio::test]
async fn w15_every_way_in_which_a_socket_ends_leads_to_a_fresh_look() {
    let site = Site::start(SiteConfig::new(Deployment::Uccx, 1)).await;
    let ends = [
        Fault::MercuryDrop { when: When::Now },
        Fault::close(1000, "idle"),
        Fault::shutdown(500),
        Fault::close(1011, "trouble"),
    ];
    for (end, busy) in ends.into_iter().zip([true, false].into_iter().cycle()) {
        changes_unheard(&site, "agent1001", if busy { "dnd" } else { "active" });
        site.webex.inject(end).expect("a fault");
        site.decides("agent1001", if busy { "taken" } else { "released" }).await;
    }
    site.end().await;
}

#[tokio::test]
async fn a_hole_in_the_sequence_leads_to_a_fresh_look() {
    let site = Site::start(SiteConfig::new(Deployment::Ucce, 2)).await;
    changes_unheard(&site, "agent1001", "dnd");
    site.webex.inject_times(Fault::SequenceGap { size: 1 }, 1).expect("a fault");
    site.presence("agent1002", "call");
    site.taken("agent1001").await;
    site.taken("agent1002").await;
    assert_eq!(site.webex.counters().sockets_opened, 1, "on the same socket");
    site.end().await;
}

#[tokio::test]
async fn what_is_lost_without_a_sign_is_found_by_the_reconcile() {
    on_both(|deployment| async move {
        let config = SiteConfig::new(deployment, 2).set("sync", "reconcile_every", "2s");
        let site = Site::start(config).await;
        changes_unheard(&site, "agent1001", "dnd");
        site.taken("agent1001").await;
        // Subscriptions are gone, the socket stays.
        site.webex.inject(Fault::SubscriptionsLost {}).expect("a fault");
        site.presence("agent1001", "active");
        site.released("agent1001").await;
        site.two_looks().await;
        site.stands("agent1002", Ready);
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn refused_subscriptions_lead_to_polling_and_say_degraded() {
    on_both(|deployment| async move {
        let mut config = SiteConfig::new(deployment, 2).set("webex", "people_per_minute", 3_000);
        config.webex_faults = vec![Fault::SubscriptionsRefused { status: 403 }];
        let site = Site::prepare_and_run(config).await;
        let polling = site.page("/readyz", "ready by polling", |page| {
            page.status == 200 && page.json()["webex"]["feed"] == "polling"
        });
        assert_eq!(polling.await.json()["degraded"], true);
        site.decides("agent1001", "nothing_to_do").await;
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        site.presence("agent1001", "active");
        site.released("agent1001").await;
        site.presence("agent1002", "call");
        site.taken("agent1002").await;
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn on_source_loss_release_lets_go_and_takes_again() {
    on_both(|deployment| async move {
        let config = SiteConfig::new(deployment, 3).set("sync", "stale_after", "2100ms").set(
            "sync",
            "on_source_loss",
            loss("release"),
        );
        let site = Site::start(config).await;
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        site.by_hand("agent1003", "NOT_READY", Some("Lunch"), finesse_sim::By::Agent);
        lose_feed(&site).await;
        site.released("agent1001").await;
        site.two_looks().await;
        site.stands("agent1002", Ready);
        site.stands("agent1003", NotReady);
        site.webex.clear_faults();
        site.taken("agent1001").await;
        assert!(site.asked("agent1002").is_empty() && site.asked("agent1003").is_empty());
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn on_source_loss_not_ready_takes_who_is_ready_and_lets_go_when_it_is_back() {
    on_both(|deployment| async move {
        let config = SiteConfig::new(deployment, 3).set("sync", "stale_after", "2100ms").set(
            "sync",
            "on_source_loss",
            loss("not_ready"),
        );
        let site = Site::start(config).await;
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        site.by_hand("agent1003", "NOT_READY", Some("Lunch"), finesse_sim::By::Agent);
        site.two_looks().await;
        site.turn("agent1002");
        lose_feed(&site).await;
        let taking = site.decides("agent1002", "taking").await;
        assert!(taking.wanted.contains("Webex Unavailable"), "{taking:?}");
        site.taken("agent1002").await;
        site.webex.clear_faults();
        site.released("agent1002").await;
        site.two_looks().await;
        site.stands("agent1001", NotReady);
        assert!(site.asked("agent1003").is_empty());
        assert_eq!(site.asked("agent1001"), ["NOT_READY"]);
        site.end().await;
    })
    .await;
}
