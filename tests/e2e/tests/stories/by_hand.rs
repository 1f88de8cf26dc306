//! What people choose by hand is theirs (laws 1 and 10, S4-9, W2).

use finesse_sim::AgentState::{NotReady, Ready};
use finesse_sim::{By, CallEvent};
use lockstep_e2e::{Site, SiteConfig, on_both};

/// Busy, then free: an agent whom we do not hold is where they were, and nothing was asked.
async fn left_alone(site: &Site, agents: &[&str]) {
    for presence in ["call", "active", "dnd", "inactive"] {
        for agent in agents {
            site.presence(agent, presence);
        }
        for agent in agents {
            site.decides(agent, "left_not_ours").await;
        }
    }
    site.two_looks().await;
    for agent in agents {
        site.stands(agent, NotReady);
    }
}

#[tokio::test]
async fn s4_9_lunch_rona_logon_and_a_supervisors_not_ready_are_never_released() {
    on_both(|deployment| async move {
        let site = Site::start(SiteConfig::new(deployment, 4)).await;
        site.by_hand("agent1001", "NOT_READY", Some("Lunch"), By::Agent);
        site.call("agent1002", CallEvent::Ring);
        site.call("agent1002", CallEvent::Rona);
        site.by_hand("agent1003", "NOT_READY", None, By::Supervisor);
        site.by_hand("agent1004", "NOT_READY", Some("Back Office"), By::System);
        site.two_looks().await;
        let everybody = ["agent1001", "agent1002", "agent1003", "agent1004"];
        left_alone(&site, &everybody).await;
        for agent in everybody {
            assert!(site.asked(agent).is_empty(), "{agent} was not left alone");
        }
        assert_eq!(site.reason("agent1001"), "Lunch");
        assert_eq!(site.reason("agent1002"), "Call Not Answered");
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn law_10_an_agent_who_gives_another_reason_while_held_is_not_ours_any_more() {
    on_both(|deployment| async move {
        let site = Site::start(SiteConfig::new(deployment, 1)).await;
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        site.by_hand("agent1001", "NOT_READY", Some("Lunch"), By::Agent);
        site.decides("agent1001", "hold_lost").await;
        left_alone(&site, &["agent1001"]).await;
        assert_eq!(site.reason("agent1001"), "Lunch");
        assert_eq!(site.asked("agent1001"), ["NOT_READY"]);
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn law_10_an_agent_who_goes_ready_while_held_is_left_until_presence_changes() {
    on_both(|deployment| async move {
        let site = Site::start(SiteConfig::new(deployment, 2)).await;
        for (agent, by) in [("agent1001", By::Agent), ("agent1002", By::Supervisor)] {
            site.presence(agent, "dnd");
            site.taken(agent).await;
            site.by_hand(agent, "READY", None, by);
            site.decides(agent, "hold_lost").await;
            site.decides(agent, "left_human_chose").await;
        }
        site.two_looks().await;
        for agent in ["agent1001", "agent1002"] {
            site.stands(agent, Ready);
            site.presence(agent, "call");
            site.taken(agent).await;
            site.presence(agent, "active");
            site.released(agent).await;
            site.presence(agent, "dnd");
            site.taken(agent).await;
        }
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn law_1_who_signs_out_and_in_again_while_held_is_not_released() {
    on_both(|deployment| async move {
        let site = Site::start(SiteConfig::new(deployment, 1)).await;
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        site.by_hand("agent1001", "LOGOUT", None, By::Agent);
        site.decides("agent1001", "left_signed_out").await;
        site.by_hand("agent1001", "LOGIN", None, By::Agent);
        site.reaches("agent1001", NotReady).await;
        site.two_looks().await;
        left_alone(&site, &["agent1001"]).await;
        assert_eq!(site.asked("agent1001"), ["NOT_READY"]);
        site.end().await;
    })
    .await;
}
