//! The agent asks to be left alone, by keyboard, and takes it back (law 10).

use finesse_sim::AgentState::{NotReady, Ready};
use finesse_sim::{By, Deployment};
use lockstep_browser::{AGENT, asked, end, free, key};
use lockstep_e2e::SiteConfig;

#[tokio::test]
async fn half_an_hour_is_asked_for_and_taken_back_by_keyboard() {
    let (site, desk) = free(SiteConfig::new(Deployment::Ucce, 1)).await;
    desk.browser.enter_frame(lockstep_browser::GADGET).await;
    desk.tab_to("ls-snooze").await;
    desk.type_key(key::ENTER).await;
    desk.has_focus("ls-half").await;
    desk.type_key(key::ESCAPE).await;
    desk.has_focus("ls-snooze").await;
    desk.type_key(key::ENTER).await;
    desk.has_focus("ls-half").await;
    desk.type_key(key::ENTER).await;
    desk.has_focus("ls-snooze").await;
    let panel = desk.face("snoozed").await;
    assert!(panel.why.starts_with("You are left alone until "), "{panel:#?}");
    assert_eq!(panel.snooze, "Undo snooze");
    site.presence(AGENT, "dnd");
    site.decides(AGENT, "left_snoozed").await;
    site.stands(AGENT, Ready);
    assert!(asked(&site, AGENT).is_empty());
    // Undone, what presence says counts at once.
    desk.type_key(key::ENTER).await;
    desk.held("Webex DND").await;
    site.stands(AGENT, NotReady);
    desk.tab_to("ls-more").await;
    desk.type_key(key::ENTER).await;
    desk.browser.shows(".ls-more", "Less", |text| text == "Less").await;
    desk.browser.shows(".ls-row", "a decision", |text| !text.is_empty()).await;
    desk.type_key(key::ESCAPE).await;
    desk.browser.shows(".ls-more", "More", |text| text == "More").await;
    desk.has_focus("ls-more").await;
    desk.browser.leave_frame().await;
    end(site, desk).await;
}

#[tokio::test]
async fn tab_goes_through_the_panel_in_the_order_in_which_it_is_read() {
    let (site, desk) = free(SiteConfig::new(Deployment::Ucce, 1)).await;
    desk.browser.enter_frame(lockstep_browser::GADGET).await;
    assert_eq!(desk.tab_order().await, ["ls-snooze", "ls-more"]);
    desk.tab_to("ls-more").await;
    desk.type_key(key::ENTER).await;
    desk.browser.shows(".ls-more", "Less", |text| text == "Less").await;
    assert_eq!(desk.tab_order().await, ["ls-snooze", "ls-more"]);
    desk.tab_to("ls-snooze").await;
    desk.type_key(key::ENTER).await;
    desk.has_focus("ls-half").await;
    assert_eq!(desk.tab_order().await, ["ls-half", "ls-change", "ls-signin", "ls-cancel"]);
    desk.browser.leave_frame().await;
    end(site, desk).await;
}

/// A screen reader hears of a change once: when it is done.
#[tokio::test]
async fn each_change_is_read_aloud_once() {
    let (site, desk) = free(SiteConfig::new(Deployment::Ucce, 1)).await;
    desk.browser.enter_frame(lockstep_browser::GADGET).await;
    let listen = "window.aloud = []; const hear = document.querySelector('.ls-hear'); \
                  new MutationObserver(() => window.aloud.push(hear.textContent)) \
                  .observe(hear, {childList: true, characterData: true, subtree: true});";
    desk.browser.run(listen).await;
    desk.browser.leave_frame().await;
    site.presence(AGENT, "dnd");
    desk.held("Webex DND").await;
    site.presence(AGENT, "active");
    desk.face("free").await;
    desk.browser.enter_frame(lockstep_browser::GADGET).await;
    let aloud = desk.browser.run("return window.aloud;").await;
    let aloud: Vec<&str> =
        aloud.as_array().into_iter().flatten().filter_map(|one| one.as_str()).collect();
    assert_eq!(aloud.len(), 2, "{aloud:#?}");
    assert!(aloud[0].starts_with("Not Ready, Webex DND. "), "{aloud:#?}");
    assert!(aloud[1].starts_with("Ready. "), "{aloud:#?}");
    desk.browser.leave_frame().await;
    end(site, desk).await;
}

#[tokio::test]
async fn until_presence_changes_ends_with_the_next_presence() {
    let (site, desk) = free(SiteConfig::new(Deployment::Ucce, 1)).await;
    site.presence(AGENT, "dnd");
    desk.held("Webex DND").await;
    desk.press(".ls-snooze").await;
    desk.press(".ls-change").await;
    desk.face("snoozed").await;
    site.by_hand(AGENT, "READY", None, By::Agent);
    desk.sees("READY and snoozed", |panel| panel.face == "snoozed" && panel.state == "Ready").await;
    assert_eq!(asked(&site, AGENT), ["NOT_READY"]);
    site.presence(AGENT, "call");
    desk.held("Webex Call").await;
    end(site, desk).await;
}

#[tokio::test]
async fn until_the_next_sign_in_outlives_presence_a_reload_and_the_server() {
    let (mut site, desk) = free(SiteConfig::new(Deployment::Ucce, 1)).await;
    desk.press(".ls-snooze").await;
    desk.press(".ls-signin").await;
    desk.face("snoozed").await;
    for presence in ["dnd", "active", "call"] {
        site.presence(AGENT, presence);
        site.decides(AGENT, "left_snoozed").await;
    }
    site.restart(lockstep_e2e::Signal::Term).await;
    site.says("the gadget is back", &["a gadget is connected"]).await;
    desk.browser.open(&format!("{}container", site.finesse.desktop_url())).await;
    desk.ready().await;
    desk.face("snoozed").await;
    assert!(asked(&site, AGENT).is_empty());
    site.by_hand(AGENT, "NOT_READY", Some("Lunch"), By::Agent);
    site.by_hand(AGENT, "LOGOUT", None, By::Agent);
    desk.face("signed-out").await;
    site.by_hand(AGENT, "LOGIN", None, By::Agent);
    desk.face("left-alone").await;
    site.by_hand(AGENT, "READY", None, By::Agent);
    site.presence(AGENT, "dnd");
    desk.held("Webex DND").await;
    end(site, desk).await;
}
