//! Something keeps the gadget out: the panel says so, and no state changes.

use finesse_sim::AgentState::Ready;
use finesse_sim::{Deployment, Fault};
use lockstep_browser::{
    AGENT, Browser, Desk, Panel, asked, at_desk, end, gadget_site, gadget_site_prepared, public_url,
};
use lockstep_e2e::{PASSWORD, Signal, Site, SiteConfig};

const CALM: &str = "This does not affect your calls.";

async fn site() -> Site {
    gadget_site(SiteConfig::new(Deployment::Ucce, 1)).await
}

/// The gadget's frame gets this policy, as a proxy may add it; `{us}` is our address.
fn policy(site: &Site, policy: &str) {
    let policy = policy.replace("{us}", &public_url(site));
    site.finesse.fault(Fault::ContentSecurityPolicy { policy });
}

/// A face without a fault.
fn nothing(faults: &[String]) {
    assert!(faults.is_empty(), "{}", faults.join("\n"));
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

/// The first socket does not open and all later ones do; every one is kept with what is sent on it.
const FIRST_SOCKET_FAILS: &str = r#"
const Socket = window.WebSocket;
window.sockets = [];
window.WebSocket = class extends Socket {
    constructor(address, ...rest) {
        if (!window.sockets.length) address = "ws://127.0.0.1:1/";
        super(address, ...rest);
        window.sockets.push({address, sent: []});
        this.number = window.sockets.length - 1;
    }
    send(frame) {
        window.sockets[this.number].sent.push(String(frame));
        super.send(frame);
    }
};
"#;

/// Within a connection the official client stays with what has opened; the next begins anew.
#[tokio::test]
async fn plain_requests_give_way_to_a_websocket_at_the_next_connection() {
    let mut site = site().await;
    let browser = Browser::start().await;
    browser.before_every_page(FIRST_SOCKET_FAILS).await;
    let desk = Desk::sign_in(browser, &site.finesse, AGENT, PASSWORD).await;
    desk.face("free").await;
    desk.browser.enter_frame(lockstep_browser::GADGET).await;
    let sockets = desk.browser.run("return window.sockets.length;").await;
    assert_eq!(sockets, 1, "live by plain requests alone");
    site.restart(Signal::Term).await;
    lockstep_browser::until("the gadget says hello over a WebSocket", async || {
        let sockets = desk.browser.session.run("return window.sockets;", &[]).await?;
        let hello = |sent: &serde_json::Value| sent.as_str().unwrap_or("").contains("\"hello\"");
        let mut later = sockets.as_array().into_iter().flatten().skip(1);
        let told = later.any(|one| one["sent"].as_array().is_some_and(|all| all.iter().any(hello)));
        if told { Ok(()) } else { Err(sockets.to_string()) }
    })
    .await;
    desk.browser.leave_frame().await;
    desk.live().await;
    site.presence(AGENT, "dnd");
    desk.held("Webex DND").await;
    site.presence(AGENT, "active");
    desk.face("free").await;
    assert_eq!(asked(&site, AGENT), ["NOT_READY", "READY"]);
    end(site, desk).await;
}

/// The desktop's authorization is not that of the agent for whom a session is asked.
const FOR_ANOTHER: &str = r#"
const ask = window.fetch;
window.fetch = (address, how) => ask(address, String(address).endsWith("/api/session")
    ? {...how, body: JSON.stringify({...JSON.parse(how.body), agent: "1001002"})} : how);
"#;

#[tokio::test]
async fn a_desktop_of_somebody_else_is_told_to_sign_in_again() {
    let site = gadget_site(SiteConfig::new(Deployment::Ucce, 2)).await;
    let browser = Browser::start().await;
    browser.before_every_page(FOR_ANOTHER).await;
    let desk = Desk::sign_in(browser, &site.finesse, AGENT, PASSWORD).await;
    let panel = desk.face("blocked").await;
    says(&panel, &["This desktop is signed in as somebody else. Sign out and in again."]);
    nothing(&desk.portrait("somebody-else").await);
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
    let panel = desk.sees("that it is not loaded", |panel| !panel.page.is_empty()).await;
    says(&panel, &["Webex presence cannot be loaded."]);
    nothing(&desk.portrait("wrong-origin").await);
    desk.press("summary").await;
    let panel = desk.sees("what to allow", |panel| panel.page.contains("administrator")).await;
    says(&panel, &["http.finesse_origins", &origin]);
    nothing(&desk.portrait("wrong-origin-more").await);
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
    nothing(&desk.portrait("wrong-version").await);
    says(&panel, &["version 0, the server has 1"]);
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
    nothing(&desk.portrait("not-watched").await);
    end(site, desk).await;
}
