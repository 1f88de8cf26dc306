//! The session: the desktop's own authorization goes out once, a token comes back.

use gloo_net::http::Request;
use lockstep_core::AgentId;
use lockstep_core::protocol::{Refusal, SESSION_PATH, SessionReply, SessionRequest};
use wasm_bindgen::JsValue;

use crate::wire;

/// Why there is no session.
#[derive(Debug)]
pub(crate) enum SessionError {
    /// The server said no.
    Refused(Refusal),
    /// The server was not reached: the network, the certificate or the origin; browsers do not say.
    Unreachable,
    /// The server answered something else, with this status.
    Strange(u16),
}

/// Asks for a session of `agent`. The authorization is in no error and in no address.
pub(crate) async fn ask(
    server: &str,
    agent: &AgentId,
    authorization: &str,
) -> Result<SessionReply, SessionError> {
    let unreachable = |_| SessionError::Unreachable;
    let body = wire::text(&SessionRequest { agent: agent.clone() });
    let request = Request::post(&format!("{server}{SESSION_PATH}"))
        .header("authorization", authorization)
        .header("content-type", "application/json")
        .body(JsValue::from_str(&body))
        .map_err(unreachable)?;
    let response = request.send().await.map_err(unreachable)?;
    let text = response.text().await.map_err(unreachable)?;
    if response.ok() {
        return wire::read_text(&text).ok_or(SessionError::Strange(response.status()));
    }
    Err(wire::read_text(&text)
        .map_or(SessionError::Strange(response.status()), SessionError::Refused))
}
