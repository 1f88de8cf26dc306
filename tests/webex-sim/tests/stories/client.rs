//! What the stories use: a client that does what the wire notes say, one step at a time.

use std::future::Future;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};
use uuid::Uuid;
use webex_sim::{Config, WebexSim};

/// Far more than anything here takes; reached only when something never comes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// The query of the vendor's SDK.
pub(crate) const SDK_QUERY: &str =
    "outboundWireFormat=text&bufferStates=true&aliasHttpStatus=true&clientTimestamp=1745113393302";

/// A simulator and somebody who talks to it.
pub(crate) struct World {
    pub(crate) sim: WebexSim,
    http: reqwest::Client,
}

/// A registered device.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    pub(crate) url: String,
    pub(crate) socket: String,
    pub(crate) etag: String,
    pub(crate) body: Value,
}

/// An open socket.
pub(crate) struct Mercury {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub(crate) acknowledges: bool,
}

/// Waits, but not for ever.
pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    let result = tokio::time::timeout(PATIENCE, future).await;
    result.unwrap_or_else(|_| panic!("{what}: not within {PATIENCE:?}"))
}

// === impl World ===

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(Config::default()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let sim = WebexSim::start(config).await.unwrap();
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        Self { sim, http }
    }

    pub(crate) fn id(&self, agent: usize) -> Uuid {
        self.sim.person(&address(agent)).unwrap().id
    }

    /// A request without a token.
    pub(crate) fn bare(&self, method: &str, path: &str) -> RequestBuilder {
        let method: Method = method.parse().unwrap();
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.sim.base_url())
        };
        self.http.request(method, url)
    }

    /// A request with the bot's token.
    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        self.bare(method, path).bearer_auth(self.sim.token())
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let response = self.request("GET", path).send().await.unwrap();
        assert_eq!(response.status(), 200, "GET {path}");
        response.json().await.unwrap()
    }

    pub(crate) async fn register(&self) -> Response {
        let body = json!({
            "name": "lockstep", "deviceType": "DESKTOP", "model": "lockstep",
            "localizedModel": "lockstep", "systemName": "lockstep", "systemVersion": "1",
        });
        let path = "/wdm/api/v1/devices?includeUpstreamServices=all";
        self.request("POST", path).json(&body).send().await.unwrap()
    }

    pub(crate) async fn device(&self) -> Device {
        let response = self.register().await;
        assert_eq!(response.status(), 200);
        let etag = response.headers()["etag"].to_str().unwrap().to_owned();
        let body: Value = response.json().await.unwrap();
        let text = |key: &str| body[key].as_str().unwrap().to_owned();
        Device { url: text("url"), socket: text("webSocketUrl"), etag, body: body.clone() }
    }

    /// A socket that has proved itself and heard that it is ready.
    pub(crate) async fn mercury(&self, device: &Device) -> Mercury {
        let mut mercury = self.socket(device, SDK_QUERY).await;
        mercury.authorize(&self.sim.token()).await;
        let ready = mercury.json().await;
        assert_eq!(ready["data"]["eventType"], "mercury.buffer_state");
        mercury
    }

    pub(crate) async fn socket(&self, device: &Device, query: &str) -> Mercury {
        Mercury::open(&format!("{}?{query}", device.socket), None).await.unwrap()
    }

    pub(crate) async fn subscribe(&self, device: &Device, subjects: &[Uuid], ttl: u64) -> Value {
        let body = json!({ "subjects": subjects, "subscriptionTtl": ttl, "includeStatus": true });
        let path = "/apheleia/api/v1/subscriptions";
        let request = self.request("POST", path).header("Cisco-Device-Url", &device.url);
        let response = request.json(&body).send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.json().await.unwrap()
    }

    /// A device, a socket and a subscription for these agents.
    pub(crate) async fn watching(&self, agents: &[usize]) -> (Device, Mercury) {
        let device = self.device().await;
        let mercury = self.mercury(&device).await;
        let subjects: Vec<Uuid> = agents.iter().map(|agent| self.id(*agent)).collect();
        self.subscribe(&device, &subjects, 600).await;
        (device, mercury)
    }

    pub(crate) fn set(&self, agent: usize, status: &str) {
        self.sim.set_presence(&address(agent), status).unwrap();
    }

    pub(crate) async fn until(&self, what: &str, holds: impl Fn(&WebexSim) -> bool) {
        if let Err(never) = self.sim.wait_for(what, PATIENCE, holds).await {
            panic!("{never}");
        }
    }

    pub(crate) fn nobody_erred(&self) {
        assert_eq!(self.sim.violations(), Vec::<String>::new());
    }
}

pub(crate) fn address(agent: usize) -> String {
    format!("agent{agent}@example.com")
}

// === impl Mercury ===

impl Mercury {
    pub(crate) async fn open(url: &str, authorization: Option<&str>) -> Result<Self, Error> {
        let mut request = url.into_client_request()?;
        if let Some(value) = authorization {
            request.headers_mut().insert("authorization", value.parse().unwrap());
        }
        let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
        let opened = connect_async_with_config(request, Some(config), true);
        let (stream, _) = within("a socket", opened).await?;
        Ok(Self { stream, acknowledges: true })
    }

    pub(crate) async fn say(&mut self, message: &Value) {
        self.stream.send(Message::text(message.to_string())).await.unwrap();
    }

    pub(crate) async fn say_text(&mut self, text: &str) {
        self.stream.send(Message::text(text)).await.unwrap();
    }

    pub(crate) async fn authorize(&mut self, token: &str) {
        self.say(&json!({
            "id": Uuid::nil(), "type": "authorization",
            "data": { "token": format!("Bearer {token}") }, "trackingId": "story_1",
        }))
        .await;
    }

    /// The next frame but WebSocket pings and pongs.
    pub(crate) async fn frame(&mut self) -> Message {
        loop {
            match within("a frame", self.stream.next()).await.unwrap().unwrap() {
                Message::Ping(_) | Message::Pong(_) => {}
                frame => return frame,
            }
        }
    }

    /// The next JSON, acknowledged as the vendor's SDK does: everything that has an id.
    pub(crate) async fn json(&mut self) -> Value {
        let frame = self.frame().await;
        assert!(matches!(frame, Message::Text(_) | Message::Binary(_)), "{frame:?}");
        let value: Value = serde_json::from_slice(&frame.into_data()).unwrap();
        if let Some(id) = value.get("id").filter(|_| self.acknowledges) {
            self.say(&json!({ "messageId": id, "type": "ack" })).await;
        }
        value
    }

    /// The next frame must be an event about presence; its data.
    pub(crate) async fn event(&mut self) -> Value {
        let value = self.json().await;
        assert_eq!(value["data"]["eventType"], "apheleia.subscription_update", "{value}");
        value["data"].clone()
    }

    /// Nothing but the answer to this ping lies between: nothing else was sent.
    pub(crate) async fn nothing_more(&mut self) {
        let pong = self.ping("fence").await;
        assert_eq!(pong["type"], "pong", "{pong}");
    }

    pub(crate) async fn ping(&mut self, id: &str) -> Value {
        self.say(&json!({ "id": id, "type": "ping" })).await;
        self.json().await
    }

    /// How the server closed; `None` for a connection that broke.
    pub(crate) async fn closed(&mut self) -> Option<(u16, String)> {
        loop {
            match within("a close", self.stream.next()).await {
                Some(Ok(Message::Close(Some(CloseFrame { code, reason })))) => {
                    return Some((code.into(), reason.to_string()));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    }

    /// The next WebSocket-level ping.
    pub(crate) async fn websocket_ping(&mut self) {
        loop {
            let frame = within("a WebSocket ping", self.stream.next()).await.unwrap().unwrap();
            if matches!(frame, Message::Ping(_)) {
                return;
            }
        }
    }
}
