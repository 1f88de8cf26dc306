//! What Lockstep serves: `/healthz`, `/readyz` and `/metrics`, and beside them the gadget's files
//! and its link.
//!
//! Nothing here tells anybody's presence or state: those need a sign-in (S4-19), which is the
//! dashboard's affair.

mod callers;
mod connections;
pub mod descriptors;
mod line;
pub mod origins;
pub mod security;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::body::HttpBody as _;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use self::connections::Limits;
pub use self::line::Cut;
use self::security::Security;
use crate::config::Network;
use crate::gadgets::Gadgets;
use crate::status::Status;

/// Bytes of a request's body. A gadget's sign-in has a few dozen, and what it sends by polling has a
/// limit of its own, the same.
const MAX_BODY: usize = 16 * 1024;

#[derive(Clone)]
struct Shared {
    status: Status,
    metrics: PrometheusHandle,
}

/// Who is at the other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

/// Where callers come in.
#[derive(Debug)]
pub struct Front {
    /// Where it listens.
    pub listener: TcpListener,
    /// What new connections are secured by.
    pub security: Security,
    /// Whose word on who calls is believed.
    pub proxies: Arc<[Network]>,
}

/// Serves at `front` until `stop`; `gadget` is what desktops load, and `gadgets` are their links.
pub async fn serve(
    front: Front,
    status: Status,
    metrics: PrometheusHandle,
    gadget: Router,
    gadgets: Gadgets,
    stop: CancellationToken,
) {
    let app = routes(status, metrics).merge(gadget);
    let links = async {
        stop.cancelled().await;
        gadgets.close().await;
    };
    tokio::join!(connections::serve(front, app, Limits::default(), stop.clone()), links);
}

fn routes(status: Status, metrics: PrometheusHandle) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(render))
        .with_state(Shared { status, metrics })
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn(refuse_large_bodies))
}

/// A body that is announced as too large is not waited for: the connection ends with the answer.
async fn refuse_large_bodies(request: Request, next: Next) -> Response {
    if request.body().size_hint().lower() > MAX_BODY as u64 {
        return (StatusCode::PAYLOAD_TOO_LARGE, [(header::CONNECTION, "close")]).into_response();
    }
    next.run(request).await
}

async fn ready(State(shared): State<Shared>) -> impl IntoResponse {
    let now = shared.status.snapshot();
    let code = if now.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, Json(now))
}

async fn render(State(shared): State<Shared>) -> impl IntoResponse {
    shared.metrics.run_upkeep();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], shared.metrics.render())
}
