//! `/gadgets/ifr`: one gadget in its frame, from the XML that the layout names.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use hyper::Response;
use hyper::http::request::Parts;
use reqwest::Url;
use serde_json::{Value, json};

use super::fetch::{Ask, fetch};
use super::gadget::{Gadget, messages};
use super::page::{escaped, html, with};
use super::query::Query;
use super::rewrite::{Rules, rewritten};
use crate::faults::{PagePlan, Request, Stage};
use crate::rest::route::Endpoint;
use crate::rest::xml::{PAGE, parse_within};
use crate::server::{Node, Shared};

pub(crate) async fn render(
    shared: &Arc<Shared>,
    node: Node,
    head: &Parts,
    query: &Query,
) -> Response<Body> {
    let plan = struck(shared, node, query);
    let made = match frame(shared, node, head, query, &plan).await {
        Ok(page) => html(200, &page),
        Err(why) => html(400, &format!("<!doctype html><p>{}</p>", escaped(&why))),
    };
    match &plan.policy {
        Some(policy) => with(made, "content-security-policy", policy),
        None => made,
    }
}

fn struck(shared: &Shared, node: Node, query: &Query) -> PagePlan {
    let user = query.get("up_id");
    let endpoint = Endpoint::Gadget;
    let request = Request { node, endpoint, method: "GET", user, actor: user };
    shared.with(|world, now| world.faults.plan(Stage::Gadget, &request, now, &mut world.rng).page)
}

async fn frame(
    shared: &Shared,
    node: Node,
    head: &Parts,
    query: &Query,
    plan: &PagePlan,
) -> Result<String, String> {
    let url = query.get("url").ok_or("the frame has no url")?;
    let url = at_home(shared, node, head, url)?;
    let text = spec(shared, url.as_str()).await?;
    let mut gadget = Gadget::read(&text).map_err(|why| format!("{url}: {why}"))?;
    if let Some(at) = gadget.messages_at.take() {
        gadget.messages = bundle(shared, &url, &at).await?;
    }
    for (name, value) in &mut gadget.prefs {
        if let Some(given) = query.get(&format!("up_{name}")) {
            given.clone_into(value);
        }
    }
    let mid = query.get("mid").unwrap_or("0");
    let content = substituted(&gadget, mid);
    let content = rewritten(&content, &Rules { base: &url, excluded: &gadget.excluded });
    let start =
        json!({"mid": mid, "prefs": gadget.prefs, "title": gadget.title, "faults": plan.switches});
    Ok(document(&gadget.title, &start, &content))
}

/// A path is on the node that shows it.
fn at_home(shared: &Shared, node: Node, head: &Parts, url: &str) -> Result<Url, String> {
    let host = head.headers.get("host").and_then(|host| host.to_str().ok());
    let scheme = if shared.secure { "https" } else { "http" };
    let base = match host {
        Some(host) => format!("{scheme}://{host}/"),
        None => format!("{scheme}://{}/", shared.address(node)),
    };
    Url::parse(&base)
        .and_then(|base| base.join(url))
        .map_err(|error| format!("{url} is no address: {error}"))
}

async fn spec(shared: &Shared, url: &str) -> Result<String, String> {
    let fetched = fetch(shared, Ask::get(url)).await?;
    if !fetched.is_success() {
        return Err(format!("Unable to retrieve spec for {url}. HTTP error {}", fetched.status));
    }
    Ok(fetched.text())
}

async fn bundle(shared: &Shared, base: &Url, at: &str) -> Result<BTreeMap<String, String>, String> {
    let url = base.join(at).map_err(|error| format!("{at} is no address: {error}"))?;
    let text = spec(shared, url.as_str()).await?;
    Ok(messages(&parse_within(&text, PAGE)?))
}

/// `__MODULE_ID__`, `__UP_name__` and `__MSG_name__`; what is not declared stays as it is.
fn substituted(gadget: &Gadget, mid: &str) -> String {
    let mut text = gadget.content.replace("__MODULE_ID__", &escaped(mid));
    for (name, message) in &gadget.messages {
        text = text.replace(&format!("__MSG_{name}__"), message);
    }
    for (name, value) in &gadget.prefs {
        text = text.replace(&format!("__UP_{name}__"), &escaped(value));
    }
    text
}

fn document(title: &str, start: &Value, content: &str) -> String {
    // `</script>` in a string would end the script.
    let start = start.to_string().replace('<', "\\u003c");
    format!(
        "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>{}</title>\
         <script src=\"/gadgets/js/core.js\"></script>\
         <script>gadgets.config.init({start});</script></head><body>{content}\
         <script>gadgets.util.runOnLoadHandlers();</script></body></html>",
        escaped(title)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_names_are_substituted_and_others_stay() {
        let xml = r#"<Module><ModulePrefs title="t"><Locale><msg name="hi">Hi</msg></Locale></ModulePrefs>
            <UserPref name="host" default_value="a&amp;b"/><Content type="html">
            <![CDATA[__UP_host__ __UP_other__ __MSG_hi__ __MSG_no__ __MODULE_ID__]]></Content></Module>"#;
        let gadget = Gadget::read(xml).expect("a gadget");
        assert_eq!(substituted(&gadget, "7").trim(), "a&amp;b __UP_other__ Hi __MSG_no__ 7");
    }

    #[test]
    fn a_title_ends_no_script() {
        let page = document("a<b", &json!({"title": "</script>"}), "x");
        assert_eq!(page.matches("</script>").count(), 3, "{page}");
    }
}
