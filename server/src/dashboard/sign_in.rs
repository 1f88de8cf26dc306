//! `POST /api/sign-in`, `POST /api/sign-out`, `GET /api/me`.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lockstep_core::{TeamId, Time};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer, Serialize};

use super::Page;
use super::door::{Proved, Signed, busy, refuse};
use super::rights::{Account, Role, Scope};
use crate::finesse::{FinesseError, Identify};
use crate::gadgets::{Asking, Hold};
use crate::http::Peer;

/// Characters of a name or a password; Finesse's own are shorter.
const LONGEST: usize = 128;

const WRONG: &str = "Finesse does not know this name with this password.";
const NOT_FOR_AGENTS: &str = "This page is for supervisors: you supervise no team in Finesse. Your own panel is on your desktop.";
const TOO_MANY: &str = "This sign-in failed too often. It is not tried for a while, so that Finesse does not lock you out.";
const REFUSED_BEFORE: &str = "Finesse has just refused this password, and is not asked again, so that it does not lock you out.";
const CROWDED: &str = "Too many people sign in at once: try again soon.";
const AWAY: &str = "Finesse cannot be asked just now: try again soon.";
const NOT_READ: &str = "Lockstep has not read Finesse\u{2019}s users yet: try again soon.";

#[derive(Deserialize)]
struct Wish {
    user: String,
    #[serde(deserialize_with = "secret")]
    password: SecretString,
}

/// Who is signed in.
#[derive(Debug, Serialize)]
struct Me {
    name: String,
    user: String,
    role: Role,
    teams: Vec<Team>,
    proof: String,
    ends_at: Time,
    idle_ms: u64,
    dry_run: bool,
}

#[derive(Debug, Serialize)]
struct Team {
    id: TeamId,
    name: String,
}

/// What the sign-in is made of.
#[derive(Debug)]
pub(super) struct SignIn<I> {
    pub(super) page: Arc<Page>,
    pub(super) asking: Arc<Asking<I>>,
}

/// `POST /api/sign-in`.
pub(super) async fn sign_in<I: Identify>(
    State(way): State<Arc<SignIn<I>>>,
    ConnectInfo(Peer(peer)): ConnectInfo<Peer>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body = Zeroizing::new(body.to_vec());
    // No form of another page can send this type.
    let is_json = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    let wish = serde_json::from_slice::<Wish>(&body).ok().filter(|_| is_json);
    let Some(wish) = wish else {
        return refuse(StatusCode::BAD_REQUEST, "name and password are missing");
    };
    match way.prove(&wish, peer.ip()).await {
        Ok(account) => way.page.welcome(account),
        Err(refusal) => {
            metrics::counter!("lockstep_page_sign_ins_total", "outcome" => "refused").increment(1);
            refusal
        }
    }
}

/// `GET /api/me`.
pub(super) async fn me(State(page): State<Arc<Page>>, signed: Signed) -> Response {
    Json(page.me(&signed)).into_response()
}

/// `POST /api/sign-out`.
pub(super) async fn sign_out(State(page): State<Arc<Page>>, Proved(signed): Proved) -> Response {
    page.sessions.end(&signed.session);
    tracing::info!(user = signed.session.account.user(), "signed out of the page");
    (StatusCode::NO_CONTENT, [(header::SET_COOKIE, page.outside.set_cookie(None))]).into_response()
}

impl<I: Identify> SignIn<I> {
    /// Whose name and password that is, as Finesse says; asked at most once.
    async fn prove(&self, wish: &Wish, address: IpAddr) -> Result<Account, Response> {
        let typed = wish.user.trim();
        let password = wish.password.expose_secret();
        let unfit = |text: &str| text.is_empty() || text.chars().count() > LONGEST;
        if unfit(typed) || unfit(password) || typed.contains(|c: char| c == ':' || c.is_control()) {
            return Err(refuse(StatusCode::UNAUTHORIZED, WRONG));
        }
        let everybody = self.page.roll.read().ok_or_else(|| busy(NOT_READ))?;
        let is_admin = typed.eq_ignore_ascii_case(&self.page.administrator);
        let user = everybody.find(typed).filter(|_| !is_admin);
        let Some(user) = user else {
            let authorization = basic(typed, password);
            let asked = self.asking.administers(typed, &authorization, address).await;
            return match asked.map_err(held)? {
                Ok(()) => Ok(Account::Administrator(typed.to_owned())),
                Err(error) => Err(failed(&error)),
            };
        };
        // By the id, whatever name was typed: Finesse counts the failures of a user, not of a name.
        let authorization = basic(user.as_str(), password);
        let asked = self.asking.who(&user, &authorization, address).await;
        match asked.map_err(held)? {
            Ok(found) if found != user => Err(refuse(StatusCode::UNAUTHORIZED, WRONG)),
            Ok(_) => {
                let account = Account::User(user);
                let may_look = account.rights(&everybody).is_some();
                may_look
                    .then_some(account)
                    .ok_or_else(|| refuse(StatusCode::FORBIDDEN, NOT_FOR_AGENTS))
            }
            Err(error) => Err(failed(&error)),
        }
    }
}

impl Page {
    fn welcome(&self, account: Account) -> Response {
        metrics::counter!("lockstep_page_sign_ins_total", "outcome" => "good").increment(1);
        tracing::info!(user = account.user(), "signed in to the page");
        let now = self.clock.now();
        let cookie = self.sessions.begin(now, account);
        let session = self.sessions.find(now, &cookie);
        let signed = session.and_then(|session| {
            let rights = self.rights(&session.account)?;
            Some(Signed { session, rights })
        });
        let Some(signed) = signed else { return super::door::signed_out() };
        let cookie = self.outside.set_cookie(Some(&cookie));
        ([(header::SET_COOKIE, cookie)], Json(self.me(&signed))).into_response()
    }

    fn me(&self, signed: &Signed) -> Me {
        let everybody = self.roll.read().unwrap_or_default();
        let teams = match &signed.rights.scope {
            Scope::All => everybody.team_ids().cloned().collect(),
            Scope::Teams(teams) => teams.clone(),
        };
        let team = |id: TeamId| Team { name: everybody.team_name(&id).to_owned(), id };
        let idle = self.sessions.lifetimes().idle.as_millis();
        Me {
            name: signed.rights.name.clone(),
            user: signed.session.account.user().to_owned(),
            role: signed.rights.role,
            teams: teams.into_iter().map(team).collect(),
            proof: signed.session.proof.clone(),
            ends_at: signed.session.ends_at,
            idle_ms: u64::try_from(idle).unwrap_or(u64::MAX),
            dry_run: self.config.borrow().sync.dry_run,
        }
    }
}

fn secret<'de, D: Deserializer<'de>>(text: D) -> Result<SecretString, D::Error> {
    String::deserialize(text).map(SecretString::from)
}

fn basic(user: &str, password: &str) -> SecretString {
    let pair = Zeroizing::new([user, ":", password].concat());
    SecretString::from(["Basic ", &*Zeroizing::new(STANDARD.encode(pair.as_bytes()))].concat())
}

fn failed(error: &FinesseError) -> Response {
    match error {
        FinesseError::Credential { .. }
        | FinesseError::NotOurs { .. }
        | FinesseError::NotFound { .. }
        | FinesseError::Refused { .. } => refuse(StatusCode::UNAUTHORIZED, WRONG),
        _ => busy(AWAY),
    }
}

fn held(hold: Hold) -> Response {
    let (status, text, wait) = match hold {
        Hold::Refused(wait) => (StatusCode::UNAUTHORIZED, REFUSED_BEFORE, wait.as_secs() + 1),
        Hold::TooMany(wait) => (StatusCode::TOO_MANY_REQUESTS, TOO_MANY, wait.as_secs() + 1),
        Hold::Crowded => (StatusCode::TOO_MANY_REQUESTS, CROWDED, 5),
    };
    let mut response = refuse(status, text);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait));
    response
}
