//! The listener and its connections, each of which can be broken on purpose.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::cloud::Cloud;
use crate::gate;
use crate::network::{Listen, Stream};

/// How one connection is ended from outside.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    reset: Arc<AtomicBool>,
    end: CancellationToken,
}

/// A connection that ends with RST instead of FIN once its link was reset.
struct Wire<S: Stream> {
    stream: S,
    reset: Arc<AtomicBool>,
}

// === impl Link ===

impl Link {
    /// What is written no more goes out as an orderly end.
    pub(crate) fn reset(&self) {
        self.reset.store(true, Ordering::Relaxed);
    }

    /// Every connection is to end.
    pub(crate) async fn ended(&self) {
        self.end.cancelled().await;
    }
}

/// Accepts until the cloud stops; a duration from `offline` closes the port for so long.
pub(crate) async fn serve<L: Listen>(
    cloud: Arc<Cloud>,
    listener: L,
    mut offline: mpsc::Receiver<Duration>,
) {
    let mut listener = listener;
    loop {
        tokio::select! {
            biased; // the same order in every run with one seed
            () = cloud.stop.cancelled() => return,
            Some(pause) = offline.recv() => {
                drop(listener);
                cloud.cut_links();
                match again(&cloud, pause).await {
                    Some(opened) => listener = opened,
                    None => return,
                }
            }
            accepted = listener.accept() => match accepted {
                Ok(stream) => connection(&cloud, stream),
                Err(error) => tracing::warn!(%error, "failed to accept a connection"),
            }
        }
    }
}

/// The same port again after a pause; somebody else may hold it for a moment longer.
async fn again<L: Listen>(cloud: &Cloud, pause: Duration) -> Option<L> {
    let mut pause = pause;
    loop {
        tokio::select! {
            biased; // the same order in every run with one seed
            () = cloud.stop.cancelled() => return None,
            () = tokio::time::sleep(pause) => {}
        }
        match L::bind(cloud.address).await {
            Ok(listener) => return Some(listener),
            Err(error) => tracing::warn!(%error, "failed to listen again"),
        }
        pause = Duration::from_millis(50);
    }
}

fn connection(cloud: &Arc<Cloud>, stream: impl Stream) {
    let link = Link { reset: Arc::new(AtomicBool::new(false)), end: cloud.link() };
    let io = TokioIo::new(Wire { stream, reset: Arc::clone(&link.reset) });
    let cloud = Arc::clone(cloud);
    let tasks = cloud.tasks.clone();
    tasks.spawn(async move {
        let service = {
            let (cloud, link) = (Arc::clone(&cloud), link.clone());
            service_fn(move |request| gate::answer(Arc::clone(&cloud), request, link.clone()))
        };
        let served = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(io, service)
            .with_upgrades();
        tokio::select! {
            biased; // the same order in every run with one seed
            _ = served => {}
            () = link.ended() => link.reset(),
            () = cloud.stop.cancelled() => {}
        }
    });
}

// === impl Wire ===

impl<S: Stream> Drop for Wire<S> {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Relaxed) {
            self.stream.reset();
        }
    }
}

impl<S: Stream> AsyncRead for Wire<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: Stream> AsyncWrite for Wire<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.reset.load(Ordering::Relaxed) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
