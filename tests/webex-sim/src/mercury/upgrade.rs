//! From an HTTP request to a socket (wire notes 3.1).

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use uuid::Uuid;

use super::proof::Shown;
use super::socket;
use crate::call::{Call, bearer};
use crate::cloud::Cloud;
use crate::faults::Fault;
use crate::journal::Kind;
use crate::listen::Link;
use crate::refusal::Refusal;

/// The longest message taken from a client; an authorization with a JWT is some 4 KiB.
const MOST_INBOUND: usize = 64 * 1024;

/// What the client chose with the socket's query.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "five independent switches of the wire")]
pub(super) struct Opening {
    pub(super) device: Uuid,
    /// JSON in text frames; in binary ones otherwise.
    pub(super) text: bool,
    pub(super) buffer_states: bool,
    pub(super) registration_status: bool,
    /// Close codes 44xx for what would be an HTTP status.
    pub(super) alias_status: bool,
    /// Other sockets of the device stay.
    pub(super) several: bool,
}

/// Whether a request asks for a WebSocket.
pub(crate) fn is_upgrade(headers: &HeaderMap) -> bool {
    let value = headers.get(header::UPGRADE).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
}

/// Answers 101 and hands the connection to a task, or says why not.
pub(crate) fn upgrade(
    cloud: &Arc<Cloud>,
    upgrade: OnUpgrade,
    call: &Call,
    link: &Link,
) -> Result<Response<Body>, Refusal> {
    refused_by_fault(cloud)?;
    let key = call.header("sec-websocket-key").ok_or_else(|| {
        Refusal::malformed("a WebSocket upgrade needs a Sec-WebSocket-Key header")
    })?;
    let accept = HeaderValue::from_str(&derive_accept_key(key.as_bytes()))
        .map_err(|_| Refusal::malformed("Sec-WebSocket-Key is not a key"))?;
    let opening = opening(cloud, call)?;
    let shown = match call.header("authorization").map(|value| bearer(cloud, value)) {
        None => Shown::Nothing,
        Some(Ok(caller)) => Shown::Token(caller),
        Some(Err(_)) if opening.alias_status => Shown::BadToken,
        Some(Err(text)) => return Err(Refusal::expected(StatusCode::UNAUTHORIZED, text)),
    };
    let (task_cloud, link) = (Arc::clone(cloud), link.clone());
    cloud.tasks.spawn(async move {
        let Ok(connection) = upgrade.await else { return };
        let config = WebSocketConfig::default()
            .max_message_size(Some(MOST_INBOUND))
            .max_frame_size(Some(MOST_INBOUND));
        let io = TokioIo::new(connection);
        let stream = WebSocketStream::from_raw_socket(io, Role::Server, Some(config)).await;
        socket::run(task_cloud, stream, opening, shown, link).await;
    });
    Ok(switching(accept))
}

fn refused_by_fault(cloud: &Cloud) -> Result<(), Refusal> {
    let mut state = cloud.lock();
    let struck = state.struck(|fault| match fault {
        Fault::MercuryUpgradeStatus { status, retry_after } => Some((*status, *retry_after)),
        _ => None,
    });
    let Some((status, retry_after)) = struck else { return Ok(()) };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let refusal = Refusal::expected(status, "the connection is refused");
    Err(Refusal { retry_after, ..refusal })
}

fn opening(cloud: &Cloud, call: &Call) -> Result<Opening, Refusal> {
    let on = |name: &str| match call.parameter(name).as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => Err(Refusal::malformed(format!("{name} is true or false, not {other:?}"))),
    };
    if let Some(stamp) = call.parameter("clientTimestamp")
        && stamp.parse::<u64>().is_err()
    {
        let text = format!("clientTimestamp is in milliseconds, not {stamp:?}");
        return Err(Refusal::malformed(text));
    }
    cloud.expire_devices();
    let device = Uuid::try_parse(&call.captured)
        .ok()
        .filter(|id| cloud.lock().devices.get(*id).is_some())
        .ok_or_else(|| {
            Refusal::expected(StatusCode::NOT_FOUND, "the registration was not found")
        })?;
    let opening = Opening {
        device,
        text: call.parameter("outboundWireFormat").as_deref() == Some("text"),
        buffer_states: on("bufferStates")?,
        registration_status: on("mercuryRegistrationStatus")?,
        alias_status: on("aliasHttpStatus")?,
        several: on("multipleConnections")?,
    };
    cloud.note(Kind::Socket, format!("upgrade for device {device}"));
    Ok(opening)
}

fn switching(accept: HeaderValue) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    response
}
