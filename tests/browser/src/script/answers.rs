//! What a script answers beside the stream.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::crowd::{TEAMS, THEN};
use super::{Told, stream};

/// The proof of the one session that there is.
const PROOF: &str = "proof-of-the-story";
const POLICY: &str =
    "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

pub(super) fn routes(told: Arc<Told>) -> Router {
    Router::new().fallback(answer).with_state(told)
}

async fn answer(
    State(told): State<Arc<Told>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path();
    if let Some(file) = path.strip_prefix("/page/now/") {
        return asset(file);
    }
    if !path.starts_with("/api/") {
        return shell();
    }
    if !told.scene().reached {
        return (StatusCode::BAD_GATEWAY, "").into_response();
    }
    let body = serde_json::from_slice(&body).unwrap_or_default();
    if path == "/api/sign-in" {
        return sign_in(&told, &body);
    }
    if !told.scene().signed_in {
        return refuse(StatusCode::UNAUTHORIZED, "Sign in to go on.");
    }
    if method == Method::POST {
        let proven = headers.get("x-lockstep-proof").is_some_and(|proof| proof == PROOF);
        return if proven {
            act(&told, path, body)
        } else {
            refuse(StatusCode::FORBIDDEN, "This came without a proof.")
        };
    }
    match path {
        "/api/stream" => {
            let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
            stream::open(&told, last)
        }
        "/api/me" => axum::Json(me()).into_response(),
        _ => told.scene().answer(path).map_or_else(
            || refuse(StatusCode::NOT_FOUND, "There is nobody of this number."),
            |answer| axum::Json(answer).into_response(),
        ),
    }
}

fn sign_in(told: &Told, body: &Value) -> Response {
    match (body["user"].as_str(), body["password"].as_str()) {
        (Some("supervisor1"), Some("secret")) => {
            told.scene().signed_in = true;
            axum::Json(me()).into_response()
        }
        (Some("agent1001"), Some("secret")) => {
            refuse(StatusCode::FORBIDDEN, "This page is for supervisors.")
        }
        (Some("locked"), _) => (
            StatusCode::TOO_MANY_REQUESTS,
            [(header::RETRY_AFTER, "42")],
            axum::Json(json!({"error": "too many attempts"})),
        )
            .into_response(),
        _ => refuse(
            StatusCode::UNAUTHORIZED,
            "Finesse does not know this user name with this password.",
        ),
    }
}

/// Notes what is to be done; what is answered was set for the path.
fn act(told: &Told, path: &str, body: Value) -> Response {
    let mut scene = told.scene();
    scene.posts.push((path.to_owned(), body));
    if path == "/api/sign-out" {
        scene.signed_in = false;
        return StatusCode::NO_CONTENT.into_response();
    }
    match scene.answer(path) {
        Some(answer) => axum::Json(answer).into_response(),
        None => refuse(StatusCode::CONFLICT, "They are not held any more."),
    }
}

fn me() -> Value {
    let team = |(id, name): &(&str, &str)| json!({"id": id, "name": name});
    json!({
        "name": "Sanne Vermeer", "user": "supervisor1", "role": "administrator",
        "teams": TEAMS.iter().map(team).collect::<Vec<_>>(), "proof": PROOF,
        "ends_at": THEN + 28_800_000, "idle_ms": 1_800_000, "dry_run": false,
    })
}

fn refuse(status: StatusCode, error: &str) -> Response {
    (status, axum::Json(json!({ "error": error }))).into_response()
}

fn shell() -> Response {
    let shell = std::fs::read_to_string(assets().join("index.html")).expect("the page's shell");
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, shell.replace("{{page}}", "/page/now")).into_response()
}

fn asset(file: &str) -> Response {
    let shared = file == "tokens.css" || file.starts_with("shapes/");
    let folder = if shared { workspace().join("gadget") } else { assets() };
    let kind = match file.rsplit('.').next() {
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        _ => "image/svg+xml",
    };
    let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_SECURITY_POLICY, POLICY)];
    match std::fs::read(folder.join(file)) {
        Ok(bytes) => (headers, bytes).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

fn assets() -> PathBuf {
    workspace().join("server/src/dashboard/assets")
}

fn workspace() -> PathBuf {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    own.ancestors().nth(2).expect("the workspace").to_owned()
}
