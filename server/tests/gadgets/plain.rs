//! Engine.IO by plain requests ("polling"), as much as a gadget behind a proxy that closes
//! every `WebSocket` needs, and free to misbehave.

use std::net::SocketAddr;

use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::client::PATIENCE;

/// What stands between two packets of one answer.
const BETWEEN: char = '\u{1e}';

/// One session.
pub(crate) struct Plain {
    http: Client,
    url: String,
    origin: String,
}

impl Plain {
    /// Opens a session from a page of `origin`; the status of the answer otherwise.
    pub(crate) async fn open(server: SocketAddr, origin: Option<&str>) -> Result<Self, u16> {
        let http = Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap();
        let url = format!("http://{server}/socket.io/?EIO=4&transport=polling");
        let (status, body) = ask(http.get(&url), origin).await;
        if status != 200 {
            return Err(status);
        }
        let open: Value = serde_json::from_str(body.strip_prefix('0').expect("open")).unwrap();
        let url = format!("{url}&sid={}", open["sid"].as_str().expect("an id"));
        Ok(Self { http, url, origin: origin.unwrap_or_default().to_owned() })
    }

    /// The address of the session, for who should not know it.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Sends packets; the status of the answer.
    pub(crate) async fn post(&self, packets: &str) -> u16 {
        ask(self.http.post(&self.url).body(packets.to_owned()), Some(&self.origin)).await.0
    }

    /// The packets that wait, or come within time; the status of the answer otherwise.
    pub(crate) async fn poll(&self) -> Result<Vec<String>, u16> {
        let (status, body) = ask(self.http.get(&self.url), Some(&self.origin)).await;
        if status != 200 {
            return Err(status);
        }
        Ok(body.split(BETWEEN).map(str::to_owned).collect())
    }

    /// The first packet that begins so; pings are answered.
    pub(crate) async fn until(&self, begins: &str) -> String {
        loop {
            let packets = self.poll().await.unwrap_or_else(|status| {
                panic!("answered {status} while waiting for {begins:?}");
            });
            if packets.iter().any(|packet| packet == "2") {
                self.post("3").await;
            }
            if let Some(found) = packets.into_iter().find(|packet| packet.starts_with(begins)) {
                return found;
            }
        }
    }

    /// Waits until nobody knows the session any more.
    pub(crate) async fn until_over(&self) {
        let over = timeout(PATIENCE, async {
            loop {
                match self.poll().await {
                    Ok(packets) if packets.iter().any(|packet| packet == "2") => {
                        self.post("3").await;
                    }
                    Ok(_) => {}
                    Err(status) => return status,
                }
            }
        });
        assert_eq!(over.await.expect("the session ends"), 400);
    }

    /// Enters the namespace.
    pub(crate) async fn enter(&self, token: &str) {
        assert_eq!(self.post(&format!("40/gadget,{}", json!({ "token": token }))).await, 200);
        self.until("40/gadget,").await;
    }
}

/// Status and body of the answer.
pub(crate) async fn ask(request: RequestBuilder, origin: Option<&str>) -> (u16, String) {
    let request = match origin {
        Some(origin) => request.header("origin", origin),
        None => request,
    };
    let answer = timeout(PATIENCE, request.send()).await.expect("an answer").unwrap();
    let status = answer.status();
    if status != StatusCode::OK {
        assert!(answer.headers().get("access-control-allow-credentials").is_none());
    }
    (status.as_u16(), answer.text().await.unwrap())
}
