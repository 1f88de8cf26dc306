//! One file, ready to be answered with: all headers made at the start, the body shared.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use sha2::{Digest, Sha256};

/// The name changes with the content: a year is the longest that caches heed.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// To be kept, and asked for again each time.
const NO_CACHE: HeaderValue = HeaderValue::from_static("no-cache");
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const GZIP: HeaderValue = HeaderValue::from_static("gzip");
/// `Origin` is added by the layer around.
const VARY: HeaderValue = HeaderValue::from_static("Accept-Encoding");

/// A file as it is answered with.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    media_type: HeaderValue,
    cache: HeaderValue,
    plain: Encoded,
    gzip: Option<Encoded>,
}

#[derive(Debug, Clone)]
struct Encoded {
    body: Bytes,
    /// Strong, so different for each encoding.
    etag: HeaderValue,
}

impl Answer {
    /// `versioned`: does its name change with its content?
    ///
    /// `None` where `media_type` is none.
    pub(super) fn new(
        media_type: &str,
        body: Bytes,
        gzip: Option<Bytes>,
        versioned: bool,
    ) -> Option<Self> {
        Some(Self {
            media_type: HeaderValue::from_str(&with_charset(media_type)).ok()?,
            cache: if versioned { IMMUTABLE } else { NO_CACHE },
            plain: Encoded::new(body)?,
            gzip: match gzip {
                Some(body) => Some(Encoded::new(body)?),
                None => None,
            },
        })
    }

    /// The answer to a GET or HEAD with these headers.
    pub(super) fn to(&self, asked: &HeaderMap) -> Response {
        let gzip = self.gzip.as_ref().filter(|_| accepts_gzip(asked));
        let encoded = gzip.unwrap_or(&self.plain);
        let known = is_known(asked, &encoded.etag);
        let mut response = Response::new(Body::empty());
        let headers = response.headers_mut();
        headers.insert(header::ETAG, encoded.etag.clone());
        headers.insert(header::CACHE_CONTROL, self.cache.clone());
        headers.insert(header::VARY, VARY);
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        headers.insert(header::CONTENT_TYPE, self.media_type.clone());
        if gzip.is_some() {
            headers.insert(header::CONTENT_ENCODING, GZIP);
        }
        *response.body_mut() = Body::from(encoded.body.clone());
        response
    }
}

impl Encoded {
    fn new(body: Bytes) -> Option<Self> {
        // Half of the digest: it tells releases apart, and proves nothing to anybody.
        let digest = URL_SAFE_NO_PAD.encode(&Sha256::digest(&body)[..16]);
        let etag = HeaderValue::from_str(&format!("\"{digest}\"")).ok()?;
        Some(Self { body, etag })
    }
}

/// Texts are UTF-8, and say so: a style sheet without a charset takes the page's, which is Finesse's.
/// Nothing else may carry a parameter: `application/wasm` with one is not compiled while it loads.
fn with_charset(media_type: &str) -> String {
    let is_text = media_type.starts_with("text/")
        || media_type.ends_with("+xml")
        || media_type == "application/xml";
    if is_text && !media_type.contains(';') {
        format!("{media_type}; charset=utf-8")
    } else {
        media_type.to_owned()
    }
}

/// Does `Accept-Encoding` allow gzip (RFC 9110, 12.5.3)? A weight of 0 forbids; the word itself goes
/// before `*`.
fn accepts_gzip(asked: &HeaderMap) -> bool {
    let weight_of = |wanted: &str| {
        let codings = words(asked, &header::ACCEPT_ENCODING);
        codings.into_iter().find_map(|coding| {
            let (name, parameters) = coding.split_once(';').unwrap_or((coding, ""));
            let weight = parameters.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse::<f32>);
            name.trim().eq_ignore_ascii_case(wanted).then(|| weight.unwrap_or(0.0))
        })
    };
    weight_of("gzip").or_else(|| weight_of("*")).is_some_and(|weight| weight > 0.0)
}

/// Does the browser have just this already (RFC 9110, 13.1.2)? Proxies that compress make a tag weak.
fn is_known(asked: &HeaderMap, etag: &HeaderValue) -> bool {
    let tags = words(asked, &header::IF_NONE_MATCH);
    tags.iter().any(|tag| {
        *tag == "*" || tag.strip_prefix("W/").unwrap_or(tag).as_bytes() == etag.as_bytes()
    })
}

/// The members of a list header.
fn words<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<&'a str> {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim).collect()
}
