//! The official Socket.IO client, as we serve it, by every way that it knows: whatever a later gadget
//! or a proxy makes of its options, the server understands it.

use finesse_sim::Deployment;
use lockstep_browser::{Browser, gadget_site, public_url, until};
use lockstep_e2e::{PASSWORD, Signal, Site, SiteConfig};
use serde_json::{Value, json};

const AGENT: &str = "agent1001";

/// A session, the client from our own files, and what it tells.
const CONNECT: &str = r"
const [server, agent, own, transports] = arguments;
const told = (window.told = { heard: [], connects: 0, errors: [] });
(async () => {
  const loader = await (await fetch(`${server}/gadget/loader.js`)).text();
  const { io } = await import(`${server}/gadget/${loader.match(/assets\/socket\.io\.[0-9a-f]+\.js/)[0]}`);
  const session = await fetch(`${server}/api/session`, {
    method: 'POST',
    headers: { authorization: own, 'content-type': 'application/json' },
    body: JSON.stringify({ agent }),
  });
  window.token = (await session.json()).token;
  const auth = (give) => give({ token: window.token });
  const socket = io(`${server}/gadget`, { transports, auth, reconnectionDelay: 100, reconnectionDelayMax: 500 });
  window.socket = socket;
  socket.on('connect', () => { told.connects += 1; socket.emit('lockstep', { type: 'hello', version: 1 }); });
  socket.on('lockstep', (message) => told.heard.push(JSON.stringify(message)));
  socket.on('connect_error', (error) => told.errors.push(error.message));
})().catch((error) => told.errors.push(String(error)));
";

/// What is told, and by which way the client is connected now.
const TOLD: &str = "return { ...window.told, via: window.socket?.connected ? window.socket.io.engine.transport.name : '' };";

async fn sees(browser: &Browser, what: &str, right: impl Fn(&Value) -> bool) {
    until(what, async || {
        let told = browser.session.run(TOLD, &[]).await?;
        if right(&told) { Ok(()) } else { Err(told.to_string()) }
    })
    .await;
}

fn heard(told: &Value, word: &str) -> usize {
    let heard = told["heard"].as_array().into_iter().flatten().filter_map(Value::as_str);
    heard.filter(|message| message.contains(word)).count()
}

async fn connected(site: &Site, transports: &[&str]) -> Browser {
    let browser = Browser::start().await;
    // Any page of the desktops' origin.
    browser.open(&site.finesse.desktop_url()).await;
    let id = site.finesse.user(AGENT).expect("a user").login_id;
    let own = browser.run(&format!("return 'Basic ' + btoa('{id}:{PASSWORD}');")).await;
    let arguments = [json!(public_url(site)), json!(id), own, json!(transports)];
    browser.session.run(CONNECT, &arguments).await.expect("the script runs");
    browser
}

/// It is welcomed, hears what is wanted, comes back by itself, and is told when it is refused.
async fn lives(transports: &[&str], via: &str) {
    let mut site = gadget_site(SiteConfig::new(Deployment::Ucce, 1)).await;
    let browser = connected(&site, transports).await;
    sees(&browser, &format!("connected by {via}"), |told| {
        told["via"] == via && heard(told, "\"welcome\"") == 1 && heard(told, "\"grant\"") == 1
    })
    .await;
    site.presence(AGENT, "dnd");
    sees(&browser, "what is wanted", |told| heard(told, "Webex DND") > 0).await;

    browser.run("window.told.heard = [];").await;
    site.restart(Signal::Term).await;
    sees(&browser, &format!("connected again by {via}"), |told| {
        let welcomed = heard(told, "\"welcome\"") == 1 && heard(told, "Webex DND") > 0;
        told["via"] == via && told["connects"] == 2 && welcomed
    })
    .await;

    browser.run("window.told.errors = []; window.socket.disconnect();").await;
    browser.run("window.token = 'of-nobody'; window.socket.connect();").await;
    sees(&browser, "the refusal as we put it", |told| {
        let error = told["errors"][0].as_str().unwrap_or_default();
        let refusal: Value = serde_json::from_str(error).unwrap_or_default();
        refusal["code"] == "token"
            && refusal["message"].as_str().is_some_and(|text| !text.is_empty())
    })
    .await;
    drop(browser);
    site.end().await;
}

#[tokio::test]
async fn by_websocket_from_the_beginning() {
    lives(&["websocket"], "websocket").await;
}

/// The client's own default.
#[tokio::test]
async fn by_plain_requests_and_then_by_websocket() {
    lives(&["polling", "websocket"], "websocket").await;
}

#[tokio::test]
async fn by_plain_requests_only() {
    lives(&["polling"], "polling").await;
}
