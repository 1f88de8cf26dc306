//! What Lockstep serves: `/healthz`, `/readyz` and `/metrics`.
//!
//! Nothing here tells anybody's presence or state: those need a sign-in (S4-19).

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::serve::ListenerExt;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::status::Status;

#[derive(Clone)]
struct Shared {
    status: Status,
    metrics: PrometheusHandle,
}

/// Serves on `listener` until `stop`.
pub async fn serve(
    listener: TcpListener,
    status: Status,
    metrics: PrometheusHandle,
    stop: CancellationToken,
) -> std::io::Result<()> {
    let app = Router::new()
        .route("/healthz", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(render))
        .with_state(Shared { status, metrics });
    // Small answers must not wait for the next packet.
    let listener = listener.tap_io(|socket| {
        if let Err(error) = socket.set_nodelay(true) {
            tracing::debug!(error = %error, "failed to switch off delayed sending");
        }
    });
    axum::serve(listener, app).with_graceful_shutdown(stop.cancelled_owned()).await
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
