//! One tab of a desktop, free to misbehave, over the connection that the end-to-end desktops have.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use lockstep_core::protocol::{Refusal, Report, ToGadget, ToServer, VERSION};
use lockstep_e2e::{NotOpen, Socket};
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

pub(crate) use lockstep_e2e::Came;

/// How long a condition may take to come true.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// One tab's connection.
pub(crate) struct Tab {
    socket: Socket,
    /// What came while something else was awaited.
    kept: VecDeque<ToGadget>,
    /// Number of the last report.
    number: u64,
}

impl Tab {
    /// Opens the WebSocket from a page of `origin`; the status of the answer otherwise.
    pub(crate) async fn open(server: SocketAddr, origin: Option<&str>) -> Result<Self, u16> {
        Self::connect(&format!("ws://{server}/socket.io/?EIO=4&transport=websocket"), origin).await
    }

    /// The same for a session that was opened by plain requests.
    pub(crate) async fn upgrade(
        server: SocketAddr,
        origin: Option<&str>,
        sid: &str,
    ) -> Result<Self, u16> {
        let url = format!("ws://{server}/socket.io/?EIO=4&transport=websocket&sid={sid}");
        Self::connect(&url, origin).await
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
        Self::connect(url.as_str(), Some(origin)).await
    }

    async fn connect(url: &str, origin: Option<&str>) -> Result<Self, u16> {
        match Socket::open(url, origin).await {
            Ok(socket) => Ok(Self { socket, kept: VecDeque::new(), number: 0 }),
            Err(NotOpen::Status(status)) => Err(status),
            Err(error) => panic!("failed to connect: {error:?}"),
        }
    }

    /// Enters the namespace with `auth`, as the official client sends it.
    pub(crate) async fn enter(mut self, auth: &Value) -> Result<Self, Refusal> {
        match timeout(PATIENCE, self.socket.enter(auth)).await.expect("in time") {
            Ok(()) => Ok(self),
            Err(NotOpen::Refused(refusal)) => Err(*refusal),
            Err(error) => panic!("no answer to CONNECT: {error:?}"),
        }
    }

    /// Opens, enters with `token` and says hello.
    pub(crate) async fn with_token(server: SocketAddr, origin: &str, token: &str) -> Self {
        let tab = Self::open(server, Some(origin)).await.expect("upgraded");
        let mut tab = tab.enter(&json!({ "token": token })).await.expect("let in");
        tab.say(&ToServer::Hello { version: VERSION }).await;
        tab
    }

    pub(crate) async fn say(&mut self, message: &ToServer) {
        self.socket.say(message).await;
    }

    /// Sends them with one write; `false` when the connection does not take it any more.
    pub(crate) async fn say_all(&mut self, messages: impl Iterator<Item = ToServer>) -> bool {
        self.socket.say_all(messages).await
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
        self.socket.send_text(text).await
    }

    /// The same of a frame of any kind.
    pub(crate) async fn send_frame(&mut self, frame: Message) -> bool {
        self.socket.send_frame(frame).await
    }

    /// What comes next.
    pub(crate) async fn next(&mut self) -> Came {
        match self.kept.pop_front() {
            Some(message) => Came::Message(Box::new(message)),
            None => self.socket.next().await,
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
        self.socket.text().await
    }
}
