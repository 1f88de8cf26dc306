//! A small client: Engine.IO 4 and Socket.IO 5 over a WebSocket, as much as a gadget needs, and
//! free to misbehave.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use lockstep_core::protocol::{Refusal, Report, ToGadget, ToServer, VERSION};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// How long a condition may take to come true.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// What every event of ours begins with.
const EVENT: &str = "42/gadget,";

/// One tab's connection.
pub(crate) struct Tab {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// What came while something else was awaited.
    kept: VecDeque<ToGadget>,
    /// Number of the last report.
    number: u64,
}

/// What came.
#[derive(Debug)]
pub(crate) enum Came {
    /// A message of the server.
    Message(Box<ToGadget>),
    /// Socket.IO says that the namespace is closed to us.
    Disconnected,
    /// The connection is gone.
    Closed,
}

impl Tab {
    /// Opens the WebSocket from a page of `origin`; the status of the answer otherwise.
    pub(crate) async fn open(server: SocketAddr, origin: Option<&str>) -> Result<Self, u16> {
        Self::connect(format!("ws://{server}/socket.io/?EIO=4&transport=websocket"), origin).await
    }

    /// The same for a session that was opened by plain requests.
    pub(crate) async fn upgrade(
        server: SocketAddr,
        origin: Option<&str>,
        sid: &str,
    ) -> Result<Self, u16> {
        let url = format!("ws://{server}/socket.io/?EIO=4&transport=websocket&sid={sid}");
        Self::connect(url, origin).await
    }

    /// The same with more in the query.
    pub(crate) async fn with_query(
        server: SocketAddr,
        origin: &str,
        more: &str,
    ) -> Result<Self, u16> {
        let url = format!("ws://{server}/socket.io/?EIO=4&transport=websocket");
        let mut url: url::Url = url.parse().unwrap();
        url.set_query(Some(&format!("{}{more}", url.query().unwrap())));
        Self::connect(url.into(), Some(origin)).await
    }

    async fn connect(url: String, origin: Option<&str>) -> Result<Self, u16> {
        let mut request = url.into_client_request().unwrap();
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        match timeout(PATIENCE, connect_async(request)).await.expect("an answer") {
            Ok((socket, _)) => Ok(Self { socket, kept: VecDeque::new(), number: 0 }),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("failed to connect: {error}"),
        }
    }

    /// Enters the namespace with `auth`, as the official client sends it.
    pub(crate) async fn enter(mut self, auth: &Value) -> Result<Self, Refusal> {
        let open = timeout(PATIENCE, self.text()).await.expect("in time").expect("the open packet");
        assert!(open.starts_with("0{"), "{open}");
        self.send_text(&format!("40/gadget,{auth}")).await;
        let answer = timeout(PATIENCE, self.text()).await.expect("in time");
        let answer = answer.expect("an answer to CONNECT");
        if let Some(refused) = answer.strip_prefix("44/gadget,") {
            let refused: Value = serde_json::from_str(refused).unwrap();
            let message = refused["message"].as_str().expect("a message");
            return Err(serde_json::from_str(message).expect("a refusal"));
        }
        assert!(answer.starts_with("40/gadget,"), "{answer}");
        Ok(self)
    }

    /// Opens, enters with `token` and says hello.
    pub(crate) async fn with_token(server: SocketAddr, origin: &str, token: &str) -> Self {
        let tab = Self::open(server, Some(origin)).await.expect("upgraded");
        let mut tab = tab.enter(&json!({ "token": token })).await.expect("let in");
        tab.say(&ToServer::Hello { version: VERSION }).await;
        tab
    }

    pub(crate) async fn say(&mut self, message: &ToServer) {
        let message = serde_json::to_value(message).unwrap();
        self.send_text(&format!("{EVENT}{}", json!(["lockstep", message]))).await;
    }

    /// Sends them with one write; `false` when the connection does not take it any more.
    pub(crate) async fn say_all(&mut self, messages: impl Iterator<Item = ToServer>) -> bool {
        for message in messages {
            let message = serde_json::to_value(message).unwrap();
            let text = format!("{EVENT}{}", json!(["lockstep", message]));
            if self.socket.feed(Message::text(text)).await.is_err() {
                return false;
            }
        }
        self.socket.flush().await.is_ok()
    }

    /// Reports, with the next number.
    pub(crate) async fn report(&mut self, report: Report) -> u64 {
        self.number += 1;
        let report = Report { number: self.number, ..report };
        self.say(&ToServer::Report(Box::new(report))).await;
        self.number
    }

    /// Sends anything at all; `false` when the connection does not take it any more.
    pub(crate) async fn send_text(&mut self, text: &str) -> bool {
        self.socket.send(Message::text(text.to_owned())).await.is_ok()
    }

    /// The same of a frame of any kind.
    pub(crate) async fn send_frame(&mut self, frame: Message) -> bool {
        self.socket.send(frame).await.is_ok()
    }

    /// What comes next.
    pub(crate) async fn next(&mut self) -> Came {
        if let Some(message) = self.kept.pop_front() {
            return Came::Message(Box::new(message));
        }
        loop {
            let Some(text) = self.text().await else { return Came::Closed };
            if let Some(event) = text.strip_prefix(EVENT) {
                let (name, message): (String, ToGadget) = serde_json::from_str(event).unwrap();
                assert_eq!(name, "lockstep");
                return Came::Message(Box::new(message));
            }
            if text.starts_with("41/gadget") {
                return Came::Disconnected;
            }
        }
    }

    /// The first message that `pick` picks; what comes before it is left for later.
    pub(crate) async fn until<T>(
        &mut self,
        what: &str,
        mut pick: impl FnMut(&ToGadget) -> Option<T>,
    ) -> T {
        let mut passed = VecDeque::new();
        let found = timeout(PATIENCE, async {
            loop {
                match self.next().await {
                    Came::Message(message) => match pick(&message) {
                        Some(found) => return found,
                        None => passed.push_back(*message),
                    },
                    end => panic!("{end:?} while waiting for {what}; came: {passed:#?}"),
                }
            }
        });
        let found = found.await;
        let found = found.unwrap_or_else(|_| panic!("never came: {what}; came: {passed:#?}"));
        passed.append(&mut self.kept);
        self.kept = passed;
        found
    }

    /// Waits for the end, whatever comes before it; returns what came.
    pub(crate) async fn until_over(&mut self) -> Vec<ToGadget> {
        self.ends().await.expect("the link ends")
    }

    /// As [`Tab::until_over`]; `None` when it does not end.
    pub(crate) async fn ends(&mut self) -> Option<Vec<ToGadget>> {
        let mut all = Vec::new();
        timeout(PATIENCE, self.drain(&mut all)).await.ok()?;
        Some(all)
    }

    /// How the link ends.
    pub(crate) async fn last(&mut self) -> Came {
        timeout(PATIENCE, self.drain(&mut Vec::new())).await.expect("the link ends")
    }

    async fn drain(&mut self, all: &mut Vec<ToGadget>) -> Came {
        loop {
            match self.next().await {
                Came::Message(message) => all.push(*message),
                end => return end,
            }
        }
    }

    /// The next text, pings answered; `None` at the end.
    pub(crate) async fn text(&mut self) -> Option<String> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) if text.as_str() == "2" => {
                    self.socket.send(Message::text("3")).await.ok()?;
                }
                Some(Ok(Message::Text(text))) => return Some(text.as_str().to_owned()),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }
}
