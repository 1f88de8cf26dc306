use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use hyper_util::rt::TokioIo;
use metrics_exporter_prometheus::PrometheusBuilder;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::{Duration, timeout};

use super::*;

/// How long a condition may take to come true.
const PATIENCE: Duration = Duration::from_secs(20);
const HEALTHZ: &str = "GET /healthz HTTP/1.1\r\nhost: l\r\n";

struct Served {
    address: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Served {
    async fn new(head_within: Duration, connections: usize) -> Self {
        Self::behind(head_within, connections, Arc::from([])).await
    }

    async fn behind(head_within: Duration, connections: usize, proxies: Arc<[Network]>) -> Self {
        let (_, security) = tokio::sync::watch::channel(None);
        Self::at(head_within, connections, proxies, security).await
    }

    async fn at(
        head_within: Duration,
        connections: usize,
        proxies: Arc<[Network]>,
        security: Security,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let front = Front { listener, security, proxies };
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        let app = routes(Status::default(), metrics)
            .route("/upgrade", get(upgrade))
            .route("/caller", get(caller));
        let stop = CancellationToken::new();
        let limits = Limits { head_within, connections };
        let task = tokio::spawn(connections::serve(front, app, limits, stop.clone()));
        Self { address, stop, task }
    }

    /// A connection that was upgraded, and repeats what it hears.
    async fn upgraded(&self) -> TcpStream {
        let asks = "GET /upgrade HTTP/1.1\r\nhost: l\r\nconnection: upgrade\r\nupgrade: e\r\n\r\n";
        let mut socket = self.says(asks).await;
        let head = read_until(&mut socket, "\r\n\r\n").await;
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        socket
    }

    async fn says(&self, text: &str) -> TcpStream {
        let mut socket = TcpStream::connect(self.address).await.unwrap();
        socket.write_all(text.as_bytes()).await.unwrap();
        socket
    }
}

/// What comes until the server closes; a reset is a way to close.
async fn rest(mut socket: TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = async {
        let mut buffer = [0; 1024];
        while let Ok(count @ 1..) = socket.read(&mut buffer).await {
            bytes.extend_from_slice(&buffer[..count]);
        }
    };
    timeout(PATIENCE, read).await.expect("the server closes the connection");
    String::from_utf8(bytes).unwrap()
}

/// Who is taken for the caller.
async fn caller(ConnectInfo(Peer(peer)): ConnectInfo<Peer>) -> String {
    peer.ip().to_string()
}

/// As Socket.IO takes a connection over.
async fn upgrade(mut request: Request) -> Response {
    let upgraded = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let mut socket = TokioIo::new(upgraded.await.unwrap());
        let mut buffer = [0; 64];
        while let Ok(count @ 1..) = socket.read(&mut buffer).await {
            socket.write_all(&buffer[..count]).await.unwrap();
        }
    });
    let asked = [(header::CONNECTION, "upgrade"), (header::UPGRADE, "e")];
    (StatusCode::SWITCHING_PROTOCOLS, asked).into_response()
}

/// Is it still served, upgraded as it is?
async fn repeats(socket: &mut TcpStream) -> bool {
    socket.write_all(b"still there?\n").await.is_ok()
        && read_until(socket, "there?\n").await == "still there?\n"
}

/// Reads one answer of the connection, which stays open.
async fn answer(socket: &mut TcpStream) -> String {
    read_until(socket, "alive\n").await
}

async fn read_until(socket: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    let read = async {
        let mut buffer = [0; 1024];
        while !text.ends_with(end) {
            let count = socket.read(&mut buffer).await.unwrap();
            assert!(count > 0, "closed after {text:?}");
            text.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
        }
    };
    timeout(PATIENCE, read).await.expect("an answer");
    text
}

#[tokio::test]
async fn a_head_that_never_ends_ends_the_connection() {
    let served = Served::new(Duration::from_millis(200), 8).await;
    for begun in ["", "GET /hea", HEALTHZ] {
        let socket = served.says(begun).await;
        let told = rest(socket).await;
        assert!(!told.contains("200 OK"), "{begun:?}: {told}");
    }
}

#[tokio::test]
async fn a_connection_serves_one_request_after_the_other() {
    let served = Served::new(PATIENCE, 8).await;
    let mut socket = served.says("").await;
    for _ in 0..3 {
        socket.write_all(format!("{HEALTHZ}\r\n").as_bytes()).await.unwrap();
        assert!(answer(&mut socket).await.starts_with("HTTP/1.1 200"));
    }
}

#[tokio::test]
async fn who_holds_every_connection_keeps_nobody_out() {
    let most = 8;
    let served = Served::new(PATIENCE * 10, most).await;
    let mut held = Vec::new();
    for _ in 0..most {
        let mut socket = served.says(&format!("{HEALTHZ}\r\n")).await;
        answer(&mut socket).await; // it is accepted, and the first is the oldest
        socket.write_all(b"GET /hea").await.unwrap();
        held.push(socket);
    }
    let mut probe = served.says(&format!("{HEALTHZ}\r\n")).await;
    assert!(answer(&mut probe).await.starts_with("HTTP/1.1 200"));
    let mut held = held.into_iter();
    assert_eq!(rest(held.next().unwrap()).await, "", "the oldest made room");
    for mut socket in held {
        socket.write_all(b"lthz HTTP/1.1\r\nhost: l\r\n\r\n").await.unwrap();
        assert!(answer(&mut socket).await.starts_with("HTTP/1.1 200"), "the others stay");
    }
}

/// What is upgraded counts, and is never thrown out for a newcomer.
#[tokio::test]
async fn upgraded_connections_fill_the_places_and_keep_them() {
    let served = Served::new(PATIENCE * 10, 3).await;
    let (mut one, mut other) = (served.upgraded().await, served.upgraded().await);
    let mut idle = served.says(&format!("{HEALTHZ}\r\n")).await;
    assert!(answer(&mut idle).await.starts_with("HTTP/1.1 200"), "the third place");
    let mut third = served.upgraded().await;
    assert_eq!(rest(idle).await, "", "the one that is not upgraded made room");
    // Nobody is left who would make room.
    assert_eq!(rest(served.says(&format!("{HEALTHZ}\r\n")).await).await, "");
    for socket in [&mut one, &mut other, &mut third] {
        assert!(repeats(socket).await);
    }
    drop(one);
    let deadline = tokio::time::Instant::now() + PATIENCE;
    // Its place is free as soon as the server has seen that it is gone.
    while !rest(served.says(&format!("{HEALTHZ}connection: close\r\n\r\n")).await)
        .await
        .starts_with("HTTP/1.1 200")
    {
        assert!(tokio::time::Instant::now() < deadline, "the place never came free");
    }
    assert!(repeats(&mut other).await && repeats(&mut third).await);
}

#[tokio::test]
async fn a_large_body_is_refused_before_it_comes() {
    let served = Served::new(PATIENCE, 8).await;
    let announced = format!("{HEALTHZ}content-length: {}\r\n\r\n", MAX_BODY + 1);
    let told = rest(served.says(&announced).await).await;
    assert!(told.starts_with("HTTP/1.1 413"), "{told}");
}

#[tokio::test]
async fn a_stop_does_not_wait_for_who_says_nothing() {
    let served = Served::new(PATIENCE * 10, 8).await;
    let mut idle = served.says(&format!("{HEALTHZ}\r\n")).await;
    answer(&mut idle).await;
    let begun = served.says("GET /hea").await;
    served.stop.cancel();
    timeout(PATIENCE, served.task).await.expect("it stops").unwrap();
    assert_eq!(rest(idle).await, "");
    rest(begun).await;
}

#[tokio::test]
async fn each_request_through_a_trusted_proxy_has_a_caller_of_its_own() {
    let trusted = Arc::from(["127.0.0.0/8".parse().unwrap()]);
    for (proxies, expected) in [(trusted, "192.0.2.7"), (Arc::from([]), "127.0.0.1")] {
        let served = Served::behind(PATIENCE, 8, proxies).await;
        let mut socket = served.says("").await;
        for (header, is) in [("x-forwarded-for: 192.0.2.7\r\n", expected), ("", "127.0.0.1")] {
            let asks = format!("GET /caller HTTP/1.1\r\nhost: l\r\n{header}\r\n");
            socket.write_all(asks.as_bytes()).await.unwrap();
            let told = read_until(&mut socket, is).await;
            assert!(told.starts_with("HTTP/1.1 200"), "{told}");
        }
    }
}

/// A pair of files, and a client that trusts it alone.
fn pair(folder: &std::path::Path) -> (crate::config::TlsFiles, tokio_rustls::TlsConnector) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let files = crate::config::TlsFiles {
        certificate: folder.join("tls.pem"),
        key: folder.join("tls-key.pem"),
    };
    std::fs::write(&files.certificate, made.cert.pem()).unwrap();
    std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let client = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    (files, Arc::new(client).into())
}

/// A gadget's WebSocket is an upgrade, and a stranger who says nothing must not keep a place.
#[tokio::test]
async fn a_secured_connection_is_upgraded_like_any_other_and_a_silent_one_ends() {
    let folder = tempfile::tempdir().unwrap();
    let (files, client) = pair(folder.path());
    let (_keep, security) = tokio::sync::watch::channel(Some(security::read(&files).unwrap()));
    let served = Served::at(Duration::from_millis(500), 8, Arc::from([]), security).await;
    let socket = TcpStream::connect(served.address).await.unwrap();
    let name = "localhost".try_into().unwrap();
    let mut secured = client.connect(name, socket).await.unwrap();
    let asks = "GET /upgrade HTTP/1.1\r\nhost: l\r\nconnection: upgrade\r\nupgrade: e\r\n\r\n";
    secured.write_all(asks.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(secured.read_u8().await.unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    secured.write_all(b"still there?").await.unwrap();
    let mut back = [0; 12];
    timeout(PATIENCE, secured.read_exact(&mut back)).await.expect("an echo").unwrap();
    assert_eq!(&back, b"still there?");

    let silent = served.says("").await;
    assert_eq!(rest(silent).await, "", "no handshake, no connection");
    served.stop.cancel();
    drop(secured);
    timeout(PATIENCE, served.task).await.expect("it stops").unwrap();
}
