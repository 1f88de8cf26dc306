//! The page of the demo: the simulated desktop with the real gadget, and a remote control beside it.
//!
//! Served on this machine only, to whoever started the demo.

mod order;
mod picture;
mod shapes;
#[cfg(test)]
mod tests;
mod trouble;

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::Arc;

use anyhow::Context as _;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream::{self, Stream};
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinHandle;

use self::order::Order;
use self::picture::Picture;
use self::trouble::Troubles;
use super::Caption;
use super::board::Board;
use super::control::Control;

/// What the page is made of.
#[derive(Debug, Clone)]
pub(super) struct Page {
    pub(super) control: Control,
    pub(super) boards: watch::Receiver<Board>,
    pub(super) captions: watch::Receiver<Caption>,
    /// Where desktops are.
    pub(super) desktop: String,
    /// Told when the reader acts: the day is theirs from then on.
    pub(super) taken_over: mpsc::Sender<()>,
    /// Told when somebody looks.
    pub(super) looked_at: Arc<Notify>,
}

/// A page that is served until this is dropped.
#[derive(Debug)]
pub(super) struct Served {
    /// Where it is.
    pub(super) url: String,
    task: JoinHandle<()>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What requests are answered from.
#[derive(Debug, Clone)]
struct Site {
    page: Page,
    troubles: Troubles,
}

/// Where the page is, if nothing else is there: a reader may keep the address.
const USUAL_PORT: u16 = 8490;

/// Serves the page on the usual port, or on a free one.
pub(super) async fn serve(page: Page) -> anyhow::Result<Served> {
    let at = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let listener = match at(USUAL_PORT).await {
        Ok(listener) => listener,
        Err(_) => at(0).await.context("failed to listen for the page")?,
    };
    serve_on(listener, page)
}

fn serve_on(listener: TcpListener, page: Page) -> anyhow::Result<Served> {
    let url = format!("http://{}/", listener.local_addr()?);
    let text = |kind: &'static str, body: &'static str| {
        get(move || async move { ([(header::CONTENT_TYPE, kind)], body) })
    };
    let (css, js) = ("text/css; charset=utf-8", "text/javascript; charset=utf-8");
    let app = Router::new()
        .route("/", get(|| async { Html(shapes::page()) }))
        .route("/tokens.css", text(css, include_str!("../../../../gadget/tokens.css")))
        .route("/page.css", text(css, include_str!("page.css")))
        .route("/page.js", text(js, include_str!("page.js")))
        .route("/events", get(events))
        .route("/act", post(act))
        .with_state(Site { page, troubles: Troubles::default() });
    let task = tokio::spawn(async move {
        // It serves until it is dropped; an error would be of the listener, and the page says so.
        let _ = axum::serve(listener, app).await;
    });
    Ok(Served { url, task })
}

/// What there is to be seen, whenever it changes.
async fn events(State(site): State<Site>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    site.page.looked_at.notify_one();
    let pictures = stream::unfold((site, String::new()), |(mut site, last)| async move {
        loop {
            let board = site.page.boards.borrow_and_update().clone();
            let caption = site.page.captions.borrow_and_update().clone();
            let picture = Picture::of(&board, &caption, &site.page.desktop, site.troubles.keys());
            let text = serde_json::to_string(&picture).unwrap_or_default();
            if text != last {
                return Some((Ok(Event::default().data(&text)), (site, text)));
            }
            tokio::select! {
                changed = site.page.boards.changed() => changed.ok()?,
                changed = site.page.captions.changed() => changed.ok()?,
            }
        }
    });
    Sse::new(pictures).keep_alive(KeepAlive::default())
}

async fn act(State(site): State<Site>, headers: HeaderMap, Json(order): Json<Order>) -> Response {
    // A browser says where a page is from; others than ours have no business here.
    let foreign = headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin");
    if foreign {
        return (StatusCode::FORBIDDEN, "only the demo's own page may do that").into_response();
    }
    let rows = site.page.boards.borrow().rows.clone();
    // A full queue says the same already.
    let _ = site.page.taken_over.try_send(());
    match order.obey(&site.page.control, &site.troubles, &rows).await {
        Ok(words) => (StatusCode::OK, words).into_response(),
        Err(error) => (StatusCode::CONFLICT, format!("{error:#}")).into_response(),
    }
}
