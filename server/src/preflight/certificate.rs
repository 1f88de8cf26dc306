//! What a server shows at a TLS handshake. Verification is on, always: only a chain that was
//! found good is looked into, and of any other one the verifier's own word is told.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use lockstep_core::Time;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use super::der;

/// A connection inside a data centre takes milliseconds; this sees a lost packet or two.
const WITHIN: Duration = Duration::from_secs(4);

/// How the handshake went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    /// The chain is good; until when the first of its certificates to end is valid.
    Good {
        /// `None` where the end cannot be read.
        until: Option<Time>,
        /// Certificates that the server sent.
        sent: usize,
    },
    /// Nobody answered, or not by TLS.
    Silent(String),
    /// No authority that is trusted here has signed it.
    UnknownIssuer,
    /// The server's name is none of those in it.
    OtherName(Vec<String>),
    /// It ended.
    Expired,
    /// It begins later.
    NotYet,
    /// Anything else that is wrong with it.
    Bad(String),
}

/// Shakes hands with the host of `url`, and reads what it shows.
pub(super) async fn look(url: &Url, tls: &Arc<ClientConfig>) -> Seen {
    match timeout(WITHIN, shake_hands(url, tls)).await {
        Ok(Ok(chain)) => {
            let ends = chain.iter().map(|certificate| der::not_after(certificate));
            let until = ends.collect::<Option<Vec<Time>>>();
            Seen::Good { until: until.and_then(|all| all.into_iter().min()), sent: chain.len() }
        }
        Ok(Err(error)) => refused(&error),
        Err(_) => Seen::Silent(format!("no answer within {} s", WITHIN.as_secs())),
    }
}

async fn shake_hands(
    url: &Url,
    tls: &Arc<ClientConfig>,
) -> io::Result<Vec<CertificateDer<'static>>> {
    let invalid = |what: &str| io::Error::new(io::ErrorKind::InvalidInput, what.to_owned());
    let host = match url.host() {
        Some(Host::Domain(name)) => name.to_owned(),
        Some(Host::Ipv4(address)) => address.to_string(),
        Some(Host::Ipv6(address)) => address.to_string(),
        None => return Err(invalid("the address names no host")),
    };
    let port = url.port_or_known_default().ok_or_else(|| invalid("the address has no port"))?;
    let stream = TcpStream::connect((host.as_str(), port)).await?;
    let name = ServerName::try_from(host).map_err(|_| invalid("the host's name is not valid"))?;
    let stream = TlsConnector::from(Arc::clone(tls)).connect(name, stream).await?;
    let (_, connection) = stream.get_ref();
    let chain = connection.peer_certificates().unwrap_or_default();
    Ok(chain.iter().map(|certificate| certificate.clone().into_owned()).collect())
}

fn refused(error: &io::Error) -> Seen {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let Some(rustls::Error::InvalidCertificate(error)) = inner else {
        return Seen::Silent(match inner {
            Some(rustls::Error::InvalidMessage(_)) => {
                "it does not speak TLS on this port".to_owned()
            }
            _ => error.to_string(),
        });
    };
    match error {
        CertificateError::UnknownIssuer => Seen::UnknownIssuer,
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Seen::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Seen::NotYet,
        CertificateError::NotValidForName => Seen::OtherName(Vec::new()),
        CertificateError::NotValidForNameContext { presented, .. } => {
            Seen::OtherName(presented.iter().map(|name| plain(name)).collect())
        }
        other => Seen::Bad(plain(&other.to_string())),
    }
}

/// `DnsName("a.example")` is how the verifier tells a name.
pub(super) fn plain(told: &str) -> String {
    let inside = told.split_once("(\"").and_then(|(_, rest)| rest.strip_suffix("\")"));
    inside.unwrap_or(told).chars().filter(|c| !c.is_control()).take(120).collect()
}
