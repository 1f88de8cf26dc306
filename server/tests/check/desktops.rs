//! Can desktops load the gadget and connect? With the real server, another one, and none.

use std::net::SocketAddr;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;

use crate::rig::Outside;

/// Serves `app` on loopback until the test ends.
async fn serving(app: Router) -> String {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_run_yet_is_amber() {
    let outside = Outside::start().await.gadget("http://127.0.0.1:9");
    let checked = outside.check(&["--json"]).await;
    let remedy = checked.remedy("amber", "public url", "http://127.0.0.1:9");
    assert!(remedy.contains("start lockstep"), "{remedy}");
    outside.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_with_nobody_behind_it_is_amber_and_something_else_is_red() {
    let proxy = Router::new().fallback(|| async { axum::http::StatusCode::BAD_GATEWAY });
    let outside = Outside::start().await.gadget(&serving(proxy).await);
    let checked = outside.check(&["--json"]).await;
    checked.remedy("amber", "public url", "nobody is behind the proxy");

    let other = Router::new().fallback(get(|| async { "hello" }));
    let url = serving(other).await;
    let outside = outside.set("http", "public_url", url);
    let checked = outside.check(&["--json"]).await;
    assert_eq!(checked.code, 1, "{}", checked.stdout);
    let remedy = checked.remedy("red", "public url", "is not the gadget");
    assert!(remedy.contains("/socket.io/"), "{remedy}");
    // What mode server does not use.
    let outside = outside.set("sync", "mode", "server");
    let checked = outside.check(&["--json"]).await;
    assert_eq!(checked.code, 0, "{}", checked.stdout);
    checked.remedy("amber", "public url", "is not the gadget");
}

/// Browsers may trust an authority that this machine does not, but none takes one that has ended.
#[tokio::test(flavor = "multi_thread")]
async fn the_certificate_of_the_public_address_is_looked_at_too() {
    for (days, status, words) in [(100, "amber", "nobody who is trusted"), (-1, "red", "expired")] {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let mut other = finesse_sim::Config::new(finesse_sim::Deployment::Uccx, 1);
        other.tls = Some(folder.path().to_owned());
        other.certificate = finesse_sim::Certificate { days, ..Default::default() };
        let other = finesse_sim::FinesseSim::start(other).await.expect("finesse-sim starts");
        let mut outside = Outside::start().await.gadget(&other.base_url());
        if days < 0 {
            // Only an authority that is trusted is asked how long it lasts.
            let ca = folder.path().join("ca.pem").display().to_string();
            outside = outside.set("finesse", "ca_file", ca);
        }
        let checked = outside.check(&["--json"]).await;
        checked.remedy(status, "certificate", words);
        assert_eq!(checked.code, i32::from(status == "red"), "{}", checked.stdout);
    }
}

/// The product's own routes, without the rest of the product.
fn own(url: &str, origins: &[String]) -> Router {
    let bundle = lockstep::gadget_files::Bundle::embedded();
    let place = url.parse().expect("a place");
    let origins = lockstep::http::origins::Origins::new(origins);
    let session = Router::new().route("/api/session", axum::routing::post(|| async {})).layer(
        axum::middleware::from_fn_with_state(origins.clone(), lockstep::http::origins::cors),
    );
    lockstep::gadget_files::routes(bundle, &place, origins).merge(session)
}

async fn own_server(origins: &[String]) -> String {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let app = own(&url, origins);
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gadget_is_served_and_cors_answers_for_each_origin() {
    let outside = Outside::start().await;
    let origins = vec![outside.finesse.base_url(), "https://finesse2.example.com:8445".to_owned()];
    let url = own_server(&origins).await;
    let outside = outside.gadget(&url).set("http", "finesse_origins", origins);
    let checked = outside.check(&["--json"]).await;
    checked.remedy("green", "public url", "serves the gadget");
    checked.remedy("green", "origins", "CORS is granted to");
    outside.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_origin_that_the_running_server_does_not_know_is_red() {
    let outside = Outside::start().await;
    let known = vec![outside.finesse.base_url()];
    let url = own_server(&known).await;
    let both = vec![known[0].clone(), "https://finesse2.example.com:8445".to_owned()];
    let outside = outside.gadget(&url).set("http", "finesse_origins", both);
    let checked = outside.check(&["--json"]).await;
    assert_eq!(checked.code, 1, "{}", checked.stdout);
    let words = "CORS is not granted to https://finesse2.example.com:8445";
    let remedy = checked.remedy("red", "origins", words);
    assert!(remedy.contains("http.finesse_origins"), "{remedy}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_without_an_origin_is_amber() {
    let outside = Outside::start().await.gadget("http://127.0.0.1:9");
    let others = vec!["https://finesse9.example.com"];
    let outside = outside.set("http", "finesse_origins", others);
    let checked = outside.check(&["--json"]).await;
    let remedy = checked.remedy("amber", "origins", "are not listed");
    assert!(remedy.contains("http.finesse_origins"), "{remedy}");
}
