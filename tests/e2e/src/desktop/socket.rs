//! One connection of a gadget: Engine.IO 4 and Socket.IO 5 over a WebSocket, as much as a gadget
//! needs.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use lockstep_core::protocol::{EVENT, NAMESPACE, Refusal, ToGadget, ToServer};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// As the gadget's own client waits for a connection.
const OPENS_WITHIN: Duration = Duration::from_secs(10);

/// An open connection.
#[derive(Debug)]
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// Why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotOpen {
    /// The upgrade was answered with this status.
    Status(u16),
    /// Whoever asks is not let into the namespace.
    Refused(Box<Refusal>),
    /// Nobody is there, or not any more.
    Lost,
}

/// What came.
#[derive(Debug)]
pub enum Came {
    /// A message of the server.
    Message(Box<ToGadget>),
    /// Socket.IO says that the namespace is closed to us.
    Disconnected,
    /// The connection is gone.
    Closed,
}

impl Socket {
    /// Opens the WebSocket from a page of `origin`.
    pub async fn open(address: &str, origin: Option<&str>) -> Result<Self, NotOpen> {
        let mut request = address.into_client_request().expect("an address");
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().expect("a value"));
        }
        match timeout(OPENS_WITHIN, connect_async(request)).await {
            Ok(Ok((socket, _))) => Ok(Self(socket)),
            Ok(Err(Error::Http(response))) => Err(NotOpen::Status(response.status().as_u16())),
            Ok(Err(_)) | Err(_) => Err(NotOpen::Lost),
        }
    }

    /// Enters the namespace with `auth`, as the official client sends it.
    pub async fn enter(&mut self, auth: &Value) -> Result<(), NotOpen> {
        let open = self.text().await.ok_or(NotOpen::Lost)?;
        assert!(open.starts_with("0{"), "the open packet is {open}");
        if !self.send_text(&format!("40{NAMESPACE},{auth}")).await {
            return Err(NotOpen::Lost);
        }
        let answer = self.text().await.ok_or(NotOpen::Lost)?;
        if let Some(refused) = answer.strip_prefix("44/gadget,") {
            let refused: Value = serde_json::from_str(refused).expect("JSON");
            let message = refused["message"].as_str().expect("a message");
            return Err(NotOpen::Refused(serde_json::from_str(message).expect("a refusal")));
        }
        assert!(answer.starts_with("40/gadget,"), "the answer to CONNECT is {answer}");
        Ok(())
    }

    /// Says this; `false` when the connection does not take it any more.
    pub async fn say(&mut self, message: &ToServer) -> bool {
        self.send_text(&event(message)).await
    }

    /// The same with all of them in one write.
    pub async fn say_all(&mut self, messages: impl Iterator<Item = ToServer>) -> bool {
        for message in messages {
            if self.0.feed(Message::text(event(&message))).await.is_err() {
                return false;
            }
        }
        self.0.flush().await.is_ok()
    }

    /// Sends anything at all; `false` when the connection does not take it any more.
    pub async fn send_text(&mut self, text: &str) -> bool {
        self.send_frame(Message::text(text.to_owned())).await
    }

    /// The same of a frame of any kind.
    pub async fn send_frame(&mut self, frame: Message) -> bool {
        self.0.send(frame).await.is_ok()
    }

    /// What comes next; what else Socket.IO says is passed over.
    pub async fn next(&mut self) -> Came {
        loop {
            let Some(text) = self.text().await else { return Came::Closed };
            if let Some(event) = text.strip_prefix("42/gadget,") {
                let event = serde_json::from_str(event);
                let (name, message): (String, ToGadget) = event.expect("an event of ours");
                assert_eq!(name, EVENT);
                return Came::Message(Box::new(message));
            }
            if text.starts_with("41/gadget") {
                return Came::Disconnected;
            }
        }
    }

    /// The next text, pings answered; `None` at the end.
    pub async fn text(&mut self) -> Option<String> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) if text.as_str() == "2" => {
                    self.0.send(Message::text("3")).await.ok()?;
                }
                Some(Ok(Message::Text(text))) => return Some(text.as_str().to_owned()),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }
}

/// The one event, as Socket.IO words it.
fn event(message: &ToServer) -> String {
    format!("42{NAMESPACE},{}", json!([EVENT, message]))
}
