//! The simulated network, in the shapes that Lockstep and webex-sim take.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use lockstep::webex::{Dial, Dialled, Wire};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use webex_sim::{Listen, Stream};

/// The host on which webex-sim runs.
pub const WEBEX: &str = "webex";
/// The host on which Lockstep runs.
pub const LOCKSTEP: &str = "lockstep";

/// Opens connections to webex-sim, whatever the name: plain text is for loopback addresses only,
/// so that is what it is called.
#[derive(Clone, Copy, Debug)]
pub struct Simulated;

impl Dial for Simulated {
    fn dial<'a>(&'a self, _host: &'a str, port: u16) -> Dialled<'a> {
        Box::pin(async move {
            let stream = turmoil::net::TcpStream::connect((WEBEX, port)).await?;
            Ok(Box::new(stream) as Box<dyn Wire>)
        })
    }
}

/// A port of a simulated host.
pub struct Port(turmoil::net::TcpListener);

impl Listen for Port {
    type Stream = Connection;

    async fn bind(address: SocketAddr) -> io::Result<Self> {
        turmoil::net::TcpListener::bind(("0.0.0.0", address.port())).await.map(Self)
    }

    async fn accept(&mut self) -> io::Result<Connection> {
        self.0.accept().await.map(|(stream, _)| Connection(stream))
    }
}

/// A connection over the simulated network. It knows no lingering: a connection that is dropped
/// with data unread ends with RST, any other with FIN.
#[derive(Debug)]
pub struct Connection(turmoil::net::TcpStream);

impl Stream for Connection {}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
