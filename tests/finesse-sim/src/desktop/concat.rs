//! `/gadgets/concat`: scripts from anywhere as one, served by Finesse.

use axum::body::Body;
use hyper::Response;

use super::fetch::{Ask, fetch};
use super::page::bytes;
use super::query::Query;
use crate::server::Shared;

pub(crate) async fn serve(shared: &Shared, query: &Query) -> Response<Body> {
    let mut numbered: Vec<(u32, &str)> =
        query.pairs().filter_map(|(name, url)| Some((name.parse().ok()?, url))).collect();
    numbered.sort_unstable();
    let mut text = String::new();
    for (_, url) in numbered {
        text.push_str(&part(shared, url).await);
    }
    let mime = query.get("rewriteMime").unwrap_or("text/javascript");
    bytes(200, mime, text)
}

async fn part(shared: &Shared, url: &str) -> String {
    let why = match fetch(shared, Ask::get(url)).await {
        Ok(fetched) if fetched.is_success() => {
            return format!(
                "/* ---- Start {url} ---- */\n{}\n/* ---- End {url} ---- */\n",
                fetched.text()
            );
        }
        Ok(fetched) => fetched.status.to_string(),
        Err(why) => why.replace("*/", "* /"),
    };
    format!("/* ---- Error {why} ({url}) ---- */\n")
}
