//! The control API: people's acts, calls, faults and the log, as JSON under `/sim/`.
//!
//! It needs no credentials and is struck by no fault but `refuse_connections`.

mod bodies;
mod desktop;
mod faults;
mod log;
mod users;

use axum::body::Body;
use hyper::http::HeaderValue;
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::rest::route::percent_decoded;
use crate::server::Shared;

/// What a control request comes to.
pub(crate) enum Outcome {
    /// 204.
    Done,
    /// 200 with JSON.
    Shown(Value),
    /// 400 with a sentence.
    Mistake(String),
    /// 404: no such path or user.
    Unknown(String),
    /// 405.
    WrongMethod(&'static str),
}

/// Turns the result of a script's act into an outcome.
pub(crate) fn done(result: Result<(), String>) -> Outcome {
    match result {
        Ok(()) => Outcome::Done,
        Err(sentence) => Outcome::Mistake(sentence),
    }
}

/// Answers one control request.
pub(crate) fn answer(shared: &Shared, head: &Parts, body: &[u8]) -> Response<Body> {
    let path = head.uri.path().trim_end_matches('/');
    let parts: Vec<String> = path.split('/').skip(2).map(percent_decoded).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let query = head.uri.query().unwrap_or_default();
    render(dispatch(shared, &head.method, &parts, query, body))
}

#[expect(clippy::match_same_arms, reason = "the methods of a path stand together")]
fn dispatch(shared: &Shared, method: &Method, parts: &[&str], query: &str, body: &[u8]) -> Outcome {
    let read = *method == Method::GET;
    let post = *method == Method::POST;
    let put = *method == Method::PUT;
    let delete = *method == Method::DELETE;
    match parts {
        ["users"] if read => users::list(shared),
        ["users"] if post => users::add(shared, body),
        ["users"] => Outcome::WrongMethod("GET,POST"),
        ["users", name] if read => users::show(shared, name),
        ["users", name] if delete => users::remove(shared, name),
        ["users", _] => Outcome::WrongMethod("GET,DELETE"),
        ["users", name, "state"] if put => users::set_state(shared, name, body),
        ["users", name, "team"] if put => users::set_team(shared, name, body),
        ["users", _, "state" | "team"] => Outcome::WrongMethod("PUT"),
        ["users", name, "call"] if post => users::call(shared, name, body),
        ["users", _, "call"] | ["failover"] if !post => Outcome::WrongMethod("POST"),
        ["failover"] => users::fail_over(shared),
        ["teams"] if read => users::teams(shared),
        ["teams", id] if put => users::put_team(shared, id, body),
        ["faults"] if read => faults::list(shared),
        ["faults"] if post => faults::install(shared, body),
        ["faults"] if delete => faults::clear(shared),
        ["faults"] => Outcome::WrongMethod("GET,POST,DELETE"),
        ["faults", name] if delete => faults::remove(shared, name),
        ["layout"] if put => desktop::set_layout(shared, body),
        ["layout"] => Outcome::WrongMethod("PUT"),
        ["files", name @ ..] if put => desktop::upload(shared, &name.join("/"), body),
        ["files", ..] => Outcome::WrongMethod("PUT"),
        ["desktop"] if post => desktop::act(shared, body),
        ["desktop"] => Outcome::WrongMethod("POST"),
        ["log"] if read => log::show(shared, query),
        ["log"] if delete => log::clear(shared),
        ["log"] => Outcome::WrongMethod("GET,DELETE"),
        ["events"] if read => log::events(shared, query),
        ["reasons"] if read => log::reasons(shared),
        _ => Outcome::Unknown(format!("there is no /sim/{}", parts.join("/"))),
    }
}

fn render(outcome: Outcome) -> Response<Body> {
    let (status, value) = match outcome {
        Outcome::Done => (StatusCode::NO_CONTENT, None),
        Outcome::Shown(value) => (StatusCode::OK, Some(value)),
        Outcome::Mistake(sentence) => (StatusCode::BAD_REQUEST, Some(json!({"error": sentence}))),
        Outcome::Unknown(sentence) => (StatusCode::NOT_FOUND, Some(json!({"error": sentence}))),
        Outcome::WrongMethod(allow) => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            response.headers_mut().insert("allow", HeaderValue::from_static(allow));
            return response;
        }
    };
    let body = value.map_or_else(Body::empty, |value| Body::from(value.to_string()));
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert("content-type", json);
    response
}
