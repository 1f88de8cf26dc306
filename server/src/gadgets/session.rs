//! Whose desktop it is: Finesse is asked once, and what it was asked with is forgotten.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lockstep_core::AgentId;
use lockstep_core::protocol::{Refusal, RefusalCode, SessionReply, SessionRequest};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};

use super::asking::Asking;
use super::attempts::Hold;
use super::token::Claims;
use super::{Key, report};
use crate::clock::Clock;
use crate::engine::{Handle, Unwatched};
use crate::finesse::{FinesseError, Identify};
use crate::http::Peer;

/// Characters of an authorization: a bearer token of an identity service has some two thousand, and a
/// whole head may have eight.
const LONGEST: usize = 6 * 1024;
/// When to come back where too many come at once.
const CROWDED: Duration = Duration::from_secs(5);
/// When to come back while Finesse does not answer.
const FINESSE_AWAY: Duration = Duration::from_secs(10);

/// When to come back while it is not known yet who is watched.
const STARTING: Duration = Duration::from_secs(2);

/// Gives out sessions.
#[derive(Debug)]
pub(super) struct Sessions<I> {
    asking: Arc<Asking<I>>,
    engine: Handle,
    clock: Clock,
    key: Arc<Key>,
}

/// `POST /api/session`.
pub(super) async fn ask<I: Identify>(
    State(sessions): State<Arc<Sessions<I>>>,
    ConnectInfo(Peer(peer)): ConnectInfo<Peer>,
    mut headers: HeaderMap,
    body: Bytes,
) -> Response {
    let authorization = authorization(&mut headers);
    let request = serde_json::from_slice::<SessionRequest>(&body);
    let reply = match (authorization, request) {
        (Some(authorization), Ok(SessionRequest { agent })) => {
            let reply = sessions.open(&agent, &authorization, peer.ip()).await;
            reply.map_err(|refusal| (Some(agent), refusal))
        }
        (None, _) => Err((None, refusal(RefusalCode::NotSignedIn, NO_AUTHORIZATION))),
        (_, Err(_)) => Err((None, refusal(RefusalCode::BadRequest, NO_REQUEST))),
    };
    match reply {
        Ok(reply) => ([(header::CACHE_CONTROL, "no-store")], Json(reply)).into_response(),
        Err((agent, refusal)) => {
            report::refused("session", agent.as_ref(), &refusal);
            (status(refusal.code), [(header::CACHE_CONTROL, "no-store")], Json(refusal))
                .into_response()
        }
    }
}

const NO_AUTHORIZATION: &str =
    "the desktop's own authorization is missing: sign in to Finesse again";
const NO_REQUEST: &str = "the request does not say whose desktop it is";

impl<I: Identify> Sessions<I> {
    pub(super) const fn new(
        asking: Arc<Asking<I>>,
        engine: Handle,
        clock: Clock,
        key: Arc<Key>,
    ) -> Self {
        Self { asking, engine, clock, key }
    }

    async fn open(
        &self,
        agent: &AgentId,
        authorization: &SecretString,
        address: IpAddr,
    ) -> Result<SessionReply, Refusal> {
        let login_name = self.engine.watches(agent.clone()).await.map_err(unwatched)?;
        // Whose password is tried is whose failures Finesse counts, so it may only be the agent's own.
        let own = |name: &str| name == agent.as_str() || name.eq_ignore_ascii_case(&login_name);
        if let Some(user) = basic_user(authorization)
            && !own(user.trim())
        {
            return Err(somebody_else());
        }
        let answer = self.asking.who(agent, authorization, address).await;
        match answer.map_err(held)? {
            Ok(found) if found == *agent => {
                report::proved(agent);
                let now = self.clock.now();
                Ok(Claims::proved(found, now).reply(&self.key, now))
            }
            Ok(_) | Err(FinesseError::NotOurs { .. }) => Err(somebody_else()),
            Err(FinesseError::Credential { .. }) => {
                let text = "Finesse does not accept this desktop's authorization: sign in to Finesse again";
                Err(refusal(RefusalCode::NotSignedIn, text))
            }
            Err(FinesseError::NotFound { .. } | FinesseError::Refused { .. }) => {
                Err(refusal(RefusalCode::BadRequest, "Finesse does not know this agent by this id"))
            }
            Err(_) => {
                let text = "Finesse cannot be asked just now; the gadget tries again by itself";
                let refusal = refusal(RefusalCode::FinesseUnavailable, text);
                Err(Refusal { retry_after: Some(FINESSE_AWAY.as_secs()), ..refusal })
            }
        }
    }
}

/// Takes the authorization out of the head, so that nothing after it can show it.
fn authorization(headers: &mut HeaderMap) -> Option<SecretString> {
    let value = headers.remove(header::AUTHORIZATION)?;
    let text = value.to_str().ok().map(str::trim).filter(|text| text.len() <= LONGEST)?;
    let (scheme, rest) = text.split_once(' ')?;
    let known = ["Basic", "Bearer"].iter().find(|known| known.eq_ignore_ascii_case(scheme))?;
    let rest = rest.trim();
    (!rest.is_empty()).then(|| SecretString::from(format!("{known} {rest}")))
}

/// The user whose password it is; `None` for a bearer's token, which is nobody's password.
fn basic_user(authorization: &SecretString) -> Option<String> {
    let pair = authorization.expose_secret().strip_prefix("Basic ")?;
    let pair = Zeroizing::new(STANDARD.decode(pair).unwrap_or_default());
    let user = pair.split(|byte| *byte == b':').next().unwrap_or_default();
    Some(String::from_utf8_lossy(user).into_owned())
}

fn held(hold: Hold) -> Refusal {
    let (code, text, wait) = match hold {
        Hold::Refused(wait) => (
            RefusalCode::NotSignedIn,
            "Finesse has just refused this desktop's authorization: sign in to Finesse again",
            wait,
        ),
        Hold::TooMany(wait) => (
            RefusalCode::TooMany,
            "too many authorizations were refused for this agent or from this address; tried again later, so that nobody is locked out",
            wait,
        ),
        Hold::Crowded => {
            (RefusalCode::TooMany, "too many desktops sign in at once; tried again soon", CROWDED)
        }
    };
    Refusal { retry_after: Some(wait.as_secs().saturating_add(1)), ..refusal(code, text) }
}

/// Desktops come back as soon as the process is there, before it knows whom it watches; a gadget that is
/// told "not watched" stays away for minutes.
fn unwatched(why: Unwatched) -> Refusal {
    match why {
        Unwatched::NotYet => {
            let text = "Lockstep is starting; the gadget tries again by itself";
            let refusal = refusal(RefusalCode::FinesseUnavailable, text);
            Refusal { retry_after: Some(STARTING.as_secs()), ..refusal }
        }
        Unwatched::NotThem => {
            let text = "Lockstep does not watch this agent: an administrator adds the team or the agent to [agents]";
            refusal(RefusalCode::NotWatched, text)
        }
    }
}

fn somebody_else() -> Refusal {
    refusal(RefusalCode::SomebodyElse, "this desktop's authorization belongs to somebody else")
}

fn refusal(code: RefusalCode, message: &str) -> Refusal {
    Refusal { code, message: message.to_owned(), retry_after: None }
}

const fn status(code: RefusalCode) -> StatusCode {
    match code {
        RefusalCode::NotSignedIn | RefusalCode::Token => StatusCode::UNAUTHORIZED,
        RefusalCode::SomebodyElse | RefusalCode::NotWatched | RefusalCode::WrongOrigin => {
            StatusCode::FORBIDDEN
        }
        RefusalCode::TooMany => StatusCode::TOO_MANY_REQUESTS,
        RefusalCode::FinesseUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        RefusalCode::BadRequest | RefusalCode::Other => StatusCode::BAD_REQUEST,
    }
}
