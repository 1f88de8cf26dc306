//! One gadget's connection: Engine.IO 4 and Socket.IO 5 over a WebSocket, as much as is measured.

use std::net::SocketAddr;

use anyhow::Context as _;
use futures_util::{SinkExt as _, StreamExt as _};
use lockstep_core::agent::LedgerEntry;
use lockstep_core::finesse::{AgentState, AgentView};
use lockstep_core::protocol::{EVENT, NAMESPACE, Report, SocketAuth, Term, ToServer, VERSION};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use crate::site::ORIGIN;

/// Bytes read at once; the driver has thousands of these.
const READ_BUFFER: usize = 1_024;

/// A gadget that acts for its agent.
#[derive(Debug)]
pub(super) struct Client {
    socket: WebSocketStream<TcpStream>,
    term: Term,
    /// Of the last report.
    number: u64,
    /// What was wanted before this gadget was the one that acts, which it has not acknowledged.
    pub(super) first: Option<u64>,
}

/// What came, as far as it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    /// Something is wanted.
    Wanted(Wanted),
    /// This gadget acts from now on.
    Grant(Term),
    /// It acts no longer, or is to go.
    Over,
    /// Anything else.
    Other,
}

/// What is wanted, as far as it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) sequence: u64,
    pub(super) busy: bool,
}

impl Client {
    /// Connects, enters the namespace with the token, says hello, and becomes the one that acts.
    pub(super) async fn open(server: SocketAddr, token: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(server).await.context("failed to connect")?;
        stream.set_nodelay(true)?;
        let url = format!("ws://{server}/socket.io/?EIO=4&transport=websocket");
        let mut request = url.into_client_request()?;
        request.headers_mut().insert("origin", ORIGIN.parse()?);
        let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER);
        let upgraded =
            tokio_tungstenite::client_async_with_config(request, stream, Some(config)).await;
        let (socket, _) = upgraded.context("no upgrade")?;
        let mut client = Self { socket, term: Term::default(), number: 0, first: None };
        client.expect("0{").await?;
        let auth = serde_json::to_string(&SocketAuth { token: token.to_owned() })?;
        client.send(format!("40{NAMESPACE},{auth}")).await?;
        client.expect("40").await?;
        client.say(&ToServer::Hello { version: VERSION }).await?;
        loop {
            match client.next().await? {
                Came::Wanted(wanted) => client.first = Some(wanted.sequence),
                Came::Grant(term) => {
                    client.term = term;
                    return Ok(client);
                }
                Came::Over => anyhow::bail!("sent away"),
                Came::Other => {}
            }
        }
    }

    /// Says that what is wanted was taken in, as the gadget that acts does.
    pub(super) async fn acknowledge(&mut self, sequence: u64) -> anyhow::Result<()> {
        self.number += 1;
        let view = AgentView {
            state: AgentState::Ready,
            pending: None,
            reason: None,
            changed_at: None,
            busy_elsewhere: None,
        };
        let report = Report {
            number: self.number,
            term: Some(self.term),
            wanted: Some(sequence),
            view: Some(view),
            ledger: LedgerEntry::default(),
            decision: None,
            last: false,
        };
        self.say(&ToServer::Report(Box::new(report))).await
    }

    /// What comes next; pings are answered.
    pub(super) async fn next(&mut self) -> anyhow::Result<Came> {
        let text = self.text().await?;
        Ok(came(&text))
    }

    async fn expect(&mut self, start: &str) -> anyhow::Result<()> {
        let text = self.text().await?;
        anyhow::ensure!(text.starts_with(start), "the server said {:?}", text.as_str());
        Ok(())
    }

    async fn text(&mut self) -> anyhow::Result<Utf8Bytes> {
        loop {
            match self.socket.next().await.context("the connection ended")?? {
                Message::Text(text) if text.as_str() == "2" => self.send("3".to_owned()).await?,
                Message::Text(text) => return Ok(text),
                _ => {}
            }
        }
    }

    async fn say(&mut self, message: &ToServer) -> anyhow::Result<()> {
        let message = serde_json::to_string(message)?;
        self.send(format!("42{NAMESPACE},[\"{EVENT}\",{message}]")).await
    }

    async fn send(&mut self, text: String) -> anyhow::Result<()> {
        Ok(self.socket.send(Message::text(text)).await?)
    }
}

/// Reads as little as will do: the driver shares the machine with what it measures.
fn came(text: &str) -> Came {
    let Some(packet) = text.strip_prefix("42/gadget,[\"lockstep\",{\"type\":\"") else {
        return if text.starts_with("41") { Came::Over } else { Came::Other };
    };
    match packet.split('"').next() {
        Some("wanted") => number(packet, "\"sequence\":").map_or(Came::Other, |sequence| {
            Came::Wanted(Wanted { sequence, busy: packet.contains("\"not_ready\"") })
        }),
        Some("grant") => number(packet, "\"term\":").map_or(Came::Other, |term| {
            serde_json::from_value(term.into()).map_or(Came::Other, Came::Grant)
        }),
        Some("revoke" | "bye" | "incompatible") => Came::Over,
        _ => Came::Other,
    }
}

fn number(packet: &str, name: &str) -> Option<u64> {
    let (_, rest) = packet.split_once(name)?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use lockstep_core::Time;
    use lockstep_core::protocol::ToGadget;

    use super::*;

    fn packet(message: &ToGadget) -> String {
        format!("42{NAMESPACE},[\"{EVENT}\",{}]", serde_json::to_string(message).unwrap())
    }

    /// What is looked for must be where the real messages have it.
    #[test]
    fn the_servers_messages_are_known() {
        let term = Term::beginning_at(Time::from_millis(7)).next();
        let grant = packet(&ToGadget::Grant { term, ledger: Some(LedgerEntry::default()) });
        assert_eq!(came(&grant), Came::Grant(term));
        assert_eq!(came(&packet(&ToGadget::Revoke { term })), Came::Over);
        assert_eq!(came(&packet(&ToGadget::Received { report: 3 })), Came::Other);
        assert_eq!(came("41/gadget,"), Came::Over);
        for (wanted, busy) in [
            (lockstep_core::rules::Wanted::not_ready("Webex DND"), true),
            (lockstep_core::rules::Wanted::Free, false),
        ] {
            let want = lockstep_core::presence::Want {
                seq: 12,
                wanted,
                rule: "a rule".into(),
                facts: lockstep_core::presence::Facts::new().with("status", "dnd"),
                since: Time::from_millis(1),
                at: Time::from_millis(2),
                may_be_contact_call: false,
                spared: false,
            };
            let text = packet(&ToGadget::Wanted { sequence: 41, want });
            assert_eq!(came(&text), Came::Wanted(Wanted { sequence: 41, busy }), "{text}");
        }
    }
}
