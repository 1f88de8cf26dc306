//! How a gadget proves whose it is, before anything else crosses.
//!
//! The desktop's own Finesse authorization goes once to [`SESSION_PATH`](super::SESSION_PATH), in
//! the `Authorization` header; the token that comes back opens the link.

use serde::{Deserialize, Serialize};

use crate::{AgentId, Time};

/// The body that goes with the desktop's authorization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRequest {
    /// Whose desktop it is; the server has Finesse confirm it.
    pub agent: AgentId,
}

/// A short-lived token, good for one agent. Its `Debug` does not show the token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionReply {
    /// Whom it is good for.
    pub agent: AgentId,
    /// Signed by the server; means nothing to anybody else.
    pub token: String,
    /// Until when, on the server's clock.
    pub expires_at: Time,
    /// The server's clock.
    pub now: Time,
}

impl std::fmt::Debug for SessionReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionReply")
            .field("agent", &self.agent)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// What a gadget sends when it opens the link (the payload of Socket.IO's CONNECT).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SocketAuth {
    /// The token of [`SessionReply`].
    pub token: String,
}

impl std::fmt::Debug for SocketAuth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SocketAuth").finish_non_exhaustive()
    }
}

/// Why a session or a link was refused: the body of an answer that is not 2xx, and the data of
/// Socket.IO's connect error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// For the gadget to react to.
    pub code: RefusalCode,
    /// For people to read; names no secret.
    pub message: String,
    /// Seconds after which to try again, where that helps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

/// The kinds of [`Refusal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalCode {
    /// Finesse does not accept the authorization; not tried again with the same one.
    NotSignedIn,
    /// The authorization is good, and belongs to somebody else.
    SomebodyElse,
    /// This agent is not among those whom the server watches.
    NotWatched,
    /// The page that asks is not one of `http.finesse_origins`.
    WrongOrigin,
    /// The token is missing, forged or expired: ask for a new session.
    Token,
    /// Too many attempts from this address or for this agent.
    TooMany,
    /// Finesse cannot be asked just now.
    FinesseUnavailable,
    /// The request is not one that this server understands.
    BadRequest,
    /// A code of a later release.
    #[serde(other)]
    Other,
}
