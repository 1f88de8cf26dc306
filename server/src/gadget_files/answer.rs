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
/// `Origin` is added by the layer around.
const VARY: HeaderValue = HeaderValue::from_static("Accept-Encoding");

/// A file as it is answered with.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    media_type: HeaderValue,
    cache: HeaderValue,
    plain: Encoded,
    /// The smallest first.
    packed: Vec<(&'static str, Encoded)>,
}

/// The same body in the codings that make it smaller.
#[derive(Debug, Default)]
pub(crate) struct Packed {
    pub(crate) gzip: Option<Bytes>,
    pub(crate) brotli: Option<Bytes>,
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
    pub(crate) fn new(
        media_type: &str,
        body: Bytes,
        packed: Packed,
        versioned: bool,
    ) -> Option<Self> {
        let codings = [("br", packed.brotli), ("gzip", packed.gzip)];
        let packed = codings.into_iter().filter_map(|(coding, body)| Some((coding, body?)));
        Some(Self {
            media_type: HeaderValue::from_str(&with_charset(media_type)).ok()?,
            cache: if versioned { IMMUTABLE } else { NO_CACHE },
            plain: Encoded::new(body)?,
            packed: packed
                .map(|(coding, body)| Some((coding, Encoded::new(body)?)))
                .collect::<Option<_>>()?,
        })
    }

    /// The answer to a GET or HEAD with these headers.
    pub(crate) fn to(&self, asked: &HeaderMap) -> Response {
        let (coding, encoded) = self.negotiated(asked);
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
        if let Some(coding) = coding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        *response.body_mut() = Body::from(encoded.body.clone());
        response
    }

    /// The coding that the browser likes best; of those that it likes alike, the smallest.
    fn negotiated(&self, asked: &HeaderMap) -> (Option<&'static str>, &Encoded) {
        let mut best = (0.0, None, &self.plain);
        for (coding, encoded) in &self.packed {
            let weight = weight(asked, coding);
            if weight > best.0 {
                best = (weight, Some(*coding), encoded);
            }
        }
        (best.1, best.2)
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

/// How much `Accept-Encoding` likes a coding (RFC 9110, 12.5.3): 0 forbids it, as does saying nothing
/// of it; the word itself goes before `*`.
fn weight(asked: &HeaderMap, coding: &str) -> f32 {
    let weight_of = |wanted: &str| {
        let codings = words(asked, &header::ACCEPT_ENCODING);
        codings.into_iter().find_map(|coding| {
            let (name, parameters) = coding.split_once(';').unwrap_or((coding, ""));
            let weight = parameters.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse::<f32>);
            name.trim().eq_ignore_ascii_case(wanted).then(|| weight.unwrap_or(0.0))
        })
    };
    weight_of(coding).or_else(|| weight_of("*")).unwrap_or(0.0)
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
