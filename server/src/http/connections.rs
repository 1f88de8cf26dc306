//! Connections: accepted, bounded in number and in time, and ended.

use std::collections::VecDeque;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::Peer;

/// How long a request that is under way at the end may still take.
const GRACE: Duration = Duration::from_secs(2);
/// Pause when a connection could not be accepted: the process has no descriptor left, and gets one
/// back only when something else ends.
const OUT_OF_DESCRIPTORS: Duration = Duration::from_millis(500);

/// What callers may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// How long the head of a request may take, from the connection's begin or the answer before.
    pub(super) head_within: Duration,
    /// Connections at once.
    pub(super) connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // A head is one packet; a scraper that keeps its connection asks again within seconds,
            // or connects anew.
            head_within: Duration::from_secs(10),
            // Callers are probes, scrapers and a few people. A process has 1,024 descriptors by
            // default, and Webex, Finesse and the ledger must have theirs.
            connections: 256,
        }
    }
}

/// Serves `app` on `listener` until `stop`.
///
/// When there are as many connections as there may be, the oldest ends for the new one: a scraper
/// connects again, and whoever only holds connections keeps nobody out.
pub(super) async fn serve(
    listener: TcpListener,
    app: Router,
    limits: Limits,
    stop: CancellationToken,
) {
    let mut tasks = JoinSet::new();
    let mut open = VecDeque::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            Some(_) = tasks.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((socket, address)) => {
                make_room(&mut open, limits.connections);
                let app = app.clone().layer(Extension(ConnectInfo(Peer(address))));
                open.push_back(tasks.spawn(one(socket, app, limits, stop.clone())));
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

/// Ends the oldest connection where there are as many as there may be.
fn make_room(open: &mut VecDeque<AbortHandle>, most: usize) {
    if open.len() < most {
        return;
    }
    open.retain(|connection| !connection.is_finished());
    if open.len() >= most
        && let Some(oldest) = open.pop_front()
    {
        tracing::debug!(http.connections = most, "the oldest connection ends for a new one");
        oldest.abort();
    }
}

/// One connection, to its end.
async fn one(socket: TcpStream, app: Router, limits: Limits, stop: CancellationToken) {
    // Small answers must not wait for the next packet.
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(error = %error, "failed to switch off delayed sending");
    }
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.head_within);
    let served =
        http.serve_connection(TokioIo::new(socket), TowerToHyperService::new(app)).with_upgrades();
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
