//! Mode `gadget`: the agent's own desktop acts, in the agent's name and with the rules' reasons.

use finesse_sim::AgentState::NotReady;
use finesse_sim::{By, CallEvent, Deployment, Endpoint, Fault, Phase, Scope};
use lockstep_core::agent::Code;
use lockstep_e2e::{Signal, Site, SiteConfig, on_both};
use webex_sim::Change;

async fn site(deployment: Deployment, agents: usize) -> Site {
    Site::start(SiteConfig::new(deployment, agents).with_gadgets("gadget")).await
}

#[tokio::test]
async fn busy_is_not_ready_with_the_rules_own_reason_and_free_is_ready() {
    on_both(|deployment| async move {
        let site = site(deployment, 1).await;
        let _desktop = site.acting_desktop("agent1001", 1).await;
        let busy: [(Change, &str); 3] = [
            ("dnd".into(), "Webex DND"),
            ("call".into(), "Webex Call"),
            (Change::online_meeting(), "Webex Meeting"),
        ];
        for (presence, reason) in busy {
            site.presence("agent1001", presence);
            site.taken("agent1001").await;
            assert_eq!(site.reason("agent1001"), reason);
            site.presence("agent1001", "active");
            site.released("agent1001").await;
        }
        let writes = ["gadget NOT_READY", "gadget READY"].repeat(3);
        assert_eq!(site.writes("agent1001"), writes);
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn lunch_is_respected() {
    on_both(|deployment| async move {
        let site = site(deployment, 1).await;
        let desktop = site.acting_desktop("agent1001", 1).await;
        site.by_hand("agent1001", "NOT_READY", Some("Lunch"), By::Agent);
        for (presence, times) in [("dnd", 1), ("active", 2), ("call", 3), ("active", 4)] {
            site.presence("agent1001", presence);
            let left = |code: &&Code| **code == Code::LeftNotOurs;
            let what = format!("leaves lunch alone {times} times");
            site.sees(&desktop, &what, |seen| seen.decided.iter().filter(left).count() >= times)
                .await;
        }
        site.stands("agent1001", NotReady);
        assert_eq!(site.reason("agent1001"), "Lunch");
        assert!(site.writes("agent1001").is_empty(), "{:?}", site.writes("agent1001"));
        site.end().await;
    })
    .await;
}

/// Lunch is chosen over a hold: it is the human's from then on.
#[tokio::test]
async fn lunch_chosen_over_a_hold_is_not_released() {
    on_both(|deployment| async move {
        let site = site(deployment, 1).await;
        let desktop = site.acting_desktop("agent1001", 1).await;
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        site.by_hand("agent1001", "NOT_READY", Some("Lunch"), By::Agent);
        site.sees(&desktop, "knows of no hold", |seen| seen.held.is_none()).await;
        site.presence("agent1001", "active");
        site.decides("agent1001", "left_not_ours").await;
        assert_eq!(site.reason("agent1001"), "Lunch");
        assert_eq!(site.writes("agent1001"), ["gadget NOT_READY"]);
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn of_two_tabs_one_acts_and_the_other_goes_on_where_it_is_closed() {
    on_both(|deployment| async move {
        let site = site(deployment, 1).await;
        let first = site.acting_desktop("agent1001", 1).await;
        let second = site.acting_desktop("agent1001", 2).await;
        site.sees(&first, "only looks on", |seen| !seen.acts).await;
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        site.sees(&first, "shows the hold", |seen| seen.held.is_some()).await;
        second.close().await;
        site.sees(&first, "acts again", |seen| seen.acts).await;
        site.presence("agent1001", "active");
        site.released("agent1001").await;
        assert_eq!(site.writes("agent1001"), ["gadget NOT_READY", "gadget READY"]);
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_hold_outlives_a_reload_and_a_desktop_that_was_closed() {
    on_both(|deployment| async move {
        let site = site(deployment, 1).await;
        let desktop = site.acting_desktop("agent1001", 1).await;
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        desktop.reload();
        site.sees(&desktop, "is there again", |seen| seen.acts && seen.held.is_some()).await;
        desktop.close().await;
        // Nobody is there to act, and nobody does.
        site.presence("agent1001", "active");
        let another = site.acting_desktop("agent1001", 2).await;
        site.released("agent1001").await;
        site.sees(&another, "holds nobody", |seen| seen.held.is_none()).await;
        assert_eq!(site.writes("agent1001"), ["gadget NOT_READY", "gadget READY"]);
        site.end().await;
    })
    .await;
}

/// The process dies while the gadget holds; presence clears while it is down.
#[tokio::test]
async fn a_hold_outlives_the_servers_death_and_is_released_after_it() {
    on_both(|deployment| async move {
        let mut site = site(deployment, 2).await;
        let _desktop = site.acting_desktop("agent1001", 1).await;
        let lunch = site.acting_desktop("agent1002", 2).await;
        for agent in ["agent1001", "agent1002"] {
            site.presence(agent, "dnd");
            site.taken(agent).await;
        }
        site.stop_by(Signal::Kill).await;
        site.presence("agent1001", "active");
        site.by_hand("agent1002", "NOT_READY", Some("Lunch"), By::Agent);
        site.presence("agent1002", "active");
        site.run();
        site.wait_ready().await;
        site.released("agent1001").await;
        site.sees(&lunch, "acts again", |seen| seen.acts && seen.held.is_none()).await;
        site.decides("agent1002", "left_not_ours").await;
        assert_eq!(site.writes("agent1001"), ["gadget NOT_READY", "gadget READY"]);
        assert_eq!(site.writes("agent1002"), ["gadget NOT_READY"]);
        assert_eq!(site.reason("agent1002"), "Lunch");
        site.end().await;
    })
    .await;
}

/// The tab is opened in the busiest minute: Finesse's time is three seconds on its way. What the gadget
/// asks for is known by its time, and known all the same.
#[tokio::test]
async fn a_hold_is_known_although_finesses_clock_was_told_slowly() {
    on_both(|deployment| async move {
        let site = site(deployment, 1).await;
        let slow = Fault::Latency { min_ms: 3_000, max_ms: 3_000, phase: Phase::Before };
        let endpoint = Some(Endpoint::SystemInfo);
        let slow = site.finesse.fault_in(slow, Scope { endpoint, ..Scope::default() });
        let _desktop = site.acting_desktop("agent1001", 1).await;
        let struck = |site: &Site| site.finesse.fault_struck(slow).filter(|times| *times > 0);
        site.wait_for("the clock was asked for", struck).await;
        assert!(site.finesse.end_fault(slow));
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        site.presence("agent1001", "active");
        site.released("agent1001").await;
        site.end().await;
    })
    .await;
}

/// CCE takes it at once and does it after the call; CCX once per call, too.
#[tokio::test]
async fn dnd_during_a_customers_call_is_asked_for_at_once_and_comes_after_it() {
    on_both(|deployment| async move {
        let site = site(deployment, 1).await;
        let _desktop = site.acting_desktop("agent1001", 1).await;
        site.call("agent1001", CallEvent::Ring);
        site.call("agent1001", CallEvent::Answer);
        site.presence("agent1001", "dnd");
        let pends = |site: &Site| site.finesse.user("agent1001")?.pending_state.map(drop);
        site.wait_for("it pends", pends).await;
        site.call("agent1001", CallEvent::End);
        site.taken("agent1001").await;
        assert_eq!(site.reason("agent1001"), "Webex DND");
        site.presence("agent1001", "active");
        site.released("agent1001").await;
        assert_eq!(site.writes("agent1001"), ["gadget NOT_READY", "gadget READY"]);
        site.end().await;
    })
    .await;
}
