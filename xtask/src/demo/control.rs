//! The control APIs of both simulators and what the server tells of itself.

use anyhow::Context as _;
use http_body_util::BodyExt as _;
use hyper::{Method, Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

/// Who to ask and tell.
#[derive(Debug, Clone)]
pub(super) struct Control {
    webex: Peer,
    finesse: Peer,
    lockstep: Peer,
}

/// One of the three, by host and port.
#[derive(Debug, Clone)]
struct Peer(String);

impl Control {
    pub(super) fn new(webex: &str, finesse: &str, lockstep: &str) -> anyhow::Result<Self> {
        let peer = |url: &str| {
            let authority = url.strip_prefix("http://");
            authority.map(|at| Peer(at.to_owned())).with_context(|| format!("{url} is no http URL"))
        };
        Ok(Self { webex: peer(webex)?, finesse: peer(finesse)?, lockstep: peer(lockstep)? })
    }

    /// Addresses worth a look, with what is there.
    pub(super) fn places(&self) -> Vec<(&'static str, String)> {
        let (webex, finesse, lockstep) = (&self.webex.0, &self.finesse.0, &self.lockstep.0);
        vec![
            ("health", format!("http://{lockstep}/readyz")),
            ("metrics", format!("http://{lockstep}/metrics")),
            ("webex-sim", format!("http://{webex}/sim/people")),
            ("finesse-sim", format!("http://{finesse}/sim/users")),
        ]
    }

    // === looking ===

    /// Everybody as Webex has them.
    pub(super) async fn people(&self) -> anyhow::Result<Value> {
        self.webex.get("/sim/people").await
    }

    /// Everybody as Finesse has them.
    pub(super) async fn users(&self) -> anyhow::Result<Value> {
        self.finesse.get("/sim/users").await
    }

    /// What happened in Finesse after `seq`.
    pub(super) async fn events(&self, seq: u64) -> anyhow::Result<Value> {
        self.finesse.get(&format!("/sim/events?after={seq}")).await
    }

    /// How the server is; it says so when it is not ready, too.
    pub(super) async fn health(&self) -> anyhow::Result<Value> {
        let (_, body) = self.lockstep.ask(Method::GET, "/readyz", None).await?;
        Ok(body)
    }

    /// How often the states of a team were read.
    pub(super) async fn readings(&self) -> anyhow::Result<u64> {
        let log = self.finesse.get(&format!("/sim/log?after={}", u64::MAX)).await?;
        Ok(log["summary"]["byEndpoint"]["team"].as_u64().unwrap_or(0))
    }

    /// What either simulator was asked against its documents.
    pub(super) async fn violations(&self) -> anyhow::Result<Vec<String>> {
        let webex = self.webex.get(&format!("/sim/log?since={}", u64::MAX)).await?;
        let finesse = self.finesse.get(&format!("/sim/log?after={}", u64::MAX)).await?;
        let count = |value: &Value| value.as_u64().context("a simulator counts no violations");
        let (in_webex, in_finesse) =
            (count(&webex["counters"]["violations"])?, count(&finesse["summary"]["violations"])?);
        let told = sentences("webex-sim", in_webex, &webex["violations"]);
        let also = sentences("finesse-sim", in_finesse, &finesse["summary"]["violationSentences"]);
        Ok([told, also].concat())
    }

    // === acting ===

    /// `who` is a mail address.
    pub(super) async fn presence(&self, who: &str, presence: &Value) -> anyhow::Result<()> {
        let path = format!("/sim/people/{who}/presence");
        self.webex.tell(Method::PUT, &path, presence).await
    }

    pub(super) async fn state(&self, login_id: &str, order: &Value) -> anyhow::Result<()> {
        self.finesse.tell(Method::PUT, &format!("/sim/users/{login_id}/state"), order).await
    }

    pub(super) async fn call(&self, login_id: &str, order: &Value) -> anyhow::Result<()> {
        self.finesse.tell(Method::POST, &format!("/sim/users/{login_id}/call"), order).await
    }

    /// What happens to somebody's open desktop.
    pub(super) async fn desktop(&self, login_id: &str, act: &str) -> anyhow::Result<()> {
        let order = json!({ "act": act, "user": login_id });
        self.finesse.tell(Method::POST, "/sim/desktop", &order).await
    }

    /// Takes every fault back, in both simulators.
    pub(super) async fn clear_faults(&self) -> anyhow::Result<()> {
        self.webex.tell(Method::DELETE, "/sim/faults", &Value::Null).await?;
        self.finesse.tell(Method::DELETE, "/sim/faults", &Value::Null).await
    }

    /// Where desktops are signed in to.
    pub(super) fn desktops(&self) -> String {
        format!("http://{}/desktop/", self.finesse.0)
    }

    /// Kills the socket; the first attempt to come back is sent away for so many seconds.
    pub(super) async fn cut_feed(&self, seconds: u64) -> anyhow::Result<()> {
        let refuse = json!({
            "fault": "mercury_upgrade_status", "status": 503, "retry_after": seconds, "times": 1,
        });
        self.webex.tell(Method::POST, "/sim/faults", &refuse).await?;
        self.webex.tell(Method::POST, "/sim/faults", &json!({"fault": "mercury_drop"})).await
    }
}

impl Peer {
    async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let (status, body) = self.ask(Method::GET, path, None).await?;
        anyhow::ensure!(status.is_success(), "{}{path} answered {status}: {body}", self.0);
        Ok(body)
    }

    async fn tell(&self, method: Method, path: &str, body: &Value) -> anyhow::Result<()> {
        let (status, answer) = self.ask(method, path, Some(body)).await?;
        let words = answer["error"].as_str().or(answer["message"].as_str());
        anyhow::ensure!(status.is_success(), "{}", words.unwrap_or("the simulator refused"));
        Ok(())
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<(StatusCode, Value)> {
        let asked = self.exchange(method, path, body.map(Value::to_string).unwrap_or_default());
        asked.await.with_context(|| format!("failed to ask http://{}{path}", self.0))
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: String,
    ) -> anyhow::Result<(StatusCode, Value)> {
        let stream = TcpStream::connect(&self.0).await?;
        stream.set_nodelay(true)?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, &self.0)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::CONNECTION, "close")
            .body(body)?;
        let exchange = async {
            let response = sender.send_request(request).await?;
            let status = response.status();
            let bytes = response.into_body().collect().await?.to_bytes();
            Ok((status, serde_json::from_slice(&bytes).unwrap_or_default()))
        };
        tokio::pin!(exchange);
        tokio::select! {
            done = &mut exchange => done,
            // The answer may be read while the connection is over.
            _ = connection => exchange.await,
        }
    }
}

fn sentences(name: &str, count: u64, words: &Value) -> Vec<String> {
    let words = words.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut told: Vec<String> =
        words.iter().map(|word| format!("{name}: {}", word.as_str().unwrap_or("?"))).collect();
    if count > 0 && told.is_empty() {
        told.push(format!("{name}: {count} violations"));
    }
    told
}
