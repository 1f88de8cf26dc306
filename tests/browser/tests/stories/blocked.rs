//! Something keeps the gadget out: the panel says so, and no state changes.

use finesse_sim::AgentState::Ready;
use finesse_sim::{Deployment, Fault};
use lockstep_browser::{
    AGENT, Browser, Desk, Panel, asked, at_desk, end, gadget_site, gadget_site_prepared, public_url,
};
use lockstep_e2e::{PASSWORD, Site, SiteConfig};

const CALM: &str = "This does not affect your calls.";

async fn site() -> Site {
    gadget_site(SiteConfig::new(Deployment::Ucce, 1)).await
}

/// The gadget's frame gets this policy, as a proxy may add it; `{us}` is our address.
fn policy(site: &Site, policy: &str) {
    let policy = policy.replace("{us}", &public_url(site));
    site.finesse.fault(Fault::ContentSecurityPolicy { policy });
}

/// Presence becomes busy, and nobody is moved.
async fn nobody_is_moved(site: &Site) {
    site.presence(AGENT, "dnd");
    site.two_looks().await;
    site.stands(AGENT, Ready);
    assert!(asked(site, AGENT).is_empty());
}

fn says(panel: &Panel, words: &[&str]) {
    for word in words.iter().chain(&[CALM]) {
        let told = [&panel.why, &panel.detail, &panel.page].iter().any(|text| text.contains(word));
        assert!(told, "{word:?} is not said: {panel:#?}");
    }
}

#[tokio::test]
async fn without_webassembly_the_panel_says_what_to_allow() {
    let site = site().await;
    policy(&site, "script-src 'self' 'unsafe-inline' {us}");
    let desk = at_desk(&site, AGENT).await;
    let panel = desk.face("blocked").await;
    says(&panel, &["This browser does not run Webex presence.", "'wasm-unsafe-eval'"]);
    nobody_is_moved(&site).await;
    end(site, desk).await;
}

#[tokio::test]
async fn a_server_that_may_not_be_asked_is_named_unreachable() {
    let site = site().await;
    policy(&site, "connect-src 'self' {us}/gadget/");
    let desk = at_desk(&site, AGENT).await;
    let panel = desk.face("blocked").await;
    says(&panel, &["The server cannot be reached; it is tried again.", "http.finesse_origins"]);
    nobody_is_moved(&site).await;
    end(site, desk).await;
}

#[tokio::test]
async fn a_socket_that_does_not_open_is_named() {
    let site = site().await;
    policy(&site, "connect-src 'self' {us}/gadget/ {us}/api/");
    let desk = at_desk(&site, AGENT).await;
    let panel = desk.face("blocked").await;
    says(
        &panel,
        &["The connection to the server does not open; it is tried again.", "/socket.io/"],
    );
    nobody_is_moved(&site).await;
    end(site, desk).await;
}

#[tokio::test]
async fn where_websockets_are_closed_plain_requests_do() {
    let site = site().await;
    policy(&site, "connect-src 'self' {us}");
    let desk = at_desk(&site, AGENT).await;
    desk.face("free").await;
    site.presence(AGENT, "dnd");
    desk.held("Webex DND").await;
    site.presence(AGENT, "active");
    desk.face("free").await;
    end(site, desk).await;
}

#[tokio::test]
async fn a_page_of_another_origin_is_told_which_origin_to_allow() {
    let mut site = gadget_site_prepared(SiteConfig::new(Deployment::Ucce, 1)).await;
    site.configure("http", "finesse_origins", vec!["http://127.0.0.1:1".to_owned()]);
    site.run();
    site.wait_ready().await;
    let desk = at_desk(&site, AGENT).await;
    let origin = site.finesse.base_url();
    let panel = desk.sees("what to allow", |panel| !panel.page.is_empty()).await;
    says(&panel, &["Webex presence cannot be loaded.", "http.finesse_origins", &origin]);
    nobody_is_moved(&site).await;
    end(site, desk).await;
}

#[tokio::test]
async fn a_panel_of_another_version_says_to_reload() {
    let site = site().await;
    let browser = Browser::start().await;
    // As if the page had been loaded before the server was updated.
    browser
        .before_every_page(
            "const send = WebSocket.prototype.send; WebSocket.prototype.send = function (frame) { \
             send.call(this, typeof frame === 'string' ? \
             frame.replace(/(\"type\":\"hello\".*\"version\":)1|(\"version\":)1(.*\"hello\")/, '$1$20$3') : frame); };",
        )
        .await;
    let desk = Desk::sign_in(browser, &site.finesse, AGENT, PASSWORD).await;
    let panel = desk.face("wrong-version").await;
    assert_eq!(panel.link, "Out of date");
    assert!(panel.why.contains("reload the desktop"), "{panel:#?}");
    says(&Panel { page: panel.why.replace("this does", "This does") + ".", ..panel }, &[]);
    nobody_is_moved(&site).await;
    end(site, desk).await;
}

#[tokio::test]
async fn somebody_who_is_not_watched_is_told_so() {
    let config = SiteConfig::new(Deployment::Ucce, 2).unset("agents", "teams").set(
        "agents",
        "users",
        vec![AGENT.to_owned()],
    );
    let mut site = gadget_site_prepared(config).await;
    site.run();
    // The other one is in Webex too, and nobody's business here.
    site.page("/readyz", "ready", |page| page.status == 200).await;
    let desk = at_desk(&site, "agent1002").await;
    let panel = desk.face("blocked").await;
    says(
        &panel,
        &["Your state is not kept in step with Webex: your administrator has not added you."],
    );
    end(site, desk).await;
}
