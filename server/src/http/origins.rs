//! Which pages may read our answers: those of the desktops in `http.finesse_origins`, and no other.
//!
//! The gadget runs on Finesse's origin and fetches from ours, so every answer it reads needs CORS
//! (Finesse notes 3.3). Origins are compared to the byte, as browsers write them: scheme and host in
//! lower case, the port unless it is the scheme's own. Nothing rests on cookies, so credentials are
//! never allowed.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// What the gadget may use: files are fetched, the session and Socket.IO's polling are posted.
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST");
/// What the gadget may say: the desktop's own authorization, and that a body is JSON.
const HEADERS: HeaderValue = HeaderValue::from_static("authorization, content-type");
/// Seconds for which a browser need not ask again: long enough to cover a sign-in with its retries,
/// short enough that an origin taken out of the configuration is soon out of the browsers.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");
const TRUE: HeaderValue = HeaderValue::from_static("true");

/// Chromium asks by these before a page of a public address may reach a private one, as with
/// VPN-less access to Finesse and a server inside.
const ASKS_PRIVATE: HeaderName = HeaderName::from_static("access-control-request-private-network");
const ALLOWS_PRIVATE: HeaderName = HeaderName::from_static("access-control-allow-private-network");

const FOREIGN: &str = "pages of this origin may not use Lockstep: the administrator lists the desktop's \
                       origin in http.finesse_origins\n";

/// The origins of Finesse desktops.
#[derive(Debug, Clone)]
pub struct Origins(Arc<[HeaderValue]>);

/// Whose page a request comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// No `Origin`: no page of another origin, but Finesse itself, a probe, or a person.
    Unnamed,
    /// A Finesse desktop of ours; the value is to be echoed.
    Desktop(HeaderValue),
    /// Any other page, several origins at once, and `null`.
    Foreign,
}

impl Origins {
    /// Those of `http.finesse_origins`, which the configuration has normalised.
    pub fn new<T: AsRef<str>>(origins: &[T]) -> Self {
        let values = origins.iter().map(|origin| HeaderValue::from_str(origin.as_ref()));
        Self(values.filter_map(Result::ok).collect())
    }

    /// Whose page a request with these headers comes from. For requests that need no preflight and
    /// for upgrades this is the only check there is: browsers send those to anybody.
    pub fn caller(&self, headers: &HeaderMap) -> Caller {
        let mut named = headers.get_all(header::ORIGIN).iter();
        match (named.next(), named.next()) {
            (None, _) => Caller::Unnamed,
            (Some(origin), None) if self.0.contains(origin) => Caller::Desktop(origin.clone()),
            _ => Caller::Foreign,
        }
    }
}

/// Answers preflights, and marks what the desktops' pages may read; whoever else asks gets no CORS
/// header at all, so that the browser keeps the answer from the page.
///
/// Laid around whatever desktops fetch, Socket.IO's layer included:
/// `.layer(from_fn_with_state(origins, origins::cors))`, outside of what it is to cover.
pub async fn cors(State(origins): State<Origins>, request: Request, next: Next) -> Response {
    let caller = origins.caller(request.headers());
    let mut response = if is_preflight(&request) {
        preflight(&caller, request.headers())
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    if let Caller::Desktop(origin) = caller {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    vary_by_origin(headers);
    response
}

fn is_preflight(request: &Request) -> bool {
    request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ORIGIN)
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

fn preflight(caller: &Caller, asked: &HeaderMap) -> Response {
    if !matches!(caller, Caller::Desktop(_)) {
        return (StatusCode::FORBIDDEN, FOREIGN).into_response();
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    if asked.get(ASKS_PRIVATE) == Some(&TRUE) {
        headers.insert(ALLOWS_PRIVATE, TRUE);
    }
    response
}

/// A cache must not give one origin's answer to another, nor an answer without CORS to a desktop.
fn vary_by_origin(headers: &mut HeaderMap) {
    let others = headers.get(header::VARY).and_then(|value| value.to_str().ok()).unwrap_or("");
    let varies = |by: &str| by.trim().eq_ignore_ascii_case("origin");
    let value = match others {
        "" => Ok(HeaderValue::from_static("Origin")),
        all if all.split(',').any(varies) => return,
        others => HeaderValue::from_str(&format!("{others}, Origin")),
    };
    if let Ok(value) = value {
        headers.insert(header::VARY, value);
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn_with_state;
    use axum::routing::{get, post};
    use tower_service::Service as _;

    use super::*;

    const DESKTOP: &str = "https://finesse1.example.com:8445";
    const CORS: [HeaderName; 5] = [
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        header::ACCESS_CONTROL_ALLOW_METHODS,
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        header::ACCESS_CONTROL_MAX_AGE,
        ALLOWS_PRIVATE,
    ];

    async fn answer(method: &str, headers: &[(&str, &str)]) -> Response {
        let origins = Origins::new(&[DESKTOP, "https://finesse1.example.com"]);
        let compressed = || async { ([(header::VARY, "Accept-Encoding")], "file") };
        let mut app = Router::new()
            .route("/", post(|| async { "done" }).get(|| async { "file" }))
            .route("/compressed", get(compressed))
            .layer(from_fn_with_state(origins, cors));
        let mut request = Request::builder().method(method).uri("/");
        for (name, value) in headers {
            request = match *name {
                "path" => request.uri(*value),
                _ => request.header(*name, *value),
            };
        }
        app.call(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    fn told<'a>(response: &'a Response, name: &HeaderName) -> Option<&'a str> {
        response.headers().get(name).map(|value| value.to_str().unwrap())
    }

    #[tokio::test]
    async fn a_desktop_is_echoed_exactly_and_may_not_send_cookies() {
        for origin in [DESKTOP, "https://finesse1.example.com"] {
            let response = answer("GET", &[("origin", origin)]).await;
            assert_eq!(told(&response, &header::ACCESS_CONTROL_ALLOW_ORIGIN), Some(origin));
            assert_eq!(told(&response, &header::VARY), Some("Origin"));
            assert_eq!(told(&response, &header::ACCESS_CONTROL_ALLOW_CREDENTIALS), None);
        }
    }

    #[tokio::test]
    async fn whoever_else_asks_gets_no_cors_header() {
        let foreign = [
            "https://evil.example.com",
            "https://finesse1.example.com.evil.example",
            "https://finesse1.example.com:443",
            "https://finesse1.example.com:8446",
            "http://finesse1.example.com",
            "HTTPS://finesse1.example.com",
            "https://finesse1.example.com/",
            "null",
            "*",
            "",
        ];
        let preflight = [
            ("access-control-request-method", "POST"),
            ("access-control-request-private-network", "true"),
        ];
        for origin in foreign {
            for method in ["GET", "POST", "OPTIONS"] {
                let [asks, private] = preflight;
                let response = answer(method, &[("origin", origin), asks, private]).await;
                for name in CORS {
                    assert_eq!(told(&response, &name), None, "{method} of {origin:?}: {name}");
                }
                assert_eq!(told(&response, &header::VARY), Some("Origin"));
            }
        }
        let two = answer("GET", &[("origin", DESKTOP), ("origin", "https://evil.example")]).await;
        assert_eq!(told(&two, &header::ACCESS_CONTROL_ALLOW_ORIGIN), None);
    }

    #[tokio::test]
    async fn a_session_may_be_posted_after_its_preflight() {
        let asks = [("origin", DESKTOP), ("access-control-request-method", "POST")];
        let response = answer("OPTIONS", &asks).await;
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        assert_eq!(told(&response, &header::ACCESS_CONTROL_ALLOW_ORIGIN), Some(DESKTOP));
        let allowed = told(&response, &header::ACCESS_CONTROL_ALLOW_HEADERS);
        assert_eq!(allowed, Some("authorization, content-type"));
        let allowed = told(&response, &header::ACCESS_CONTROL_ALLOW_METHODS);
        assert_eq!(allowed, Some("GET, HEAD, POST"));
        assert_eq!(told(&response, &ALLOWS_PRIVATE), None, "only where it is asked for");
        let [origin, method] = asks;
        let private = ("access-control-request-private-network", "true");
        let response = answer("OPTIONS", &[origin, method, private]).await;
        assert_eq!(told(&response, &ALLOWS_PRIVATE), Some("true"));
    }

    #[tokio::test]
    async fn an_answer_that_varies_already_varies_by_origin_too() {
        let response = answer("GET", &[("path", "/compressed")]).await;
        assert_eq!(told(&response, &header::VARY), Some("Accept-Encoding, Origin"));
        assert_eq!(told(&response, &header::ACCESS_CONTROL_ALLOW_ORIGIN), None);
    }

    #[tokio::test]
    async fn an_origin_is_known_foreign_or_not_named() {
        let origins = Origins::new(&[DESKTOP]);
        let mut headers = HeaderMap::new();
        assert_eq!(origins.caller(&headers), Caller::Unnamed);
        headers.insert(header::ORIGIN, HeaderValue::from_static(DESKTOP));
        assert_eq!(origins.caller(&headers), Caller::Desktop(HeaderValue::from_static(DESKTOP)));
        headers.insert(header::ORIGIN, HeaderValue::from_static("null"));
        assert_eq!(origins.caller(&headers), Caller::Foreign);
    }
}
