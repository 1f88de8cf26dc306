use lockstep_core::AgentId;
use lockstep_core::protocol::{Refusal, RefusalCode, SessionReply, SessionRequest, SocketAuth};

use super::Value;
use super::fields::{Fields, Json};
use super::parts::{text, time, whole};

/// The body that asks for a session.
pub(crate) fn request(request: &SessionRequest) -> Json {
    let SessionRequest { agent } = request;
    Fields::default().text("agent", agent.as_str()).end()
}

/// Reads the answer that grants one.
pub(crate) fn session(body: &str) -> Option<SessionReply> {
    session_of(&Value::parse(body)?)
}

pub(super) fn session_of(value: &Value) -> Option<SessionReply> {
    Some(SessionReply {
        agent: AgentId::new(value.get("agent")?.as_text()?),
        token: text(value, "token")?,
        expires_at: time(value, "expires_at")?,
        now: time(value, "now")?,
    })
}

/// Reads the answer that refuses one.
pub(crate) fn refusal(body: &str) -> Option<Refusal> {
    refusal_of(&Value::parse(body)?)
}

/// The same of what was read already.
pub(crate) fn refusal_of(value: &Value) -> Option<Refusal> {
    Some(Refusal {
        code: code(value.get("code")?.as_text()?),
        message: text(value, "message")?,
        retry_after: whole(value, "retry_after"),
    })
}

/// What opens the link.
pub(crate) fn socket_auth(auth: &SocketAuth) -> Json {
    let SocketAuth { token } = auth;
    Fields::default().text("token", token).end()
}

fn code(word: &str) -> RefusalCode {
    match word {
        "not_signed_in" => RefusalCode::NotSignedIn,
        "somebody_else" => RefusalCode::SomebodyElse,
        "not_watched" => RefusalCode::NotWatched,
        "wrong_origin" => RefusalCode::WrongOrigin,
        "token" => RefusalCode::Token,
        "too_many" => RefusalCode::TooMany,
        "finesse_unavailable" => RefusalCode::FinesseUnavailable,
        "bad_request" => RefusalCode::BadRequest,
        _ => RefusalCode::Other,
    }
}
