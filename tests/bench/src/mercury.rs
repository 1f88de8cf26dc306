//! Mercury as the floors read it: registered, subscribed, and every frame as it comes. Nothing is
//! acknowledged, and nothing is done when it ends.

use anyhow::Context as _;
use futures_util::{SinkExt as _, StreamExt as _};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

/// Subjects per subscription.
const BATCH: usize = 50;

/// The socket of a device that is subscribed.
#[derive(Debug)]
pub struct Mercury(WebSocketStream<TcpStream>);

#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(borrow)]
    data: Option<Data<'a>>,
}

#[derive(Deserialize)]
struct Data<'a> {
    subject: Option<&'a str>,
    status: Option<&'a str>,
}

impl Mercury {
    /// Registers a device at `webex`, opens its socket and subscribes to everybody.
    pub async fn open(webex: &str, token: &str, subjects: &[&str]) -> anyhow::Result<Self> {
        let (device, address) = register(webex, token).await?;
        let host = address.trim_start_matches("ws://").split('/').next().unwrap_or_default();
        let stream = TcpStream::connect(host).await?;
        stream.set_nodelay(true)?;
        let (mut socket, _) = tokio_tungstenite::client_async(address.as_str(), stream).await?;
        let bearer = format!("Bearer {token}");
        let first = json!({"id": "1", "type": "authorization", "data": {"token": bearer}, "trackingId": "relay_1"});
        socket.send(Message::text(first.to_string())).await?;
        socket.next().await.context("mercury is not ready")??;
        for subjects in subjects.chunks(BATCH) {
            let body = json!({"subjects": subjects, "subscriptionTtl": 600, "includeStatus": true});
            let path = format!("{webex}/apheleia/api/v1/subscriptions");
            post(&path, token, Some(&device), &body).await?;
        }
        Ok(Self(socket))
    }

    /// The next text; `None` when the socket has ended.
    pub async fn next(&mut self) -> anyhow::Result<Option<Utf8Bytes>> {
        while let Some(message) = self.0.next().await {
            if let Message::Text(text) = message? {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }
}

/// Whose presence a frame tells, and what it is.
pub fn presence(frame: &str) -> Option<(&str, &str)> {
    let Frame { data } = serde_json::from_str(frame).ok()?;
    let Data { subject, status } = data?;
    subject.zip(status)
}

async fn register(webex: &str, token: &str) -> anyhow::Result<(String, String)> {
    let body = json!({"deviceName": "relay", "deviceType": "DESKTOP", "name": "relay", "model": "relay",
        "localizedModel": "relay", "systemName": "relay", "systemVersion": "1"});
    let path = format!("{webex}/wdm/api/v1/devices?includeUpstreamServices=all");
    let device = post(&path, token, None, &body).await?;
    let field = |name: &str| device.get(name).and_then(Value::as_str).map(str::to_owned);
    let address = field("webSocketUrl").context("a device without webSocketUrl")?;
    let address =
        format!("{address}?outboundWireFormat=text&bufferStates=true&aliasHttpStatus=true");
    Ok((field("url").context("a device without url")?, address))
}

async fn post(
    address: &str,
    token: &str,
    device: Option<&str>,
    body: &Value,
) -> anyhow::Result<Value> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let mut request =
        client.post(address).bearer_auth(token).header("trackingid", "relay_1").json(body);
    if let Some(device) = device {
        request = request.header("cisco-device-url", device);
    }
    let answer = request.send().await?.error_for_status().context("webex-sim refused")?;
    Ok(answer.json().await?)
}
