//! Bytes to and from the hosts of Webex: TCP, and TLS above it.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls_platform_verifier::Verifier;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use super::settings::SettingsError;

/// A two-way stream of bytes.
pub trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Wire for S {}

/// What [`Dial::dial`] returns.
pub type Dialled<'a> = Pin<Box<dyn Future<Output = io::Result<Box<dyn Wire>>> + Send + 'a>>;

/// Opens streams to hosts: TCP in the product, a simulated network in simulations.
pub trait Dial: Send + Sync + 'static {
    /// Connects to `host` (a name or an address without brackets) and `port`.
    fn dial<'a>(&'a self, host: &'a str, port: u16) -> Dialled<'a>;
}

/// TCP of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tcp;

impl Dial for Tcp {
    fn dial<'a>(&'a self, host: &'a str, port: u16) -> Dialled<'a> {
        Box::pin(async move {
            let stream = tokio::net::TcpStream::connect((host, port)).await?;
            stream.set_nodelay(true)?; // acks are small and must not wait for each other
            Ok(Box::new(stream) as Box<dyn Wire>)
        })
    }
}

/// TLS 1.2 and above, trusting the machine's roots and those of `ca_pem`.
pub(crate) fn tls(ca_pem: Option<&[u8]>) -> Result<Arc<ClientConfig>, SettingsError> {
    let tls_error = |error: rustls::Error| SettingsError::Tls { detail: error.to_string() };
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = match ca_pem.map(certificates).transpose()? {
        Some(extra) => Verifier::new_with_extra_roots(extra, Arc::clone(&provider))
            .map_err(|error| SettingsError::Certificate { detail: error.to_string() })?,
        None => Verifier::new(Arc::clone(&provider)).map_err(tls_error)?,
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(tls_error)?
        .dangerous() // the name of the method; the verifier is the platform's
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, SettingsError> {
    let bad = |detail: String| SettingsError::Certificate { detail };
    let found = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| bad(error.to_string()))?;
    if found.is_empty() { Err(bad("no certificate in it".to_owned())) } else { Ok(found) }
}

/// Opens the stream that `url` asks for: plain for `ws` and `http`, with TLS for all else.
pub(super) async fn open(
    url: &Url,
    dial: &dyn Dial,
    tls: &Arc<ClientConfig>,
) -> io::Result<Box<dyn Wire>> {
    let invalid = |what: &str| io::Error::new(io::ErrorKind::InvalidInput, what.to_owned());
    let host = match url.host() {
        Some(Host::Domain(domain)) => domain.to_owned(),
        Some(Host::Ipv4(address)) => address.to_string(),
        Some(Host::Ipv6(address)) => address.to_string(),
        None => return Err(invalid("the address names no host")),
    };
    let port = url.port_or_known_default().ok_or_else(|| invalid("the address has no port"))?;
    let stream = dial.dial(&host, port).await?;
    if matches!(url.scheme(), "ws" | "http") {
        return Ok(stream);
    }
    let name = ServerName::try_from(host).map_err(|_| invalid("the host's name is not valid"))?;
    let stream = TlsConnector::from(Arc::clone(tls)).connect(name, stream).await?;
    Ok(Box::new(stream))
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
