//! `GET /gadget/…`.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;

use super::answer::{Answer, Packed};
use super::{Bundle, Place, xml};
use crate::config::Config;
use crate::http::origins::{self, Origins};

/// What to do about a build without a gadget.
pub const BUILD_IT: &str = "run `cargo xtask gadget`, then build the server again";

const NOT_HERE: &str = "the gadget has no such file; a desktop that asks for it was loaded before an \
                        upgrade and needs to be reloaded\n";
/// What is missing now may be there after the next upgrade.
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// All of the gadget's files, by their path below `/gadget/`; `None` where the build has none.
type Files = Option<Arc<HashMap<String, Answer>>>;

/// What is served below `/gadget/` where `config` applies.
///
/// In the mode `server` nothing: a gadget that loads there could only fail later, with less to say.
pub fn mount(config: &Config) -> Router {
    let http = &config.http;
    match &http.public_url {
        Some(url) if config.modes().has_gadget() => {
            routes(Bundle::embedded(), &url.into(), Origins::new(&http.finesse_origins))
        }
        _ => Router::new().route("/gadget/{*path}", get(no_gadget_mode)),
    }
}

/// Serves `bundle` below `/gadget/` to Finesse, which fetches the XML, and to the desktops' pages.
pub fn routes(bundle: Option<Bundle>, server: &Place, origins: Origins) -> Router {
    if bundle.is_none() {
        tracing::error!("desktops cannot load the gadget, this build has none: {BUILD_IT}");
    }
    let files: Files = bundle.map(|bundle| Arc::new(answers(bundle, server)));
    Router::new()
        .route("/gadget/{*path}", get(file))
        .with_state(files)
        .route_layer(from_fn_with_state(origins, origins::cors))
}

async fn no_gadget_mode() -> Response {
    missing(StatusCode::NOT_FOUND, "the gadget is not served: sync.mode is \"server\"\n".to_owned())
}

fn answers(bundle: Bundle, server: &Place) -> HashMap<String, Answer> {
    let document = Bytes::from(xml::served(&bundle.xml, server));
    let document = Answer::new("application/xml", document, Packed::default(), false);
    let files = bundle.files.into_iter().map(|file| {
        let versioned = file.is_versioned();
        let packed = Packed { gzip: file.gzip, brotli: file.brotli };
        (file.path, Answer::new(&file.media_type, file.body, packed, versioned))
    });
    files
        .chain([("lockstep.xml".to_owned(), document)])
        .filter_map(|(path, answer)| Some((path, answer?)))
        .collect()
}

async fn file(State(files): State<Files>, Path(path): Path<String>, asked: HeaderMap) -> Response {
    let Some(files) = files else {
        let sentence = format!("this build has no gadget: {BUILD_IT}\n");
        return missing(StatusCode::SERVICE_UNAVAILABLE, sentence);
    };
    match files.get(&path) {
        Some(answer) => answer.to(&asked),
        None => missing(StatusCode::NOT_FOUND, NOT_HERE.to_owned()),
    }
}

fn missing(status: StatusCode, sentence: String) -> Response {
    (status, [(header::CACHE_CONTROL, NO_STORE)], sentence).into_response()
}
