//! The agents' desktop: sign-in, the container page, and gadgets rendered as Shindig does
//! (Finesse notes 3, 4.1 and 7).
//!
//! The pages themselves are scripts in the folder `desktop`; here is what they ask for.

mod concat;
mod content;
mod events;
mod fetch;
mod gadget;
mod ifr;
mod layout;
mod make_request;
mod notice;
mod page;
mod query;
mod rewrite;
mod state;

use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use hyper::Response;
use hyper::http::request::Parts;

use crate::server::{Node, Shared};
use page::{html, json, plain};
use query::Query;

pub(crate) use events::publish;
pub(crate) use fetch::Fetcher;
pub(crate) use layout::Layout;
pub use state::Act;
pub(crate) use state::Desk;

/// Paths that belong to the desktop and not to the REST API.
const ROOTS: [&str; 4] = ["/desktop", "/gadgets/", "/3rdpartygadget/files/", "/favicon.ico"];

/// Whether this path is the desktop's.
pub(crate) fn owns(path: &str) -> bool {
    path == "/" || ROOTS.iter().any(|root| path.starts_with(root))
}

/// Answers one request of the desktop's pages.
pub(crate) async fn answer(
    shared: &Arc<Shared>,
    node: Node,
    head: &Parts,
    body: &Bytes,
) -> Response<Body> {
    let query = Query::read(head.uri.query().unwrap_or_default());
    let path = head.uri.path();
    match path.strip_suffix('/').unwrap_or(path) {
        "" => page::redirect("/desktop/"),
        "/desktop/events" => events::stream(shared, node, head),
        "/desktop/layout" => layout_of(shared, &query),
        "/desktop/failover" => arrival(body),
        "/gadgets/ifr" => ifr::render(shared, node, head, &query).await,
        "/gadgets/concat" => concat::serve(shared, &query).await,
        "/gadgets/makeRequest" => make_request::serve(shared, &query, body).await,
        "/favicon.ico" => plain(404, "there is no icon"),
        path => match path.strip_prefix("/3rdpartygadget/files/") {
            Some(name) => uploaded(shared, name),
            None => content::serve(shared, path),
        },
    }
}

fn layout_of(shared: &Shared, query: &Query) -> Response<Body> {
    let role = query.get("role").unwrap_or("Agent");
    let shown = shared.with(|world, _| world.desk.layout.role(role).cloned());
    match shown {
        Some(layout) => json(200, &layout),
        None => plain(404, &format!("the layout has no role {role}")),
    }
}

/// A desktop that comes from the other node: it keeps its session.
fn arrival(body: &Bytes) -> Response<Body> {
    let form = Query::read(&String::from_utf8_lossy(body));
    let session = serde_json::Value::from(form.get("session").unwrap_or_default());
    html(
        200,
        &format!(
            "<!doctype html><title>Cisco Finesse (simulated)</title><script>\
             sessionStorage.userFinesseAuth={};location.replace('/desktop/container');</script>",
            // `</script>` in a string would end the script.
            session.to_string().replace('<', "\\u003c")
        ),
    )
}

/// What was put on the node by SFTP (Finesse notes 3.5).
fn uploaded(shared: &Shared, name: &str) -> Response<Body> {
    let file = shared.with(|world, _| world.desk.files.get(name).cloned());
    match file {
        Some(file) => page::bytes(200, page::media_type(name), file),
        None => plain(404, "Resource not available"),
    }
}
