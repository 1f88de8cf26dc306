//! What a client says, frame by frame, and how a socket ends.

use futures_util::StreamExt as _;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::frames::{self, Said};
use crate::cloud::Cloud;
use crate::journal::Kind;

/// How a socket ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// We say goodbye.
    Close(u16, String),
    /// The connection breaks.
    Reset,
    /// The client went, politely or not.
    Gone(String),
}

/// The next thing the client says; `None` for what needs no answer. Cancel-safe.
pub(super) async fn hear(
    cloud: &Cloud,
    number: u64,
    stream: &mut WebSocketStream<TokioIo<Upgraded>>,
) -> Result<Option<Said>, End> {
    let text = match stream.next().await {
        None => return Err(End::Gone("the connection ended".to_owned())),
        Some(Err(error)) => return Err(End::Gone(error.to_string())),
        Some(Ok(Message::Close(frame))) => {
            let text = frame.map_or_else(|| "no code".to_owned(), |frame| frame.to_string());
            return Err(End::Gone(format!("closed by the client: {text}")));
        }
        Some(Ok(Message::Text(text))) => text.to_string(),
        Some(Ok(Message::Binary(bytes))) => String::from_utf8_lossy(&bytes).into_owned(),
        Some(Ok(Message::Pong(_))) => {
            cloud.update(|state| state.journal.counters.pongs += 1);
            return Ok(None);
        }
        Some(Ok(Message::Ping(_) | Message::Frame(_))) => return Ok(None),
    };
    match frames::read(&text) {
        Ok(said) => {
            let kind = match &said {
                Said::Authorization { .. } => "authorization".to_owned(),
                Said::Ping { id } => format!("ping {id}"),
                Said::Ack { message } => format!("ack {message}"),
            };
            cloud.note(Kind::FrameIn, format!("socket {number}: {kind}"));
            Ok(Some(said))
        }
        Err(mistake) => {
            cloud.violation(format!("socket {number}: {mistake}"));
            Err(End::Close(1003, "rejected last message".to_owned()))
        }
    }
}
