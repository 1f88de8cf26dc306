//! The simulated network, in the shapes that Lockstep and webex-sim take.

use std::io;
use std::net::SocketAddr;

use lockstep::webex::{Dial, Dialled, Wire};
use webex_sim::Listen;

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
    /// It knows no lingering: a connection that is dropped with data unread ends with RST, any other
    /// with FIN.
    type Stream = Box<turmoil::net::TcpStream>;

    async fn bind(address: SocketAddr) -> io::Result<Self> {
        turmoil::net::TcpListener::bind(("0.0.0.0", address.port())).await.map(Self)
    }

    async fn accept(&mut self) -> io::Result<Self::Stream> {
        self.0.accept().await.map(|(stream, _)| Box::new(stream))
    }
}
