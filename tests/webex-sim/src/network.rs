//! The network below: TCP of the machine, or whatever a simulation passes in.

use std::future::Future;
use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};

/// One connection of a network.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    /// The connection is about to be dropped and is to end with RST instead of FIN. A network
    /// that does not tell them apart does nothing here.
    fn reset(&self) {}
}

/// A port that accepts connections.
pub trait Listen: Sized + Send + 'static {
    /// What it accepts.
    type Stream: Stream;

    /// Opens the port; also again, after it was closed for a while ([`Fault::Offline`]).
    ///
    /// [`Fault::Offline`]: crate::Fault::Offline
    fn bind(address: SocketAddr) -> impl Future<Output = io::Result<Self>> + Send;

    /// The next connection.
    fn accept(&mut self) -> impl Future<Output = io::Result<Self::Stream>> + Send;
}

/// Any other kind of connection, which knows no RST.
impl<T: AsyncRead + AsyncWrite + Unpin + Send + 'static> Stream for Box<T> {}

impl Stream for TcpStream {
    fn reset(&self) {
        let _ = self.set_zero_linger();
    }
}

impl Listen for TcpListener {
    type Stream = TcpStream;

    async fn bind(address: SocketAddr) -> io::Result<Self> {
        Self::bind(address).await
    }

    async fn accept(&mut self) -> io::Result<TcpStream> {
        let (stream, _) = Self::accept(self).await?;
        // Presence frames are small and follow each other; Nagle would hold every second one.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "failed to switch Nagle off");
        }
        Ok(stream)
    }
}
