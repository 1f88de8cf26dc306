use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::Response;
use tower_service::Service as _;

use super::super::*;
use super::{WASM, place, sample};
use crate::http::origins::Origins;

const DESKTOP: &str = "https://finesse1.example.com:8445";

fn app(bundle: Option<Bundle>) -> Router {
    routes(bundle, &place("https://lockstep.example.com"), Origins::new(&[DESKTOP]))
}

async fn asked(method: &str, path: &str, headers: &[(HeaderName, &str)]) -> Response {
    let mut request = Request::builder().method(method).uri(format!("/gadget/{path}"));
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    app(Some(sample())).call(request.body(Body::empty()).unwrap()).await.unwrap()
}

fn told<'a>(response: &'a Response, name: &HeaderName) -> Option<&'a str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

async fn body(response: Response) -> String {
    let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn each_file_says_exactly_what_it_is() {
    let types = [
        ("lockstep.xml", "application/xml; charset=utf-8"),
        ("loader.js", "text/javascript; charset=utf-8"),
        (WASM, "application/wasm"),
        ("assets/panel.89ef0123.css", "text/css; charset=utf-8"),
        ("assets/icon.svg", "image/svg+xml; charset=utf-8"),
    ];
    for (path, media_type) in types {
        for method in ["GET", "HEAD"] {
            let response = asked(method, path, &[]).await;
            assert_eq!(response.status(), StatusCode::OK, "{method} {path}");
            assert_eq!(told(&response, &header::CONTENT_TYPE), Some(media_type), "{path}");
            assert_eq!(told(&response, &header::X_CONTENT_TYPE_OPTIONS), Some("nosniff"));
            assert_eq!(told(&response, &header::VARY), Some("Accept-Encoding, Origin"));
        }
    }
}

#[tokio::test]
async fn only_what_is_named_by_its_content_is_kept_for_ever() {
    let kept = [WASM, "assets/panel.89ef0123.css", "assets/socket.io.0123abcd.js"];
    for path in kept {
        let response = asked("GET", path, &[]).await;
        let cache = told(&response, &header::CACHE_CONTROL);
        assert_eq!(cache, Some("public, max-age=31536000, immutable"), "{path}");
    }
    for path in ["lockstep.xml", "loader.js", "assets/icon.svg"] {
        let response = asked("GET", path, &[]).await;
        assert_eq!(told(&response, &header::CACHE_CONTROL), Some("no-cache"), "{path}");
    }
}

#[tokio::test]
async fn what_the_browser_has_is_not_sent_again() {
    for path in ["lockstep.xml", "loader.js", WASM] {
        let first = asked("GET", path, &[]).await;
        let tag = told(&first, &header::ETAG).unwrap().to_owned();
        let lists = [tag.clone(), format!("\"other\", W/{tag}"), "*".to_owned()];
        for list in lists {
            let again = asked("GET", path, &[(header::IF_NONE_MATCH, &list)]).await;
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{path} {list}");
            assert_eq!(told(&again, &header::ETAG), Some(tag.as_str()));
            assert_eq!(told(&again, &header::VARY), Some("Accept-Encoding, Origin"));
            assert_eq!(body(again).await, "");
        }
        let other = asked("GET", path, &[(header::IF_NONE_MATCH, "\"other\"")]).await;
        assert_eq!(other.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn whoever_takes_a_coding_gets_it_with_a_tag_of_its_own() {
    let plain = asked("GET", WASM, &[]).await;
    let gzip = ("gzip", "asm, small");
    let brotli = ("br", "smaller");
    let taken = [
        ("gzip", gzip),
        ("deflate, GZIP;q=0.5", gzip),
        ("br;q=0, gzip", gzip),
        ("br;q=0.5, gzip; q=0.8", gzip),
        ("gzip, br;q=0, *", gzip),
        ("br", brotli),
        ("gzip, deflate, br, zstd", brotli),
        ("gzip;q=0, *", brotli),
        ("deflate, *", brotli),
    ];
    for (accepts, (coding, content)) in taken {
        let small = asked("GET", WASM, &[(header::ACCEPT_ENCODING, accepts)]).await;
        assert_eq!(told(&small, &header::CONTENT_ENCODING), Some(coding), "{accepts}");
        assert_ne!(told(&small, &header::ETAG), told(&plain, &header::ETAG));
        let length = content.len().to_string();
        assert_eq!(told(&small, &header::CONTENT_LENGTH), Some(length.as_str()));
        assert_eq!(body(small).await, content);
    }
    assert_eq!(body(plain).await, "\0asm");
    for refuses in ["", "zstd", "gzip;q=0", "*;q=0", "identity", "gzip;q=x"] {
        let plain = asked("GET", WASM, &[(header::ACCEPT_ENCODING, refuses)]).await;
        assert_eq!(told(&plain, &header::CONTENT_ENCODING), None, "{refuses:?}");
    }
    let loader = asked("GET", "loader.js", &[(header::ACCEPT_ENCODING, "br, gzip;q=0.5")]).await;
    assert_eq!(told(&loader, &header::CONTENT_ENCODING), Some("gzip"), "it has no other");
    let never = asked("GET", "assets/panel.89ef0123.css", &[(header::ACCEPT_ENCODING, "gzip")]);
    assert_eq!(body(never.await).await, "p{}", "it has no smaller form");
}

#[tokio::test]
async fn desktops_may_read_it_and_no_other_page() {
    for path in ["loader.js", WASM, "assets/gone.00000000.js"] {
        let response = asked("GET", path, &[(header::ORIGIN, DESKTOP)]).await;
        assert_eq!(told(&response, &header::ACCESS_CONTROL_ALLOW_ORIGIN), Some(DESKTOP), "{path}");
        let response = asked("GET", path, &[(header::ORIGIN, "https://evil.example")]).await;
        assert_eq!(told(&response, &header::ACCESS_CONTROL_ALLOW_ORIGIN), None, "{path}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_said_and_not_remembered() {
    for path in ["", "assets/gone.00000000.js", "assets/", "../bundle.json", "loader.js.gz"] {
        let response = asked("GET", path, &[]).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
    }
    let response = asked("GET", "assets/gone.00000000.js", &[]).await;
    assert_eq!(told(&response, &header::CACHE_CONTROL), Some("no-store"));
    assert_eq!(asked("PUT", "loader.js", &[]).await.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_build_without_a_gadget_says_what_to_do() {
    for path in ["lockstep.xml", "loader.js"] {
        let request = Request::builder().uri(format!("/gadget/{path}"));
        let request = request.body(Body::empty()).unwrap();
        let response = app(None).call(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(told(&response, &header::CACHE_CONTROL), Some("no-store"));
        assert!(body(response).await.contains("cargo xtask gadget"));
    }
}

#[tokio::test]
async fn the_xml_names_the_server() {
    let xml = body(asked("GET", "lockstep.xml", &[]).await).await;
    assert!(xml.contains("'https://lockstep.example.com/gadget/loader.js'"), "{xml}");
    assert!(xml.contains("data-server=\"https://lockstep.example.com\""), "{xml}");
    assert!(!xml.contains("{{"), "{xml}");
}
