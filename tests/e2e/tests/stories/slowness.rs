//! Accepted is not done, and clocks differ (laws 1 and 7; Finesse notes 6, 16…20 and 45).

use std::time::Duration;

use finesse_sim::AgentState::{NotReady, Ready};
use finesse_sim::{By, Deployment, Fault, Scope};
use lockstep_e2e::{Site, SiteConfig, on_both};

fn once() -> Scope {
    Scope { times: Some(1), ..Scope::default() }
}

#[tokio::test]
async fn f_cti_drop_law_7_what_cti_swallows_or_refuses_later_is_asked_for_again() {
    on_both(|deployment| async move {
        let site = Site::start(SiteConfig::new(deployment, 2)).await;
        site.two_looks().await;
        let of = |user: &str| Scope { user: Some(user.to_owned()), ..once() };
        site.finesse.fault_in(Fault::CtiDrop, of("1001001"));
        let error = Fault::CtiError { code: 33, error_type: None, error_message: None };
        site.finesse.fault_in(error, of("1001002"));
        for agent in ["agent1001", "agent1002"] {
            site.presence(agent, "dnd");
        }
        for agent in ["agent1001", "agent1002"] {
            site.decides(agent, "no_effect").await;
            site.taken(agent).await;
            assert_eq!(site.asked(agent), ["NOT_READY", "NOT_READY"]);
        }
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn law_4_what_changes_while_cti_is_slow_is_applied_after_it() {
    on_both(|deployment| async move {
        let site = Site::start(SiteConfig::new(deployment, 2)).await;
        site.two_looks().await;
        let slow = site.finesse.fault(Fault::SlowCti { delay_ms: 3_000 });
        for agent in ["agent1001", "agent1002"] {
            site.presence(agent, "dnd");
            site.decides(agent, "taking").await;
        }
        site.two_looks().await;
        site.stands("agent1001", Ready);
        site.presence("agent1001", "active");
        site.finesse.end_fault(slow);
        site.released("agent1001").await;
        site.taken("agent1002").await;
        site.quiet().await;
        site.stands("agent1001", Ready);
        assert_eq!(site.asked("agent1001"), ["NOT_READY", "READY"]);
        assert_eq!(site.asked("agent1002"), ["NOT_READY"], "patience, not repetition");
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn f_empty_state_change_time_law_1_without_a_time_nobody_is_released() {
    on_both(|deployment| async move {
        let site = Site::start(SiteConfig::new(deployment, 1)).await;
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        let id = site.finesse.fault(Fault::EmptyStateChangeTime);
        site.two_looks().await;
        site.presence("agent1001", "active");
        site.decides("agent1001", "cannot_tell").await;
        site.two_looks().await;
        site.stands("agent1001", NotReady);
        site.finesse.end_fault(id);
        site.released("agent1001").await;
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn f_clock_skew_of_minutes_changes_nothing() {
    for offset_ms in [-300_000, 300_000] {
        let mut config = SiteConfig::new(Deployment::Uccx, 2);
        config.finesse.faults = vec![(Fault::ClockSkew { offset_ms }, Scope::default())];
        config.finesse.cti_delay = (Duration::from_millis(5), Duration::from_millis(200));
        let site = Site::start(config).await;
        for agent in ["agent1001", "agent1002"] {
            site.presence(agent, "dnd");
            site.taken(agent).await;
        }
        site.by_hand("agent1002", "NOT_READY", Some("Lunch"), By::Agent);
        site.decides("agent1002", "hold_lost").await;
        for agent in ["agent1001", "agent1002"] {
            site.presence(agent, "active");
        }
        site.released("agent1001").await;
        site.decides("agent1002", "left_not_ours").await;
        site.two_looks().await;
        site.stands("agent1002", NotReady);
        site.end().await;
    }
}
