//! What a request must show before it gets any further: the origin of one of our desktops.

use std::mem;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper::upgrade::OnUpgrade;
use lockstep_core::protocol::{Refusal, RefusalCode};

use super::report;
use crate::http::Cut;
use crate::http::origins::{Caller, Origins};

/// Headers that Socket.IO needs; it keeps the whole head for as long as the connection lives, and a
/// browser's is a kilobyte or two.
const NEEDED: [header::HeaderName; 7] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::SEC_WEBSOCKET_KEY,
    header::SEC_WEBSOCKET_VERSION,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Bytes of such a header; the longest, the key of an upgrade, has 24.
const LONGEST_HEADER: usize = 256;
/// Bytes of a query, which is kept as well: version, way, session and a number against caches are
/// some 80.
const LONGEST_QUERY: usize = 512;

/// Lets in desktops of ours only. Browsers send the origin with every request to another one, and
/// with every upgrade, which no CORS protects.
pub(super) async fn enter(
    State(origins): State<Origins>,
    mut request: Request,
    next: Next,
) -> Response {
    if !matches!(origins.caller(request.headers()), Caller::Desktop(_)) {
        let refusal = Refusal {
            code: RefusalCode::WrongOrigin,
            message: "this page may not use Lockstep: an administrator lists the desktop's origin in http.finesse_origins".to_owned(),
            retry_after: None,
        };
        report::refused("origin", None, &refusal);
        return (StatusCode::FORBIDDEN, Json(refusal)).into_response();
    }
    if request.uri().path() == super::SOCKET_PATH {
        if request.uri().query().is_some_and(|query| query.len() > LONGEST_QUERY) {
            return StatusCode::URI_TOO_LONG.into_response();
        }
        trim(&mut request);
    }
    next.run(request).await
}

/// Leaves what is needed, each as a copy: what came is a piece of the buffer that the head was read
/// into, all of which would be kept for it.
fn trim(request: &mut Request) {
    let kept = NEEDED.iter().filter_map(|name| Some((name, request.headers().get(name)?)));
    let kept = kept.filter(|(_, value)| value.len() <= LONGEST_HEADER);
    let mut headers = HeaderMap::with_capacity(kept.clone().count());
    for (name, value) in kept {
        if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
            headers.insert(name, value);
        }
    }
    *request.headers_mut() = headers;
    let mut came = mem::take(request.extensions_mut());
    let extensions = request.extensions_mut();
    came.remove::<OnUpgrade>().map(|upgrade| extensions.insert(upgrade));
    came.remove::<Cut>().map(|cut| extensions.insert(cut));
    if let Ok(uri) = request.uri().to_string().parse() {
        *request.uri_mut() = uri;
    }
}
