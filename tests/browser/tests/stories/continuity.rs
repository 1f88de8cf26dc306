//! What goes away and comes back in the middle of a hold: the page, the server, the feed (laws 2, 9).

use finesse_sim::AgentState::{NotReady, Ready};
use finesse_sim::{Act, Deployment};
use lockstep_browser::{AGENT, Desk, asked, end, free};
use lockstep_e2e::{Signal, Site, SiteConfig, on_both};
use webex_sim::Fault;

async fn held(config: SiteConfig) -> (Site, Desk) {
    let (site, desk) = free(config).await;
    site.presence(AGENT, "dnd");
    desk.held("Webex DND").await;
    (site, desk)
}

/// The hold is as it was, nothing more was asked, and presence ends it.
async fn kept_then_released(site: &Site, desk: &Desk) {
    desk.held("Webex DND").await;
    site.stands(AGENT, NotReady);
    assert_eq!(asked(site, AGENT), ["NOT_READY"]);
    site.presence(AGENT, "active");
    desk.face("free").await;
    site.stands(AGENT, Ready);
    assert_eq!(asked(site, AGENT), ["NOT_READY", "READY"]);
}

/// The page is loaded anew, and its gadget is there again.
async fn reload(site: &Site, desk: &Desk) {
    desk.browser.run("window.before = true;").await;
    site.finesse.desktop(Act::Reload, Some(AGENT)).expect("a user");
    lockstep_browser::until("another page is there", async || {
        let before = desk.browser.session.run("return window.before === true;", &[]).await?;
        if before == false { Ok(()) } else { Err("the page of before".to_owned()) }
    })
    .await;
    desk.ready().await;
    desk.live().await;
}

#[tokio::test]
async fn a_hold_survives_a_reload_and_is_released_by_presence() {
    on_both(|deployment| async move {
        let (site, desk) = held(SiteConfig::new(deployment, 1)).await;
        reload(&site, &desk).await;
        kept_then_released(&site, &desk).await;
        end(site, desk).await;
    })
    .await;
}

#[tokio::test]
async fn presence_that_changed_during_the_reload_is_followed_after_it() {
    let (site, desk) = held(SiteConfig::new(Deployment::Ucce, 1)).await;
    desk.browser.open("about:blank").await;
    site.presence(AGENT, "active");
    site.stands(AGENT, NotReady);
    desk.browser.open(&format!("{}container", site.finesse.desktop_url())).await;
    desk.ready().await;
    desk.face("free").await;
    site.stands(AGENT, Ready);
    assert_eq!(asked(&site, AGENT), ["NOT_READY", "READY"]);
    end(site, desk).await;
}

async fn restarted(signal: Signal) {
    let (mut site, desk) = held(SiteConfig::new(Deployment::Ucce, 1)).await;
    site.restart(signal).await;
    site.says("the gadget is back", &["a gadget is connected"]).await;
    desk.live().await;
    kept_then_released(&site, &desk).await;
    end(site, desk).await;
}

#[tokio::test]
async fn a_hold_survives_a_server_that_is_stopped_and_started() {
    restarted(Signal::Term).await;
}

#[tokio::test]
async fn a_hold_survives_a_server_that_is_killed_and_started() {
    restarted(Signal::Kill).await;
}

#[tokio::test]
async fn without_the_server_nobody_is_moved_and_the_panel_says_so() {
    let (mut site, desk) = held(SiteConfig::new(Deployment::Ucce, 1)).await;
    site.stop_by(Signal::Term).await;
    let panel = desk.face("reconnecting").await;
    assert_eq!(panel.link, "Reconnecting");
    assert!(panel.why.ends_with("Your state stays as it is. This does not affect your calls."));
    site.presence(AGENT, "active");
    site.stands(AGENT, NotReady);
    site.run();
    site.wait_ready().await;
    desk.face("free").await;
    site.stands(AGENT, Ready);
    end(site, desk).await;
}

#[tokio::test]
async fn a_lost_feed_is_shown_as_stale_and_moves_nobody() {
    let config = SiteConfig::new(Deployment::Ucce, 1);
    let (site, desk) = held(config).await;
    site.webex_fault(Fault::BlackHole { endpoint: None });
    site.webex.drop_connections();
    let panel = desk.face("stale").await;
    assert_eq!((panel.state.as_str(), panel.reason.as_str()), ("Not Ready", "Webex DND"));
    assert!(panel.link.starts_with("Webex last known"), "{panel:#?}");
    assert!(panel.why.contains("Your Webex presence is not known since"));
    site.stands(AGENT, NotReady);
    assert_eq!(asked(&site, AGENT), ["NOT_READY"]);
    site.webex.clear_faults();
    kept_then_released(&site, &desk).await;
    end(site, desk).await;
}

#[tokio::test]
async fn a_token_that_is_good_no_longer_is_replaced_without_a_word() {
    let (mut site, desk) = held(SiteConfig::new(Deployment::Ucce, 1)).await;
    site.stop_by(Signal::Term).await;
    let key = site.folder.path().join("state/gadget-key");
    std::fs::remove_file(&key).expect("the key of the tokens");
    site.run();
    site.wait_ready().await;
    site.says("the old token is refused", &["a gadget was refused", "\"token\""]).await;
    site.says("a new one is given", &["finesse confirmed whose desktop it is"]).await;
    desk.live().await;
    kept_then_released(&site, &desk).await;
    end(site, desk).await;
}
