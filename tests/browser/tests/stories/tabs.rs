//! Two desktops of one agent: one acts, the other shows.

use finesse_sim::AgentState::{NotReady, Ready};
use finesse_sim::Deployment;
use lockstep_browser::{AGENT, asked, end, free};
use lockstep_e2e::{PASSWORD, SiteConfig};

#[tokio::test]
async fn of_two_tabs_one_acts_and_the_other_shows_until_the_writer_is_closed() {
    let (site, desk) = free(SiteConfig::new(Deployment::Ucce, 1)).await;
    let session = desk.browser.session.clone();
    let first = session.window().await.expect("a window");
    let second = session.new_window("tab").await.expect("another");
    session.switch(&second).await.expect("it is there");
    desk.open(&site.finesse, AGENT, PASSWORD).await;
    desk.face("free").await;
    site.presence(AGENT, "dnd");
    desk.held("Webex DND").await;
    session.switch(&first).await.expect("it is there");
    let shown = desk.held("Webex DND").await;
    assert!(shown.why.ends_with("You were Ready and will be Ready again when it ends."));
    site.presence(AGENT, "call");
    desk.held("Webex Call").await;
    assert_eq!(asked(&site, AGENT), ["NOT_READY", "NOT_READY"], "each was asked once");
    // The newest acts; its tab is closed.
    session.switch(&second).await.expect("it is there");
    session.close_window().await.expect("it closes");
    session.switch(&first).await.expect("it is there");
    desk.held("Webex Call").await;
    site.stands(AGENT, NotReady);
    site.presence(AGENT, "active");
    desk.face("free").await;
    site.stands(AGENT, Ready);
    assert_eq!(asked(&site, AGENT), ["NOT_READY", "NOT_READY", "READY"]);
    end(site, desk).await;
}

#[tokio::test]
async fn a_snooze_from_the_tab_that_shows_reaches_the_one_that_acts() {
    let (site, desk) = free(SiteConfig::new(Deployment::Ucce, 1)).await;
    let session = desk.browser.session.clone();
    let first = session.window().await.expect("a window");
    let second = session.new_window("tab").await.expect("another");
    session.switch(&second).await.expect("it is there");
    desk.open(&site.finesse, AGENT, PASSWORD).await;
    desk.face("free").await;
    session.switch(&first).await.expect("it is there");
    desk.sees("the offer of a snooze", |panel| panel.snooze == "Snooze").await;
    desk.press(".ls-snooze").await;
    desk.press(".ls-signin").await;
    desk.face("snoozed").await;
    session.switch(&second).await.expect("it is there");
    desk.face("snoozed").await;
    site.presence(AGENT, "dnd");
    site.decides(AGENT, "left_snoozed").await;
    site.stands(AGENT, Ready);
    assert!(asked(&site, AGENT).is_empty());
    end(site, desk).await;
}
