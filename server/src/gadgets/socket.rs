//! Socket.IO: the one namespace, and who gets into it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::header;
use lockstep_core::protocol::{NAMESPACE, Refusal, RefusalCode, SocketAuth};
use socketioxide::extract::{SocketRef, TryData};
use socketioxide::handler::ConnectHandler as _;
use socketioxide::{ParserConfig, SocketIo};

use super::link::{self, Hall, Line};
use super::token::{self, Claims};
use super::{listener, report};
use crate::http::Cut;

/// Where Socket.IO is served.
pub const SOCKET_PATH: &str = "/socket.io/";

/// A dead desktop is noticed within the sum of both: 15 s.
const PING_EVERY: Duration = Duration::from_secs(10);
const PONG_WITHIN: Duration = Duration::from_secs(5);
/// A connection that proves nothing within this is closed.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// Bytes of a message: a report with its ledger and decision is some 2 KiB.
pub(super) const MAX_MESSAGE: usize = 16 * 1024;
/// Bytes that tungstenite reads at once, and keeps for as long as the connection lives.
const READ_BUFFER: usize = 512;

/// A refusal as the client gets it: the text of Socket.IO's connect error.
struct Told(Refusal);

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(&self.0).map_err(|_| fmt::Error)?)
    }
}

/// What serves [`SOCKET_PATH`], and what closes it.
pub(super) fn router(hall: Arc<Hall>) -> (Router, SocketIo) {
    let parser = ParserConfig::common().max_incoming_binaries(0).max_incoming_binary_buf_size(0);
    let (service, io) = SocketIo::builder()
        .req_path(SOCKET_PATH.trim_end_matches('/'))
        .ping_interval(PING_EVERY)
        .ping_timeout(PONG_WITHIN)
        .connect_timeout(CONNECT_WITHIN)
        .max_payload(MAX_MESSAGE as u64)
        .ws_max_message_size(MAX_MESSAGE)
        .ws_max_frame_size(MAX_MESSAGE)
        .ws_read_buffer_size(READ_BUFFER)
        .with_parser(parser)
        .build_svc();
    // All of it where the gadget is let in, which is before it is told so: what it says at once then
    // finds somebody who listens.
    let enter = async move |io: SocketIo, socket: SocketRef, TryData(auth): TryData<SocketAuth>| {
        let claims = admit(&hall, auth.as_ref().ok()).map_err(Told)?;
        let inbox = listener::listen(&socket, hall.clock);
        let line = Line { io, sid: socket.id, cut: cut_of(&socket) };
        drop(socket);
        let links = hall.links.clone();
        links.spawn(link::run(hall, line, claims, inbox));
        Ok::<(), Told>(())
    };
    io.ns(NAMESPACE, (async || ()).with(enter));
    (Router::new().route_service(SOCKET_PATH, service), io)
}

/// What cuts the connection, where that is the gadget's alone: a WebSocket from its beginning. By
/// polling, a proxy's connection may carry many gadgets.
fn cut_of(socket: &SocketRef) -> Option<Cut> {
    let head = socket.req_parts();
    let upgraded = head.headers.contains_key(header::SEC_WEBSOCKET_KEY);
    head.extensions.get::<Cut>().filter(|_| upgraded).cloned()
}

fn admit(hall: &Hall, auth: Option<&SocketAuth>) -> Result<Claims, Refusal> {
    let read = match auth {
        Some(auth) => token::read(&hall.key, &auth.token, hall.clock.now()),
        None => Err(token::BadToken::Forged),
    };
    read.map_err(|bad| {
        let refusal =
            Refusal { code: RefusalCode::Token, message: bad.to_string(), retry_after: None };
        report::refused("socket", None, &refusal);
        refusal
    })
}
