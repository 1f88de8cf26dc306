//! `GET /api/agents`: everybody in sight, at once.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::Page;
use super::door::{Signed, busy};

/// `GET /api/agents`.
pub(super) async fn agents(State(page): State<Arc<Page>>, signed: Signed) -> Response {
    let Some(_look) = page.stop.run_until_cancelled(page.hub.look()).await.flatten() else {
        return busy("the server is stopping");
    };
    let scope = &signed.rights.scope;
    let changes = page.hub.table().snapshot(scope);
    let health = serde_json::to_string(&page.hub.health(scope)).unwrap_or_default();
    let (epoch, sequence) = (page.hub.epoch(), changes.sequence);
    let (now, rows) = (page.hub.now().as_millis(), changes.rows.join(","));
    let body = format!(
        "{{\"epoch\":{epoch},\"sequence\":{sequence},\"now\":{now},\"health\":{health},\"rows\":[{rows}]}}"
    );
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}
