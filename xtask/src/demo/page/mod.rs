//! The page of the demo: the simulated desktop with the real gadget, and a remote control beside it.
//!
//! Served on this machine only, to whoever started the demo.

mod order;
mod picture;

use std::convert::Infallible;

use anyhow::Context as _;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream::{self, Stream};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use self::order::Order;
use self::picture::Picture;
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

/// Serves the page on a free port.
pub(super) async fn serve(page: Page) -> anyhow::Result<Served> {
    let listener =
        TcpListener::bind("127.0.0.1:0").await.context("failed to listen for the page")?;
    let url = format!("http://{}/", listener.local_addr()?);
    let text = |kind: &'static str, body: &'static str| {
        get(move || async move { ([(header::CONTENT_TYPE, kind)], body) })
    };
    let app = Router::new()
        .route("/", get(|| async { Html(include_str!("index.html")) }))
        .route("/page.css", text("text/css; charset=utf-8", include_str!("page.css")))
        .route("/page.js", text("text/javascript; charset=utf-8", include_str!("page.js")))
        .route("/events", get(events))
        .route("/act", post(act))
        .with_state(page);
    let task = tokio::spawn(async move {
        // It serves until it is dropped; an error would be of the listener, and the page says so.
        let _ = axum::serve(listener, app).await;
    });
    Ok(Served { url, task })
}

/// What there is to be seen, whenever it changes.
async fn events(State(page): State<Page>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let pictures = stream::unfold((page, String::new()), |(mut page, last)| async move {
        loop {
            let board = page.boards.borrow_and_update().clone();
            let caption = page.captions.borrow_and_update().clone();
            let picture = Picture::of(&board, &caption, &page.desktop);
            let text = serde_json::to_string(&picture).unwrap_or_default();
            if text != last {
                return Some((Ok(Event::default().data(&text)), (page, text)));
            }
            tokio::select! {
                changed = page.boards.changed() => changed.ok()?,
                changed = page.captions.changed() => changed.ok()?,
            }
        }
    });
    Sse::new(pictures).keep_alive(KeepAlive::default())
}

async fn act(State(page): State<Page>, headers: HeaderMap, Json(order): Json<Order>) -> Response {
    // A browser says where a page is from; others than ours have no business here.
    let foreign = headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin");
    if foreign {
        return (StatusCode::FORBIDDEN, "only the demo's own page may do that").into_response();
    }
    let row = page.boards.borrow().rows.get(order.who).cloned();
    let Some(row) = row else {
        return (StatusCode::NOT_FOUND, "there is no such agent yet").into_response();
    };
    // A full queue says the same already.
    let _ = page.taken_over.try_send(());
    match order.obey(&page.control, &row).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => (StatusCode::CONFLICT, format!("{error:#}")).into_response(),
    }
}
