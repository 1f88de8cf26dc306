//! A network in memory: with it the simulator works in paused time, and minutes pass at once.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Mutex, PoisonError};

use lockstep::webex::{Dial, Dialled, Wire};
use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use webex_sim::Listen;

/// Bytes under way in one direction; as a small socket buffer.
const BUFFER: usize = 64 * 1024;
/// Connections that wait to be accepted.
const BACKLOG: usize = 256;

/// The ports that are open, of every test in this process.
static PORTS: Mutex<BTreeMap<SocketAddr, mpsc::Sender<DuplexStream>>> = Mutex::new(BTreeMap::new());

/// An address that no other test has.
pub(crate) fn address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(1_024);
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// An open port.
pub(crate) struct Port(mpsc::Receiver<DuplexStream>);

impl Listen for Port {
    type Stream = Box<DuplexStream>;

    async fn bind(address: SocketAddr) -> io::Result<Self> {
        let (dialled, port) = mpsc::channel(BACKLOG);
        PORTS.lock().unwrap_or_else(PoisonError::into_inner).insert(address, dialled);
        Ok(Self(port))
    }

    async fn accept(&mut self) -> io::Result<Box<DuplexStream>> {
        match self.0.recv().await {
            Some(stream) => Ok(Box::new(stream)),
            None => std::future::pending().await,
        }
    }
}

/// Dials the ports of this network.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory;

impl Dial for Memory {
    fn dial<'a>(&'a self, host: &'a str, port: u16) -> Dialled<'a> {
        Box::pin(async move {
            let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
            let host = host.parse().map_err(|_| refused())?;
            let ports = PORTS.lock().unwrap_or_else(PoisonError::into_inner);
            let port = ports.get(&SocketAddr::new(host, port)).ok_or_else(refused)?;
            let (ours, theirs) = tokio::io::duplex(BUFFER);
            port.try_send(theirs).map_err(|_| refused())?;
            Ok(Box::new(ours) as Box<dyn Wire>)
        })
    }
}
