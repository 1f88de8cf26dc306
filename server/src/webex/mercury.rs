//! The Mercury socket: connecting, proving oneself, and one message at a time.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use secrecy::ExposeSecret;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};
use url::Url;

use super::bearer::Bearer;
use super::frame::{self, Content, Frame};
use super::metric::Metric;
use super::pauses::pause_asked;
use super::wire::Wire;

/// A longer message is skipped unread; a presence event has half a kilobyte.
const SKIP_ABOVE: usize = 256 * 1024;
/// A longer one ends the connection, so that memory is bounded: the library can only drop it.
const BREAK_ABOVE: usize = 16 * 1024 * 1024;
/// Frames kept that came before the socket was ready.
const MAX_EARLY: usize = 1024;
/// What has arrived already is read in no time.
const LAST_WORDS: Duration = Duration::from_millis(200);
/// A peer that does not read for this long is dead.
const WRITE: Duration = Duration::from_secs(10);

/// How a socket ended or failed to begin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum SocketEnd {
    /// The server closed it; 1005 when it gave no code.
    #[error("mercury closed the connection with {code} {reason:?}")]
    Closed { code: u16, reason: String },
    /// The upgrade was answered with something else than 101.
    #[error("mercury answered the upgrade with {status}")]
    Upgrade { status: u16, pause: Option<Duration> },
    /// The connection broke, or what came over it was no WebSocket.
    #[error("the connection to mercury broke: {detail}")]
    Broken { detail: String },
    /// Time ran out.
    #[error("mercury: {what}")]
    Silent { what: &'static str },
}

/// What one read of the socket gave.
#[derive(Debug)]
pub(super) enum Read {
    /// A message.
    Frame(Frame),
    /// Something that is no message of ours: a ping, a skipped message.
    Nothing,
}

/// A socket that is ready for events.
pub(super) struct Mercury<S> {
    socket: WebSocketStream<S>,
    /// The token it was opened with.
    bearer: Bearer,
    /// What came before the socket was ready, in order.
    early: VecDeque<Frame>,
}

impl<S: Wire> Mercury<S> {
    /// Upgrades `stream`, sends the token as the first message and waits until Mercury is ready.
    /// The caller limits the time.
    pub(super) async fn connect(
        stream: S,
        url: &Url,
        bearer: &Bearer,
        id: &str,
        tracking: &str,
    ) -> Result<Self, SocketEnd> {
        let config = WebSocketConfig::default()
            .max_message_size(Some(BREAK_ABOVE))
            .max_frame_size(Some(BREAK_ABOVE));
        let request = url.as_str().into_client_request().map_err(|error| end_of(&error))?;
        let (socket, _) =
            tokio_tungstenite::client_async_with_config(request, stream, Some(config))
                .await
                .map_err(|error| end_of(&error))?;
        let mut mercury = Self { socket, bearer: bearer.clone(), early: VecDeque::new() };
        let first = frame::authorization(id, bearer.secret.expose_secret(), tracking);
        mercury.send(first).await?;
        mercury.until_ready().await?;
        Ok(mercury)
    }

    /// Events may come before the ready message: they are kept, and acknowledged when handled.
    async fn until_ready(&mut self) -> Result<(), SocketEnd> {
        loop {
            if let Read::Frame(frame) = self.receive().await? {
                let ready = frame.content == Content::Ready;
                if self.early.len() < MAX_EARLY {
                    self.early.push_back(frame);
                }
                if ready {
                    return Ok(());
                }
            }
        }
    }

    /// The next message. Cancelling loses nothing.
    pub(super) async fn read(&mut self) -> Result<Read, SocketEnd> {
        match self.early.pop_front() {
            Some(frame) => Ok(Read::Frame(frame)),
            None => self.receive().await,
        }
    }

    async fn receive(&mut self) -> Result<Read, SocketEnd> {
        match self.socket.next().await {
            Some(Ok(Message::Text(text))) => Ok(parsed(text.as_bytes())),
            Some(Ok(Message::Binary(bytes))) => Ok(parsed(&bytes)),
            Some(Ok(Message::Close(close))) => Err(self.closed(close)),
            Some(Ok(_)) => Ok(Read::Nothing), // the library answers pings
            Some(Err(error)) => Err(end_of(&error)),
            None => Err(unexplained()),
        }
    }

    /// Sends one text message.
    pub(super) async fn send(&mut self, text: String) -> Result<(), SocketEnd> {
        match timeout(WRITE, self.socket.send(Message::text(text))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.last_words().await.unwrap_or_else(|| end_of(&error))),
            Err(_) => Err(SocketEnd::Silent { what: "the server does not read" }),
        }
    }

    /// Why the server closed a socket that cannot be written to: its close frame may be waiting
    /// to be read, and "replaced" must not be taken for a mere break.
    async fn last_words(&mut self) -> Option<SocketEnd> {
        let close = async {
            while let Some(Ok(message)) = self.socket.next().await {
                if let Message::Close(close) = message {
                    return Some(self.closed(close));
                }
            }
            None
        };
        timeout(LAST_WORDS, close).await.ok().flatten()
    }

    /// The server's reason, without the token should it repeat that.
    fn closed(&self, close: Option<CloseFrame>) -> SocketEnd {
        close.map_or_else(unexplained, |close| {
            let reason: String = close.reason.chars().filter(|c| !c.is_control()).collect();
            let reason = self.bearer.scrub(&reason);
            SocketEnd::Closed { code: close.code.into(), reason }
        })
    }

    /// Says goodbye and waits for the answer, within `limit`.
    pub(super) async fn close(mut self, limit: Duration) {
        let goodbye = async {
            let frame = CloseFrame { code: 1000.into(), reason: "done".into() };
            self.socket.close(Some(frame)).await?;
            while let Some(Ok(_)) = self.socket.next().await {}
            Ok::<(), Error>(())
        };
        if !matches!(timeout(limit, goodbye).await, Ok(Ok(()))) {
            tracing::debug!("mercury did not answer the close frame in time");
        }
    }
}

pub(super) fn parsed(message: &[u8]) -> Read {
    if message.len() > SKIP_ABOVE {
        Metric::FramesSkipped.count_by("reason", "huge");
        tracing::warn!(bytes = message.len(), "skipped a huge message of mercury");
        return Read::Nothing;
    }
    frame::parse(message).map_or_else(
        || {
            Metric::FramesSkipped.count_by("reason", "malformed");
            tracing::debug!(
                bytes = message.len(),
                "skipped a message of mercury that is no json object"
            );
            Read::Nothing
        },
        Read::Frame,
    )
}

/// A connection that ended without a word; the code for that, which is never sent.
const fn unexplained() -> SocketEnd {
    SocketEnd::Closed { code: 1005, reason: String::new() }
}

fn end_of(error: &Error) -> SocketEnd {
    match error {
        Error::Http(response) => {
            let status = response.status().as_u16();
            let pause = pause_asked(status, response.headers());
            SocketEnd::Upgrade { status, pause }
        }
        Error::ConnectionClosed | Error::AlreadyClosed => unexplained(),
        error => SocketEnd::Broken { detail: error.to_string() },
    }
}

/// The address of the socket with what Mercury wants to know (Webex notes 3.1). `now_ms` lets it
/// drop stale sockets when everybody returns at once.
pub(super) fn address(base: &Url, now_ms: u64) -> Url {
    let mut url = base.clone();
    url.query_pairs_mut()
        .append_pair("outboundWireFormat", "text")
        .append_pair("bufferStates", "true")
        .append_pair("aliasHttpStatus", "true")
        .append_pair("clientTimestamp", &now_ms.to_string());
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_keeps_its_own_query() {
        let url = address(&Url::parse("wss://h/m?x=1").unwrap(), 12);
        assert_eq!(
            url.as_str(),
            "wss://h/m?x=1&outboundWireFormat=text&bufferStates=true&aliasHttpStatus=true&clientTimestamp=12"
        );
    }
}
