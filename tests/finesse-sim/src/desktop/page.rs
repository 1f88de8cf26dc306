//! Answers in the shapes that a desktop's pages have.

use axum::body::Body;
use bytes::Bytes;
use hyper::http::{HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use serde::Serialize;

/// Any answer; nothing of the desktop is kept by the browser, so that an edit is seen at once.
pub(crate) fn bytes(status: u16, content_type: &str, body: impl Into<Bytes>) -> Response<Body> {
    let response = Response::new(Body::from(body.into()));
    let mut response = with(response, "content-type", content_type);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    with(response, "cache-control", "no-cache")
}

pub(crate) fn html(status: u16, text: &str) -> Response<Body> {
    bytes(status, "text/html;charset=utf-8", text.to_owned())
}

pub(crate) fn plain(status: u16, text: &str) -> Response<Body> {
    bytes(status, "text/plain;charset=utf-8", text.to_owned())
}

pub(crate) fn json(status: u16, value: &impl Serialize) -> Response<Body> {
    bytes(status, "application/json;charset=utf-8", serde_json::to_vec(value).unwrap_or_default())
}

pub(crate) fn redirect(to: &str) -> Response<Body> {
    with(plain(302, to), "location", to)
}

/// The answer with one header more; a value that is none is left out.
pub(crate) fn with(mut response: Response<Body>, name: &str, value: &str) -> Response<Body> {
    let name = HeaderName::from_bytes(name.as_bytes());
    if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
        response.headers_mut().insert(name, value);
    }
    response
}

/// The media type by the name's ending; `.wasm` has none that is documented for uploaded files
/// (Finesse notes 3.4), so the browser gets the one that it cannot stream from.
pub(crate) fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "xml" => "application/xml;charset=utf-8",
        "js" => "text/javascript;charset=utf-8",
        "css" => "text/css;charset=utf-8",
        "html" => "text/html;charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "json" => "application/json",
        _ => "application/octet-stream",
    }
}

/// Text as it may stand in HTML, also within quotes.
pub(crate) fn escaped(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}
