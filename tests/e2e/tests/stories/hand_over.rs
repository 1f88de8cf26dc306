//! Mode `auto`: the gadget acts while there is one, the server otherwise; hand-over both ways
//! without a second write for the same thing and without anything forgotten.

use finesse_sim::AgentState::{NotReady, Ready, Talking};
use finesse_sim::{By, CallEvent, Deployment, Fault};
use lockstep_core::agent::Code;
use lockstep_e2e::{Desktop, Glance, Site, SiteConfig, on_both};

async fn site(deployment: Deployment) -> Site {
    Site::start(SiteConfig::new(deployment, 1).with_gadgets("auto")).await
}

/// Waits until the server has said so many times that it acts from now on.
async fn server_acts(site: &Site, times: usize) {
    let acts = "the server acts for this agent from now on";
    let said = |site: &Site| (site.lines(&[acts]).len() >= times).then_some(());
    site.wait_for("the server takes over", said).await;
}

/// A desktop that comes to an agent whom the server holds, and has taken that in.
async fn comes(site: &Site, number: u64) -> Desktop {
    let desktop = site.acting_desktop("agent1001", number).await;
    let knows = |seen: &Glance| seen.decided.contains(&Code::Restored);
    site.sees(&desktop, "recognises the hold", knows).await;
    desktop
}

#[tokio::test]
async fn the_gadget_releases_what_the_server_took_and_the_server_what_the_gadget_took() {
    on_both(|deployment| async move {
        let site = site(deployment).await;
        // Nobody's gadget is there: the server takes, by the reason that a supervisor may give.
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        assert!(!site.reason("agent1001").starts_with("Webex"), "{}", site.reason("agent1001"));
        let desktop = comes(&site, 1).await;
        site.presence("agent1001", "active");
        site.released("agent1001").await;
        // The gadget takes, by the rules' own reason, and is gone.
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        assert_eq!(site.reason("agent1001"), "Webex DND");
        drop(desktop);
        site.presence("agent1001", "active");
        server_acts(&site, 1).await;
        site.released("agent1001").await;
        let writes = ["server NOT_READY", "gadget READY", "gadget NOT_READY", "server READY"];
        assert_eq!(site.writes("agent1001"), writes);
        site.end().await;
    })
    .await;
}

/// It answers nothing any more, and its connection stays: presence clears meanwhile.
#[tokio::test]
async fn a_gadget_suspended_in_the_middle_of_a_hold_is_stood_in_for_and_acts_again_when_it_wakes() {
    on_both(|deployment| async move {
        let site = site(deployment).await;
        let desktop = site.acting_desktop("agent1001", 1).await;
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        desktop.suspend();
        site.presence("agent1001", "active");
        server_acts(&site, 1).await;
        site.released("agent1001").await;
        desktop.wake();
        site.says("it is handed back", &["the gadget acts for this agent from now on"]).await;
        site.sees(&desktop, "acts, and holds nobody", |seen| seen.acts && seen.held.is_none())
            .await;
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        assert_eq!(site.reason("agent1001"), "Webex DND");
        site.presence("agent1001", "active");
        site.released("agent1001").await;
        let writes = ["gadget NOT_READY", "server READY", "gadget NOT_READY", "gadget READY"];
        assert_eq!(site.writes("agent1001"), writes);
        site.end().await;
    })
    .await;
}

/// What it asked for is on its way through CTI when the gadget dies.
#[tokio::test]
async fn what_a_dead_gadget_had_asked_for_is_neither_asked_again_nor_forgotten() {
    on_both(|deployment| async move {
        let site = site(deployment).await;
        let desktop = site.acting_desktop("agent1001", 1).await;
        let slow = site.finesse.fault(Fault::SlowCti { delay_ms: 2_000 });
        site.presence("agent1001", "dnd");
        site.decides("agent1001", "taking").await;
        drop(desktop);
        site.reaches("agent1001", NotReady).await;
        assert!(site.finesse.end_fault(slow));
        server_acts(&site, 1).await;
        site.two_looks().await;
        assert_eq!(site.writes("agent1001"), ["gadget NOT_READY"]);
        site.presence("agent1001", "active");
        site.released("agent1001").await;
        assert_eq!(site.writes("agent1001"), ["gadget NOT_READY", "server READY"]);
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn lunch_is_respected_whoever_acts() {
    on_both(|deployment| async move {
        let site = site(deployment).await;
        let desktop = site.acting_desktop("agent1001", 1).await;
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        site.by_hand("agent1001", "NOT_READY", Some("Lunch"), By::Agent);
        site.sees(&desktop, "knows of no hold", |seen| seen.held.is_none()).await;
        drop(desktop);
        server_acts(&site, 1).await;
        for presence in ["active", "call", "active"] {
            site.presence("agent1001", presence);
            site.decides("agent1001", "left_not_ours").await;
        }
        site.two_looks().await;
        assert_eq!(site.reason("agent1001"), "Lunch");
        assert_eq!(site.writes("agent1001"), ["gadget NOT_READY"]);
        site.end().await;
    })
    .await;
}

// === a customer is on the line ===

fn on_call(site: &Site) {
    site.call("agent1001", CallEvent::Ring);
    site.call("agent1001", CallEvent::Answer);
    site.stands("agent1001", Talking);
}

/// DND comes during the call, the gadget asks for what follows it and dies; the server sees to the
/// rest.
#[tokio::test]
async fn the_server_finishes_a_call_that_the_gadget_began() {
    on_both(|deployment| async move {
        let site = site(deployment).await;
        let desktop = site.acting_desktop("agent1001", 1).await;
        on_call(&site);
        site.presence("agent1001", "dnd");
        let pends = |site: &Site| site.finesse.user("agent1001")?.pending_state.map(drop);
        site.wait_for("it pends", pends).await;
        drop(desktop);
        server_acts(&site, 1).await;
        site.two_looks().await;
        site.stands("agent1001", Talking);
        assert_eq!(site.writes("agent1001"), ["gadget NOT_READY"]);
        site.call("agent1001", CallEvent::End);
        site.taken("agent1001").await;
        assert_eq!(site.reason("agent1001"), "Webex DND");
        site.presence("agent1001", "active");
        site.released("agent1001").await;
        assert_eq!(site.writes("agent1001"), ["gadget NOT_READY", "server READY"]);
        site.end().await;
    })
    .await;
}

/// The same, and presence clears before the call ends: what pends cannot be taken back by a
/// supervisor, so that it comes and is released.
#[tokio::test]
async fn what_pends_of_a_dead_gadget_is_released_where_presence_cleared_during_the_call() {
    on_both(|deployment| async move {
        let site = site(deployment).await;
        let desktop = site.acting_desktop("agent1001", 1).await;
        on_call(&site);
        site.presence("agent1001", "dnd");
        let pends = |site: &Site| site.finesse.user("agent1001")?.pending_state.map(drop);
        site.wait_for("it pends", pends).await;
        drop(desktop);
        site.presence("agent1001", "active");
        server_acts(&site, 1).await;
        site.two_looks().await;
        site.call("agent1001", CallEvent::End);
        site.reaches("agent1001", Ready).await;
        site.quiet().await;
        site.stands("agent1001", Ready);
        assert_eq!(site.writes("agent1001"), ["gadget NOT_READY", "server READY"]);
        site.end().await;
    })
    .await;
}

/// The server waits for the call's end, which it may not pre-empt; the gadget comes and may.
#[tokio::test]
async fn the_gadget_finishes_a_call_that_the_server_began() {
    on_both(|deployment| async move {
        let site = site(deployment).await;
        on_call(&site);
        site.two_looks().await;
        site.presence("agent1001", "dnd");
        site.decides("agent1001", "waits_for_call").await;
        assert!(site.writes("agent1001").is_empty());
        let _desktop = site.acting_desktop("agent1001", 1).await;
        let pends = |site: &Site| site.finesse.user("agent1001")?.pending_state.map(drop);
        site.wait_for("it pends", pends).await;
        site.stands("agent1001", Talking);
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
