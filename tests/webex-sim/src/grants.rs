//! The refresh grant of an integration (wire notes 5).

use std::sync::Arc;
use std::time::Duration;

use axum::extract::Query;
use axum::http::{StatusCode, Uri};
use serde_json::json;
use tokio::time::Instant;

use crate::call::{Answer, Call, Reply};
use crate::cloud::{Cloud, organisation};
use crate::faults::Fault;
use crate::journal::Kind;
use crate::refusal::Refusal;

/// How long a refresh token lives by its own word; third parties quote 60 and 90 days.
const REFRESH_LIFETIME: Duration = Duration::from_hours(90 * 24);

/// `POST access_token`, the client's secret in the form or, as at the identity broker, in a
/// `Basic` header.
pub(crate) fn token(cloud: &Arc<Cloud>, call: &Call) -> Answer {
    let form = form(call)?;
    let field = |name: &str| {
        let found = form.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    };
    if field("grant_type") != Some("refresh_token") {
        return Err(Refusal::malformed("the simulator has grant_type=refresh_token only"));
    }
    let basic = call.header("authorization").is_some_and(|value| value.starts_with("Basic "));
    if !basic && (field("client_id").is_none() || field("client_secret").is_none()) {
        return Err(Refusal::malformed("client_id and client_secret are required"));
    }
    match field("refresh_token") {
        Some(refresh) => grant(cloud, refresh),
        None => Err(Refusal::malformed("refresh_token is required")),
    }
}

fn grant(cloud: &Cloud, refresh: &str) -> Answer {
    let config = &cloud.config;
    cloud.update(|state| {
        if state.struck_by(|fault| matches!(fault, Fault::RefreshRefused {})) {
            return Err(invalid_grant());
        }
        if !state.tokens.refresh_is_good(refresh) {
            state.journal.counters.dead_refresh_token_uses += 1;
            state.journal.note(Kind::Request, "a replaced refresh token was used".to_owned());
            return Err(invalid_grant());
        }
        let access = format!("{}_PF84_{}", state.ids.uuid().simple(), organisation());
        state.tokens.issue(access.clone(), config.access_token_lifetime, Instant::now());
        state.journal.counters.tokens_issued += 1;
        let mut next = refresh.to_owned();
        if config.rotate_refresh_tokens {
            state.tokens.replace_refresh(refresh);
            next = state.ids.uuid().simple().to_string();
        }
        state.tokens.show(&access);
        state.tokens.show(&next);
        Ok(Reply::json(json!({
            "access_token": access,
            "expires_in": config.access_token_lifetime.as_secs(),
            "refresh_token": next,
            "refresh_token_expires_in": REFRESH_LIFETIME.as_secs(),
            "token_type": "Bearer",
            "scope": "spark:people_read spark:all",
        })))
    })
}

fn invalid_grant() -> Refusal {
    Refusal::expected(StatusCode::BAD_REQUEST, "invalid_grant: the refresh token is not valid")
}

/// A form has the syntax of a query.
fn form(call: &Call) -> Result<Vec<(String, String)>, Refusal> {
    let text = std::str::from_utf8(&call.body).unwrap_or_default();
    let uri: Result<Uri, _> = format!("/?{text}").parse();
    let pairs = uri.ok().and_then(|uri| Query::try_from_uri(&uri).ok());
    pairs
        .map(|Query(pairs)| pairs)
        .ok_or_else(|| Refusal::malformed("the body is not a form (key=value&key=value)"))
}
