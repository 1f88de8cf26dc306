//! One connection: TLS where wanted, then HTTP/1.1 until either side has enough.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::Body;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use super::exchange;
use super::listener::NodeListener;
use super::socket::Socket;

/// The largest head of a request.
const HEAD_LIMIT: usize = 32 * 1024;

/// Why a connection ends without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a fault cut the connection")]
pub(crate) struct Cut;

pub(crate) async fn serve(node: &NodeListener, stream: TcpStream, open: &CancellationToken) {
    let (socket, reset) = Socket::new(stream);
    match &node.tls {
        None => speak(node, socket, reset, open).await,
        Some(acceptor) => tokio::select! {
            () = open.cancelled() => {}
            greeted = acceptor.accept(socket) => match greeted {
                Ok(secured) => speak(node, secured, reset, open).await,
                Err(error) => tracing::debug!(%error, "failed to agree on TLS"),
            }
        },
    }
}

async fn speak<S>(node: &NodeListener, stream: S, reset: Arc<AtomicBool>, open: &CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let cut = Arc::clone(&reset);
    let service = service_fn(move |request: Request<Incoming>| {
        let shared = Arc::clone(&node.shared);
        let cut = Arc::clone(&cut);
        async move {
            let answered = exchange::answer(&shared, node.node, request).await;
            if answered.is_err() {
                cut.store(true, Ordering::SeqCst);
            }
            answered
        }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .max_buf_size(HEAD_LIMIT)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        () = open.cancelled() => reset.store(true, Ordering::SeqCst),
        ended = &mut connection => if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended early");
        }
    }
}

/// An answer ready to be sent.
pub(crate) type Answer = Result<Response<Body>, Cut>;
