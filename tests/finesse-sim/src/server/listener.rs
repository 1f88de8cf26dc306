//! Accepts connections for one node, and stops listening while a fault refuses them.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connection::serve;
use super::{Node, Shared};

/// Connections served at a time per node; a client keeps a few, a bench some hundreds.
const CONNECTION_LIMIT: usize = 4_096;
/// Pause after a failed accept or bind; the machine is out of descriptors, or the port is not free yet.
const PAUSE: Duration = Duration::from_millis(50);

/// One node's socket and what its connections need.
#[derive(Clone)]
pub(crate) struct NodeListener {
    pub(crate) node: Node,
    pub(crate) address: SocketAddr,
    pub(crate) shared: Arc<Shared>,
    pub(crate) tls: Option<TlsAcceptor>,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
}

impl NodeListener {
    /// Serves until told to stop. Inputs: connections, the refusing switch, the stop token.
    pub(crate) async fn run(self, first: TcpListener) {
        let mut refusing = self.shared.refusing.subscribe();
        let mut first = Some(first);
        let seat = usize::from(self.node == Node::Secondary);
        while !self.stop.is_cancelled() {
            let listener = match first.take() {
                Some(listener) => Ok(listener),
                None => TcpListener::bind(self.address).await,
            };
            match listener {
                Err(error) => {
                    tracing::warn!(%error, node = ?self.node, "failed to listen again");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
                Ok(listener) => {
                    let open = self.stop.child_token();
                    tokio::select! {
                        () = self.stop.cancelled() => {}
                        _ = refusing.wait_for(|refused| refused[seat]) => {}
                        () = self.accept(&listener, &open) => {}
                    }
                    open.cancel();
                }
            }
            tokio::select! {
                () = self.stop.cancelled() => {}
                _ = refusing.wait_for(|refused| !refused[seat]) => {}
            }
        }
    }

    async fn accept(&self, listener: &TcpListener, open: &CancellationToken) {
        let seats = Arc::new(Semaphore::new(CONNECTION_LIMIT));
        loop {
            let Ok(seat) = Arc::clone(&seats).acquire_owned().await else { return };
            let stream = match accepted(listener).await {
                Ok(stream) => stream,
                Err(error) => {
                    tracing::warn!(%error, "failed to accept a connection");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            };
            let this = self.clone();
            let open = open.clone();
            self.tasks.spawn(async move {
                serve(&this, stream, &open).await;
                drop(seat);
            });
        }
    }
}

/// Without the delay that would hold back the second of two packets.
async fn accepted(listener: &TcpListener) -> io::Result<TcpStream> {
    let (stream, _) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}
