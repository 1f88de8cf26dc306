//! A call is sacred, and a call that we know already is no Webex call (laws 5 and 6, S4-10, W13).

use std::time::Duration;

use finesse_sim::AgentState::{Ready, Reserved, Talking, Work, WorkReady};
use finesse_sim::{CallEvent, CallOptions, EventKind, Via};
use lockstep_e2e::{Site, SiteConfig, on_both};

/// The agent is on a customer's call, and Lockstep knows.
async fn on_call(site: &Site, agent: &str) {
    site.call(agent, CallEvent::Ring);
    site.call(agent, CallEvent::Answer);
    site.stands(agent, Talking);
    site.two_looks().await;
}

#[tokio::test]
async fn s4_10_dnd_during_a_call_is_applied_after_it() {
    on_both(|deployment| async move {
        let site = Site::start(SiteConfig::new(deployment, 3)).await;
        on_call(&site, "agent1001").await;
        on_call(&site, "agent1002").await;
        site.call("agent1002", CallEvent::Hold);
        site.call("agent1003", CallEvent::Ring);
        site.two_looks().await;
        let everybody = ["agent1001", "agent1002", "agent1003"];
        for agent in everybody {
            site.presence(agent, "dnd");
            site.decides(agent, "waits_for_call").await;
        }
        site.two_looks().await;
        site.stands("agent1003", Reserved);
        for agent in everybody {
            assert!(site.asked(agent).is_empty(), "{agent} was disturbed during the call");
            site.call(agent, CallEvent::End);
            site.taken(agent).await;
            site.presence(agent, "active");
            site.released(agent).await;
        }
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn s4_10_dnd_that_clears_during_the_call_is_dropped() {
    on_both(|deployment| async move {
        let site = Site::start(SiteConfig::new(deployment, 1)).await;
        on_call(&site, "agent1001").await;
        site.presence("agent1001", "dnd");
        site.decides("agent1001", "waits_for_call").await;
        site.presence("agent1001", "active");
        site.decides("agent1001", "dropped").await;
        site.call("agent1001", CallEvent::End);
        site.two_looks().await;
        site.stands("agent1001", Ready);
        assert!(site.asked("agent1001").is_empty());
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn law_5_wrap_up_is_not_cut_short() {
    on_both(|deployment| async move {
        let site = Site::start(SiteConfig::new(deployment, 1)).await;
        on_call(&site, "agent1001").await;
        site.presence("agent1001", "dnd");
        site.decides("agent1001", "waits_for_call").await;
        let lasts = Some(Duration::from_secs(3));
        let options = CallOptions { wrap_up: Some(true), wrap_up_for: lasts, icd: None };
        site.call_with("agent1001", CallEvent::End, options);
        site.decides("agent1001", "waits_for_wrap_up").await;
        assert!(matches!(site.finesse.state("agent1001"), Work | WorkReady));
        assert!(site.asked("agent1001").is_empty());
        site.taken("agent1001").await;
        let history = site.finesse.user("agent1001").and_then(|user| user.history);
        let states: Vec<_> = history.into_iter().flatten().collect();
        let over = states
            .iter()
            .find(|entry| entry.kind == EventKind::State && matches!(entry.from, Work | WorkReady));
        assert_eq!(over.map(|entry| entry.via), Some(Via::Timer), "wrap-up ran its time");
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn law_5_an_outbound_reservation_is_not_disturbed() {
    on_both(|deployment| async move {
        let site = Site::start(SiteConfig::new(deployment, 2)).await;
        let agents = [("agent1001", CallEvent::Reserve), ("agent1002", CallEvent::Preview)];
        for (agent, reservation) in agents {
            site.call(agent, reservation);
        }
        site.two_looks().await;
        for (agent, _) in agents {
            site.presence(agent, "dnd");
            site.decides(agent, "waits_for_call").await;
        }
        site.two_looks().await;
        for (agent, _) in agents {
            assert!(site.asked(agent).is_empty(), "{agent} was disturbed");
            site.call(agent, CallEvent::End);
            site.taken(agent).await;
        }
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn law_6_the_customers_call_seen_from_the_other_side_is_ignored() {
    on_both(|deployment| async move {
        let config = SiteConfig::new(deployment, 2).set("sync", "call_grace", "5s");
        let site = Site::start(config).await;
        on_call(&site, "agent1001").await;
        site.presence("agent1001", "call");
        site.decides("agent1001", "ignored_contact_call").await;
        // The phone rings in Webex before Finesse's state was seen to change.
        site.call("agent1002", CallEvent::Ring);
        site.presence("agent1002", "call");
        site.decides("agent1002", "ignored_contact_call").await;
        site.call("agent1002", CallEvent::Answer);
        site.two_looks().await;
        for agent in ["agent1001", "agent1002"] {
            site.call(agent, CallEvent::End);
            site.presence(agent, "active");
            site.decides(agent, "nothing_to_do").await;
        }
        site.two_looks().await;
        for agent in ["agent1001", "agent1002"] {
            site.stands(agent, Ready);
            let puts = site.asked(agent);
            assert!(!puts.contains(&"READY") && puts.len() <= 1, "{agent}: {puts:?}");
        }
        assert!(site.asked("agent1001").is_empty());
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn law_6_a_webex_call_that_outlives_the_customers_by_the_grace_counts() {
    on_both(|deployment| async move {
        let site = Site::start(SiteConfig::new(deployment, 1)).await;
        on_call(&site, "agent1001").await;
        site.presence("agent1001", "call");
        site.decides("agent1001", "ignored_contact_call").await;
        site.call("agent1001", CallEvent::End);
        site.taken("agent1001").await;
        let grace = grace(&site, "agent1001");
        assert!(grace >= Duration::from_secs(1), "call_grace is 1 s, taken after {grace:?}");
        site.presence("agent1001", "active");
        site.released("agent1001").await;
        site.end().await;
    })
    .await;
}

/// How long after the call's end we moved the agent.
fn grace(site: &Site, agent: &str) -> Duration {
    let history = site.finesse.user(agent).and_then(|user| user.history).unwrap_or_default();
    let states = history.iter().filter(|entry| entry.kind == EventKind::State);
    let ended = states.clone().rfind(|entry| entry.from == Talking).expect("a call");
    let moved = states.clone().rfind(|entry| entry.via == Via::Api).expect("a change of ours");
    Duration::try_from(moved.time.duration_since(ended.time)).expect("in this order")
}
