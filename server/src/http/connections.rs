//! Connections: accepted, bounded in number and in time, and ended.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::line::{Cut, Line, Place, Places};
use super::{Front, Peer, callers, descriptors};
use crate::config::Network;

/// How long a request that is under way at the end may still take.
const GRACE: Duration = Duration::from_secs(2);
/// Pause when a connection could not be accepted: the process has no descriptor left, and gets one
/// back only when something else ends.
const OUT_OF_DESCRIPTORS: Duration = Duration::from_millis(500);

/// Bytes of a request's head, and of what a connection keeps for reading as long as it lives: hyper
/// takes no less, and most of what an upgraded connection costs is this.
const BUFFER: usize = 8_192;
/// Connections at once: of thousands of gadgets each has one, and while it loads a few more.
const MOST: usize = 20_000;

/// What callers may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// How long the head of a request may take, from the connection's begin or the answer before.
    pub(super) head_within: Duration,
    /// Connections at once, upgraded ones included.
    pub(super) connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // A head is one packet; a scraper that keeps its connection asks again within seconds,
            // or connects anew.
            head_within: Duration::from_secs(10),
            connections: descriptors::spare().min(MOST),
        }
    }
}

/// Serves `app` on `listener` until `stop`.
///
/// When there are as many connections as there may be, the oldest that is not upgraded ends for the
/// new one: a scraper connects again, and whoever only holds connections keeps nobody out. A gadget
/// that is connected is never thrown out for a newcomer.
pub(super) async fn serve(front: Front, app: Router, limits: Limits, stop: CancellationToken) {
    let Front { listener, security, proxies } = front;
    let mut tasks = JoinSet::new();
    let (mut open, places, mut last) = (Open::new(), Places::default(), 0);
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            Some(ended) = tasks.join_next() => {
                // One that was made to end is not in there any more.
                if let Ok(number) = ended {
                    open.remove(&number);
                }
                continue;
            }
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((socket, address)) => {
                if !make_room(&mut open, &places, limits.connections) {
                    metrics::counter!("lockstep_http_turned_away_total").increment(1);
                    continue;
                }
                let cut = Cut::default();
                let line = line(socket, cut.clone(), places.take());
                let caller = Caller { cut, address, proxies: Arc::clone(&proxies) };
                last += 1;
                let number = last;
                let (app, stop) = (app.clone(), stop.clone());
                let secured = security.borrow().clone();
                open.insert(
                    last,
                    tasks.spawn(async move {
                        match secured {
                            None => one(line, app, caller, limits, stop).await,
                            // Boxed: a connection in the clear would have room for it, too.
                            Some(config) => {
                                Box::pin(secure(config, line, app, caller, limits, stop)).await;
                            }
                        }
                        number
                    }),
                );
            }
            Err(error) => {
                tracing::debug!(error = %error, "failed to accept a connection");
                sleep(OUT_OF_DESCRIPTORS).await;
            }
        }
    }
    drop(listener);
    while tasks.join_next().await.is_some() {}
}

/// Connections that are not upgraded, by their number, which grows. A handle keeps its task's memory,
/// so that of one that has ended must go.
type Open = BTreeMap<u64, AbortHandle>;

/// Ends the oldest connection that is not upgraded where there are as many as there may be; is there
/// room now?
fn make_room(open: &mut Open, places: &Places, most: usize) -> bool {
    if places.taken() < most {
        return true;
    }
    open.retain(|_, connection| !connection.is_finished());
    let Some((_, oldest)) = open.pop_first() else { return false };
    tracing::debug!(http.connections = most, "the oldest connection ends for a new one");
    oldest.abort();
    true
}

fn line(socket: TcpStream, cut: Cut, place: Place) -> Line<TcpStream> {
    // Small answers must not wait for the next packet.
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(error = %error, "failed to switch off delayed sending");
    }
    Line::new(socket, cut, place)
}

/// Who is at the other end.
struct Caller {
    cut: Cut,
    address: SocketAddr,
    proxies: Arc<[Network]>,
}

/// The same once it is secured; that may take as long as a head.
async fn secure(
    config: Arc<ServerConfig>,
    line: Line<TcpStream>,
    app: Router,
    caller: Caller,
    limits: Limits,
    stop: CancellationToken,
) {
    let secured = timeout(limits.head_within, TlsAcceptor::from(config).accept(line));
    match stop.run_until_cancelled(secured).await {
        Some(Ok(Ok(line))) => one(line, app, caller, limits, stop).await,
        // The caller's business: too slow, no TLS, or does not trust the certificate.
        Some(Ok(Err(error))) => tracing::debug!(error = %error, "a connection was not secured"),
        Some(Err(_)) | None => {}
    }
}

/// One connection, to its end or to its upgrade.
async fn one<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    line: S,
    app: Router,
    caller: Caller,
    limits: Limits,
    stop: CancellationToken,
) {
    let app = TowerToHyperService::new(app);
    let Caller { cut, address, proxies } = caller;
    // Not as layers, which would make every route anew for every connection.
    let service = service_fn(move |mut request: Request<Incoming>| {
        let behind = callers::caller(address.ip(), request.headers(), &proxies);
        let peer = ConnectInfo(Peer(SocketAddr::new(behind, address.port())));
        request.extensions_mut().insert(cut.clone());
        request.extensions_mut().insert(peer);
        app.call(request)
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.head_within).max_buf_size(BUFFER);
    let served = http.serve_connection(TokioIo::new(line), service).with_upgrades();
    tokio::pin!(served);
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = stop.cancelled() => {
            served.as_mut().graceful_shutdown();
            timeout(GRACE, served).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = ended {
        // The caller's business: gone, too slow, or no HTTP.
        tracing::debug!(error = %error, "a connection ended early");
    }
}
