//! `/gadgets/makeRequest`: what gadgets ask of other hosts goes through Finesse (Finesse notes 4.1).

use axum::body::Body;
use bytes::Bytes;
use hyper::Response;
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Map, Value, json};

use super::fetch::{Ask, fetch};
use super::page::{bytes, plain, with};
use super::query::Query;
use crate::server::Shared;

/// Keeps other pages from reading the answer as a script.
const UNPARSEABLE: &str = "throw 1; < don't be evil' >";
/// Headers that are told without `getFullHeaders`.
const FEW_HEADERS: [&str; 2] = ["set-cookie", "location"];

pub(crate) async fn serve(shared: &Shared, query: &Query, body: &Bytes) -> Response<Body> {
    let form = Query::read(&String::from_utf8_lossy(body));
    let field = |name: &str| form.get(name).or_else(|| query.get(name)).unwrap_or_default();
    let url = field("url").to_owned();
    if url.is_empty() {
        return plain(400, "url parameter is missing");
    }
    let method = Method::from_bytes(field("httpMethod").to_uppercase().as_bytes());
    let mut headers: Vec<(String, String)> = Query::read(field("headers"))
        .pairs()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let typed = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if !typed && !field("postData").is_empty() {
        let kind = "application/x-www-form-urlencoded".to_owned();
        headers.push(("content-type".to_owned(), kind));
    }
    let method = method.unwrap_or(Method::GET);
    let ask = Ask { method, url: url.clone(), headers, body: field("postData").to_owned() };
    let full = field("getFullHeaders").eq_ignore_ascii_case("true");
    let told = match fetch(shared, ask).await {
        Ok(answer) => json!({
            "rc": answer.status,
            "body": answer.text(),
            "headers": listed(&answer.headers, full),
        }),
        // Nobody answered: Shindig says so by a status of its own.
        Err(why) => json!({"rc": 504, "body": why, "headers": {}}),
    };
    let mut envelope = Map::new();
    envelope.insert(url, told);
    let text = format!("{UNPARSEABLE}{}", Value::Object(envelope));
    let response = bytes(200, "application/json;charset=utf-8", text);
    with(response, "content-disposition", "attachment;filename=p.txt")
}

/// Names in lower case, values as lists.
fn listed(headers: &HeaderMap, full: bool) -> Value {
    let mut told = Map::new();
    for (name, value) in headers {
        if !full && !FEW_HEADERS.contains(&name.as_str()) {
            continue;
        }
        let values = told.entry(name.as_str().to_owned()).or_insert_with(|| json!([]));
        if let (Value::Array(values), Ok(value)) = (values, value.to_str()) {
            values.push(json!(value));
        }
    }
    Value::Object(told)
}
