//! What a request must show: that it comes from our own page, whose it is, and for an action the
//! proof that only that page can know.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use url::Url;

use super::Page;
use super::rights::Rights;
use super::sessions::Current;

const PROOF: HeaderName = HeaderName::from_static("x-lockstep-proof");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// Scripts, styles and pictures are ours, nothing frames the page, and forms go nowhere else.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
);

const FOREIGN: &str = "this request does not come from Lockstep\u{2019}s own page";
const NO_PROOF: &str = "this page is out of date: load it again";
const SIGN_IN: &str = "sign in first";
const NO_USERS: &str = "Lockstep has not read Finesse\u{2019}s users yet: try again soon";

/// How the page's own addresses and cookie look from outside.
#[derive(Debug, Clone)]
pub(super) struct Outside {
    /// What browsers name as the origin, where an administrator has said it.
    origin: Option<String>,
    /// Do browsers come by https only?
    secure: bool,
}

/// Somebody who is signed in, and what they may.
#[derive(Debug, Clone)]
pub(super) struct Signed {
    pub(super) session: Current,
    pub(super) rights: Rights,
}

/// The same, and the request comes from our own page's script.
#[derive(Debug, Clone)]
pub(super) struct Proved(pub(super) Signed);

impl Outside {
    pub(super) fn new(public_url: Option<&Url>, has_tls: bool) -> Self {
        let origin = public_url.map(|url| url.origin().ascii_serialization());
        let secure = has_tls || public_url.is_some_and(|url| url.scheme() == "https");
        Self { origin, secure }
    }

    /// The cookie's name; with this prefix a browser takes it from nobody but this very host.
    pub(super) const fn cookie(&self) -> &'static str {
        if self.secure { "__Host-lockstep" } else { "lockstep" }
    }

    /// The header that sets the cookie, or with nothing removes it.
    pub(super) fn set_cookie(&self, value: Option<&str>) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        let (value, age) = value.map_or(("", "; Max-Age=0"), |value| (value, ""));
        let text =
            format!("{}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{age}", self.cookie());
        HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
    }

    /// Does the request come from our own page, or from no page at all? A browser names both the
    /// page and how it stands to us; what names neither is no browser's, and proves itself otherwise.
    fn is_own(&self, headers: &HeaderMap) -> bool {
        let sites = headers.get_all(FETCH_SITE);
        if sites.iter().any(|site| site != "same-origin" && site != "none") {
            return false;
        }
        headers.get_all(header::ORIGIN).iter().all(|origin| {
            let Ok(origin) = origin.to_str() else { return false };
            let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
            let authority = origin.split_once("://").map(|(_, authority)| authority);
            self.origin.as_deref() == Some(origin) || (host.is_some() && authority == host)
        })
    }

    fn cookie_in<'h>(&self, headers: &'h HeaderMap) -> Option<&'h str> {
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut pairs =
            lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
        pairs.find(|(name, _)| name.trim() == self.cookie()).map(|(_, value)| value.trim())
    }
}

/// Lets nobody's page but our own in, and says of every answer who may use it how.
pub(super) async fn enter(State(page): State<Arc<Page>>, request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let mut response = if is_api && !page.outside.is_own(request.headers()) {
        refuse(StatusCode::FORBIDDEN, FOREIGN)
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    if is_api {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

impl FromRequestParts<Arc<Page>> for Signed {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, page: &Arc<Page>) -> Result<Self, Response> {
        let cookie = page.outside.cookie_in(&parts.headers).ok_or_else(signed_out)?;
        let session = page.sessions.find(page.clock.now(), cookie).ok_or_else(signed_out)?;
        if page.roll.read().is_none() {
            return Err(busy(NO_USERS));
        }
        let Some(rights) = page.rights(&session.account) else {
            // Whoever supervises nobody any more is not signed in any more.
            page.sessions.end(&session);
            return Err(signed_out());
        };
        Ok(Self { session, rights })
    }
}

impl FromRequestParts<Arc<Page>> for Proved {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, page: &Arc<Page>) -> Result<Self, Response> {
        let signed = Signed::from_request_parts(parts, page).await?;
        let proof = parts.headers.get(PROOF).and_then(|proof| proof.to_str().ok());
        let proved = proof.is_some_and(|proof| signed.session.is_proved_by(proof));
        if parts.method != Method::POST || !proved {
            return Err(refuse(StatusCode::FORBIDDEN, NO_PROOF));
        }
        Ok(Self(signed))
    }
}

/// No, and why, for a person.
pub(super) fn refuse(status: StatusCode, why: &str) -> Response {
    (status, Json(json!({ "error": why }))).into_response()
}

/// Nobody is signed in.
pub(super) fn signed_out() -> Response {
    refuse(StatusCode::UNAUTHORIZED, SIGN_IN)
}

/// Not now.
pub(super) fn busy(why: &str) -> Response {
    let mut response = refuse(StatusCode::SERVICE_UNAVAILABLE, why);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    response
}
