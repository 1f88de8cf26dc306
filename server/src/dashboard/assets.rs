//! The page's files, embedded and served under a name that changes with what they hold.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use crate::gadget_files::{Answer, Packed};

/// By their path: the shell, and what it loads.
static FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/page_files.rs"));

/// The shell: what every address of the page answers.
const SHELL: &str = "index.html";
/// What stands in the shell for where the other files are.
const PLACE: &str = "{{page}}";
/// Digits of the folder's name: it tells releases apart, and proves nothing to anybody.
const DIGITS: usize = 16;

/// Served files by `hash/path`, and the shell.
#[derive(Debug)]
struct Files {
    shell: Option<Answer>,
    rest: HashMap<String, Answer>,
}

/// Serves the shell and what it loads. One name for all files, so that they name each other by
/// relative addresses.
pub(super) fn routes() -> Router {
    let files = Arc::new(Files::embedded());
    Router::new()
        .route("/", get(shell))
        .route("/agent/{*rest}", get(shell))
        .route("/report", get(shell))
        .route("/page/{*path}", get(file))
        .with_state(files)
}

impl Files {
    fn embedded() -> Self {
        let mut digest = Sha256::new();
        for (path, body) in FILES {
            digest.update(path.as_bytes());
            digest.update([0]);
            digest.update(Sha256::digest(body));
        }
        let hash = URL_SAFE_NO_PAD.encode(digest.finalize());
        let hash = &hash[..DIGITS];
        let place = format!("/page/{hash}");
        let (mut shell, mut rest) = (None, HashMap::new());
        for (path, body) in FILES {
            if *path == SHELL {
                let text = String::from_utf8_lossy(body).replace(PLACE, &place);
                shell = Answer::new("text/html", Bytes::from(text), Packed::default(), false);
            } else if let Some(answer) =
                Answer::new(media_type(path), Bytes::from_static(body), Packed::default(), true)
            {
                rest.insert(format!("{hash}/{path}"), answer);
            }
        }
        Self { shell, rest }
    }
}

async fn shell(State(files): State<Arc<Files>>, asked: HeaderMap) -> Response {
    match &files.shell {
        Some(shell) => shell.to(&asked),
        None => missing(),
    }
}

async fn file(
    State(files): State<Arc<Files>>,
    Path(path): Path<String>,
    asked: HeaderMap,
) -> Response {
    files.rest.get(&path).map_or_else(missing, |answer| answer.to(&asked))
}

/// What is missing now may be there after the next upgrade.
fn missing() -> Response {
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    let text = "there is no such file; a page that asks for it was loaded before an upgrade\n";
    (StatusCode::NOT_FOUND, no_store, text).into_response()
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html",
        "js" | "mjs" => "text/javascript",
        "css" => "text/css",
        "svg" => "image/svg+xml",
        "json" | "webmanifest" => "application/json",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shell_names_the_folder_that_the_other_files_are_in() {
        let files = Files::embedded();
        assert!(files.shell.is_some());
        assert!(files.rest.keys().any(|path| path.ends_with("/shapes/held.svg")), "{files:?}");
        let folders: Vec<_> = files.rest.keys().filter_map(|path| path.split('/').next()).collect();
        assert!(folders.iter().all(|folder| *folder == folders[0] && folder.len() == DIGITS));
    }
}
