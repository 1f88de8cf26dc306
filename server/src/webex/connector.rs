//! Connections for the HTTP client, over the same network as the socket.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::time::timeout;
use tower_service::Service;
use url::Url;

use super::wire::{self, Dial, Wire};

/// Opens a connection for each address that the HTTP client asks for.
#[derive(Clone)]
pub(super) struct Connector {
    dial: Arc<dyn Dial>,
    tls: Arc<ClientConfig>,
    limit: Duration,
}

impl Connector {
    /// `limit` covers the name, the connection and TLS.
    pub(super) const fn new(dial: Arc<dyn Dial>, tls: Arc<ClientConfig>, limit: Duration) -> Self {
        Self { dial, tls, limit }
    }

    async fn connect(self, address: Uri) -> io::Result<TokioIo<Box<dyn Wire>>> {
        let url = Url::parse(&address.to_string())
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let opened = timeout(self.limit, wire::open(&url, &*self.dial, &self.tls)).await;
        let late = |_| {
            let text = format!("no connection within {} s", self.limit.as_secs_f32());
            Err(io::Error::new(io::ErrorKind::TimedOut, text))
        };
        opened.unwrap_or_else(late).map(TokioIo::new)
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector").field("limit", &self.limit).finish_non_exhaustive()
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Box<dyn Wire>>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, address: Uri) -> Self::Future {
        Box::pin(self.clone().connect(address))
    }
}

impl Connection for Box<dyn Wire> {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}
