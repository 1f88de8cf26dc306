//! What a gadget proves itself with is shown nowhere, however much is logged and whatever goes wrong.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use finesse_sim::{Deployment, Endpoint, Fault, Phase, Scope, Unauthorized};
use futures_util::{SinkExt as _, StreamExt as _};
use lockstep_e2e::{ORIGIN, PASSWORD, PATIENCE, Site, SiteConfig};
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

/// A wrong password that no sentence has by chance.
const WRONG: &str = "Wr0ng-of-an-agent";
const BEARER: &str = "eyJhbGciOiJSUzI1NiJ9.Q29udGVudHM.c2lnbmF0dXJl";
const HELLO: &str = "42/gadget,[\"lockstep\",{\"type\":\"hello\",\"version\":1}]";

/// A desktop, and everything that it was answered but the tokens it was given.
struct Desktop<'a> {
    site: &'a Site,
    http: reqwest::Client,
    base: String,
    heard: Vec<String>,
    secrets: Vec<String>,
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

impl<'a> Desktop<'a> {
    fn new(site: &'a Site) -> Self {
        let base = site.listens_on().expect("it listens");
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let secrets = [PASSWORD, WRONG, BEARER].map(str::to_owned).to_vec();
        Self { site, http, base, heard: Vec::new(), secrets }
    }

    fn is_secret(&mut self, text: &str) {
        self.secrets.push(text.to_owned());
    }

    async fn ask(&mut self, request: reqwest::RequestBuilder) -> (u16, String) {
        let request = request.header("origin", ORIGIN).timeout(PATIENCE);
        let answer = request.send().await.expect("an answer");
        let (status, headers) = (answer.status().as_u16(), format!("{:?}", answer.headers()));
        let body = answer.text().await.expect("a body");
        self.heard.push(headers);
        (status, body)
    }

    /// Asks for a session; the token where it was given.
    async fn session(&mut self, agent: &str, own: &str, query: &str) -> Result<String, u16> {
        self.is_secret(own.split_once(' ').expect("a scheme").1);
        let url = format!("http://{}/api/session{query}", self.base);
        let request = self.http.post(url).header("authorization", own);
        let body = json!({ "agent": agent }).to_string();
        let request = request.header("content-type", "application/json").body(body);
        let (status, body) = self.ask(request).await;
        if status != 200 {
            self.heard.push(body);
            return Err(status);
        }
        let mut reply: Value = serde_json::from_str(&body).expect("JSON");
        let token = reply["token"].take().as_str().expect("a token").to_owned();
        self.is_secret(&token);
        self.is_secret(token.rsplit('.').next().expect("a signature"));
        self.heard.push(reply.to_string());
        Ok(token)
    }

    /// Opens a `WebSocket`, says these texts and listens until it is told this, or closed.
    async fn socket(&mut self, query: &str, says: &[&str], until: &str) {
        let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket{query}", self.base);
        let mut request = url.into_client_request().expect("a request");
        request.headers_mut().insert("origin", ORIGIN.parse().expect("a value"));
        let own = basic("agent1001", PASSWORD).parse().expect("a value");
        request.headers_mut().insert("authorization", own);
        let (mut socket, _) = connect_async(request).await.expect("upgraded");
        for text in says {
            socket.send(Message::text((*text).to_owned())).await.expect("it is open");
        }
        let heard = timeout(PATIENCE, async {
            while let Some(Ok(frame)) = socket.next().await {
                let text = frame.to_string();
                self.heard.push(text.clone());
                if text.contains(until) {
                    break;
                }
                if text == "2" {
                    let _ = socket.send(Message::text("3")).await;
                }
            }
        });
        heard.await.unwrap_or_else(|_| panic!("never told {until:?}"));
    }

    /// Opens a session by plain requests, posts this and reads what is answered.
    async fn plain(&mut self, query: &str, says: &str) {
        let url = format!("http://{}/socket.io/?EIO=4&transport=polling{query}", self.base);
        let (status, open) = self.ask(self.http.get(&url)).await;
        assert_eq!(status, 200, "{open}");
        let sid = open.split('"').nth(3).expect("an id");
        let url = format!("{url}&sid={sid}");
        let own = basic("agent1001", PASSWORD);
        let posted = self.http.post(&url).header("authorization", own).body(says.to_owned());
        let (_, told) = self.ask(posted).await;
        self.heard.push(told);
        let (_, told) = self.ask(self.http.get(&url)).await;
        self.heard.push(told);
    }

    /// The next question about an agent meets this.
    fn fault(&self, fault: Fault) {
        let scope = Scope {
            endpoint: Some(Endpoint::User),
            times: Some(1),
            method: Some("GET".to_owned()),
            ..Scope::default()
        };
        self.site.finesse.fault_in(fault, scope);
    }

    /// Nothing of it was answered, logged, served or kept.
    async fn check(mut self) {
        for path in ["/metrics", "/readyz", "/healthz"] {
            self.heard.push(self.site.get(path).await.body);
        }
        let kept = self.site.folder.state_files().into_iter().map(|(_, text)| text);
        self.heard.extend(kept);
        for secret in &self.secrets {
            let logged = self.site.lines(&[secret]);
            assert!(logged.is_empty(), "logged: {logged:#?}");
            let answered = self.heard.iter().find(|text| text.contains(secret.as_str()));
            assert_eq!(answered, None, "a secret was answered or kept");
        }
    }
}

/// As Finesse may answer, and worse: it repeats what it was shown.
fn faults(own: &str) -> Vec<Fault> {
    let echo = |status| Fault::Status {
        status,
        error_type: Some(format!("Bad {own}")),
        error_data: Some(own.to_owned()),
        error_message: Some(format!("Authorization: {own} is not welcome")),
        phase: Phase::Before,
    };
    vec![
        echo(400),
        echo(401),
        echo(500),
        Fault::Unauthorized { kind: Unauthorized::Html },
        Fault::MalformedXml,
        Fault::ResetConnection { phase: Phase::Before },
    ]
}

async fn gadget_site() -> Site {
    let mut config = SiteConfig::new(Deployment::Uccx, 16).with_gadgets("gadget");
    "trace".clone_into(&mut config.filter);
    Site::start(config).await
}

#[tokio::test]
async fn no_authorization_and_no_token_of_a_gadget_is_shown_however_much_is_logged() {
    let site = gadget_site().await;
    let mut desktop = Desktop::new(&site);
    let id = |agent: &str| site.finesse.user(agent).expect("a user").login_id;
    let own = basic("agent1001", PASSWORD);
    let token = desktop.session(&id("agent1001"), &own, "").await.expect("a session");
    let enter = format!("40/gadget,{{\"token\":\"{token}\"}}");
    desktop.socket("", &[&enter, HELLO], "\"welcome\"").await;
    desktop.socket("", &[&enter, HELLO, "42/gadget,[\"lockstep\",{]"], "no such word").await;
    let bad = format!("42/gadget,[\"lockstep\",{{\"type\":\"report\",\"x\":\"{token}\"}}]");
    desktop.socket("", &[&enter, HELLO, &bad], "41/gadget").await;
    desktop.plain("", &format!("{enter}\u{1e}{HELLO}\u{1e}{bad}")).await;

    // Forged, in the query, in the root namespace, and as text of an event that nobody takes.
    let forged = format!("{}x", &token[..token.len() - 4]);
    desktop.is_secret(&forged);
    desktop.socket("", &[&format!("40/gadget,{{\"token\":\"{forged}\"}}")], "44/gadget").await;
    desktop.plain("", &format!("40/gadget,{{\"token\":\"{forged}\"}}")).await;
    desktop.socket(&format!("&token={token}"), &["40/gadget,{}"], "44/gadget").await;
    desktop.socket("", &[&format!("40{{\"token\":\"{token}\"}}"), "40/gadget,"], "44/gadget").await;
    desktop.plain(&format!("&token={token}"), &format!("42[\"x\",\"{token}\"]")).await;
    let query = format!("?access_token={BEARER}&token={token}");
    for path in ["/healthz", "/readyz", "/metrics", "/socket.io/", "/nothing"] {
        let url = format!("http://{}{path}{query}", desktop.base);
        let (_, told) = desktop.ask(desktop.http.get(url)).await;
        desktop.heard.push(told);
    }

    // Wrong passwords, a body that is none, and a Finesse that fails or repeats what it is shown.
    let wrong = basic("agent1002", WRONG);
    for _ in 0..3 {
        assert_eq!(desktop.session(&id("agent1002"), &wrong, &query).await, Err(401));
    }
    assert_eq!(desktop.session(&id("agent1003"), &own, &query).await, Err(403));
    let url = format!("http://{}/api/session{query}", desktop.base);
    for body in [format!("{{\"agent\":{token}"), token.clone(), PASSWORD.to_owned()] {
        let request = desktop.http.post(&url).header("authorization", &own).body(body);
        let (status, told) = desktop.ask(request).await;
        assert_eq!(status, 400);
        desktop.heard.push(told);
    }
    let mut agents = (1004..).map(|number| format!("agent{number}"));
    for scheme in ["Basic", "Bearer"] {
        for number in 0..faults("").len() {
            let agent = agents.next().expect("an agent");
            let own = match scheme {
                "Basic" => basic(&agent, PASSWORD),
                _ => format!("Bearer {BEARER}"),
            };
            desktop.fault(faults(&own).swap_remove(number));
            let refused = desktop.session(&id(&agent), &own, "").await;
            assert!(refused.is_err(), "{scheme}, fault {number}");
        }
    }
    site.says("the refusals were logged", &["a gadget was refused", "DEBUG"]).await;
    desktop.check().await;
    site.end().await;
}

/// The link goes on without Finesse; a session waits for it.
#[tokio::test]
async fn with_finesse_down_nothing_is_shown_either() {
    let site = gadget_site().await;
    let mut desktop = Desktop::new(&site);
    let id = site.finesse.user("agent1001").expect("a user").login_id;
    let own = basic("agent1001", PASSWORD);
    let token = desktop.session(&id, &own, "").await.expect("a session");
    site.finesse.fault(Fault::RefuseConnections);
    let enter = format!("40/gadget,{{\"token\":\"{token}\"}}");
    desktop.socket("", &[&enter, HELLO], "\"welcome\"").await;
    let asked = timeout(Duration::from_mins(1), desktop.session(&id, &own, "")).await;
    assert_eq!(asked.expect("an answer in time"), Err(503));
    desktop.check().await;
    site.end().await;
}
