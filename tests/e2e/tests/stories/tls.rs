//! TLS by files: served, renewed, and never lost to a broken renewal.

use std::time::Duration;

use finesse_sim::Deployment;
use lockstep_e2e::{Authority, PATIENCE, Signal, Site, SiteConfig, beat, lockstep};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, timeout};

fn install(site: &Site, (certificate, key): &(String, String)) {
    site.folder.write("tls-key.pem", key);
    site.folder.write("tls.pem", certificate);
}

async fn secured(authority: &Authority) -> (Site, String) {
    let config = SiteConfig::new(Deployment::Uccx, 1).set("http", "tls_cert_file", "tls.pem").set(
        "http",
        "tls_key_file",
        "tls-key.pem",
    );
    let mut site = Site::prepare(config).await;
    install(&site, &authority.pair());
    site.run();
    let address = site.wait_for("it serves", Site::listens_on).await;
    (site, address)
}

/// Does a new connection that trusts this authority alone get an answer?
async fn serves(address: &str, authority: &Authority) -> bool {
    let ca = reqwest::Certificate::from_pem(authority.pem().as_bytes()).expect("PEM");
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([ca]);
    let client = client.timeout(Duration::from_secs(5)).build().expect("a client");
    let answer = client.get(format!("https://{address}/healthz")).send().await;
    answer.is_ok_and(|answer| answer.status() == 200)
}

async fn until_served(site: &Site, address: &str, authority: &Authority) {
    let deadline = Instant::now() + PATIENCE;
    while !serves(address, authority).await {
        let lines = site.lines(&["certificate"]);
        assert!(Instant::now() < deadline, "the new certificate is never served: {lines:?}");
        beat(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_certificate_is_served_and_renewed_and_a_broken_renewal_leaves_the_old_one() {
    let (first, second, third) = (Authority::default(), Authority::default(), Authority::default());
    let (site, address) = secured(&first).await;
    assert!(serves(&address, &first).await);
    assert!(!serves(&address, &second).await, "that one signed nothing");

    // Whoever speaks no TLS is told nothing.
    let mut plain = tokio::net::TcpStream::connect(&address).await.expect("it listens");
    plain.write_all(b"GET /healthz HTTP/1.1\r\nhost: l\r\n\r\n").await.expect("sent");
    let mut told = Vec::new();
    let _ = timeout(PATIENCE, plain.read_to_end(&mut told)).await.expect("it ends");
    assert!(!String::from_utf8_lossy(&told).contains("alive"));

    // A certificate whose key was forgotten; a key that is none, and looks like a secret.
    let pair = second.pair();
    site.folder.write("tls.pem", &pair.0);
    site.signal(Signal::Hup);
    site.says("the pair is told", &["the old one stays", "http.tls_key_file", "together"]).await;
    site.folder.write("tls-key.pem", "-----BEGIN PRIVATE KEY-----\nS3cret-of-the-key\n");
    site.signal(Signal::Hup);
    site.says("the key is told", &["the old one stays", "tls-key.pem"]).await;
    assert!(serves(&address, &first).await, "the pair before is served");
    assert!(site.lines(&["S3cret-of-the-key"]).is_empty());

    install(&site, &pair);
    site.signal(Signal::Hup);
    until_served(&site, &address, &second).await;
    // Nobody says a word: the files are looked at.
    install(&site, &third.pair());
    until_served(&site, &address, &third).await;
    site.end().await;
}

#[tokio::test]
async fn the_health_check_asks_by_name_at_an_address() {
    let authority = Authority::default();
    let (site, address) = secured(&authority).await;
    site.folder.write("ca.pem", &authority.pem());
    let (_, port) = address.rsplit_once(':').expect("with a port");
    let ask = |arguments: &[&str]| {
        let mut ask = tokio::process::Command::new(lockstep());
        ask.arg("healthcheck").args(arguments).current_dir(site.folder.path()).env_clear();
        ask.output()
    };
    let named = format!("https://localhost:{port}/healthz");
    let good = ask(&[&named, "--at", "127.0.0.1", "--ca-file", "ca.pem"]).await.expect("it starts");
    assert!(good.status.success(), "{good:?}");
    let stranger = ask(&[&named, "--at", "127.0.0.1"]).await.expect("it starts");
    assert_eq!(stranger.status.code(), Some(1), "nobody trusts it: {stranger:?}");
    let other = format!("https://lockstep.example.com:{port}/healthz");
    let other =
        ask(&[&other, "--at", "127.0.0.1", "--ca-file", "ca.pem"]).await.expect("it starts");
    assert_eq!(other.status.code(), Some(1), "the name is another: {other:?}");
    site.end().await;
}
