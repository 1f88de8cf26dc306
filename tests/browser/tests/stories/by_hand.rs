//! What people and the platform chose by hand survives (laws 1 and 10).

use finesse_sim::AgentState::{self, NotReady, Ready};
use finesse_sim::{By, CallEvent, Deployment};
use lockstep_browser::{AGENT, Desk, asked, at_desk, end, free, gadget_site};
use lockstep_e2e::{Site, SiteConfig, on_both};

/// Presence becomes busy and free again, and nothing was asked of Finesse.
async fn left_alone(site: &Site, desk: &Desk, reason: &str) {
    desk.sees("what was chosen", |panel| panel.face == "left-alone" && panel.reason == reason)
        .await;
    let before = asked(site, AGENT).len();
    site.presence(AGENT, "dnd");
    site.decides(AGENT, "left_not_ours").await;
    desk.sees("left alone", |panel| panel.face == "left-alone" && panel.why.starts_with("Do not"))
        .await;
    site.presence(AGENT, "active");
    site.decides(AGENT, "left_not_ours").await;
    let panel = desk
        .sees("left alone", |panel| panel.face == "left-alone" && panel.why.starts_with("Free in"))
        .await;
    assert_eq!(panel.reason, reason);
    assert!(panel.why.ends_with("This Not Ready was chosen, so it stays until you change it."));
    assert_eq!(asked(site, AGENT).len(), before, "somebody else's choice was touched");
    site.stands(AGENT, NotReady);
}

#[tokio::test]
async fn lunch_rona_and_a_supervisors_choice_survive_presence() {
    on_both(|deployment| async move {
        let (site, desk) = free(SiteConfig::new(deployment, 1)).await;
        site.by_hand(AGENT, "NOT_READY", Some("Lunch"), By::Agent);
        left_alone(&site, &desk, "Lunch").await;
        site.by_hand(AGENT, "READY", None, By::Agent);
        desk.face("free").await;
        site.by_hand(AGENT, "NOT_READY", None, By::Supervisor);
        let stamp = site.reason(AGENT);
        left_alone(&site, &desk, &stamp).await;
        site.by_hand(AGENT, "READY", None, By::Supervisor);
        desk.face("free").await;
        site.call(AGENT, CallEvent::Ring);
        site.call(AGENT, CallEvent::Rona);
        let rona = site.reason(AGENT);
        left_alone(&site, &desk, &rona).await;
        end(site, desk).await;
    })
    .await;
}

#[tokio::test]
async fn a_logon_is_not_ready_by_nobodys_wish_and_stays() {
    on_both(|deployment| async move {
        let mut config = SiteConfig::new(deployment, 1);
        config.finesse.users = finesse_sim::usual_users(1, 1, AgentState::Logout);
        let site = gadget_site(config).await;
        let desk = at_desk(&site, AGENT).await;
        desk.face("left-alone").await;
        let logon = site.reason(AGENT);
        left_alone(&site, &desk, &logon).await;
        end(site, desk).await;
    })
    .await;
}

#[tokio::test]
async fn lunch_over_a_hold_and_a_ready_against_it_win() {
    let (site, desk) = free(SiteConfig::new(Deployment::Ucce, 1)).await;
    site.presence(AGENT, "dnd");
    desk.held("Webex DND").await;
    site.by_hand(AGENT, "NOT_READY", Some("Lunch"), By::Agent);
    site.decides(AGENT, "hold_lost").await;
    site.presence(AGENT, "active");
    site.decides(AGENT, "left_not_ours").await;
    assert_eq!(asked(&site, AGENT), ["NOT_READY"], "lunch is not ours to end");
    site.by_hand(AGENT, "READY", None, By::Agent);
    desk.face("free").await;
    site.presence(AGENT, "dnd");
    desk.held("Webex DND").await;
    site.by_hand(AGENT, "READY", None, By::Agent);
    let chosen = "You chose Ready, so you are left alone until that changes.";
    desk.sees("left alone in Ready", |panel| panel.why.ends_with(chosen)).await;
    site.presence(AGENT, "call");
    desk.held("Webex Call").await;
    site.presence(AGENT, "active");
    desk.face("free").await;
    site.stands(AGENT, Ready);
    end(site, desk).await;
}
