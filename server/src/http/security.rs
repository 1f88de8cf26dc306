//! TLS by files: a certificate and its key, read again when they change.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::config::{Config, TlsFiles, bytes};

/// How often the files are looked at; whoever renews a certificate does so weeks before its end.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Bytes of a file; a chain with a large key has a tenth of it.
const MAX_BYTES: usize = 128 * 1024;

/// What new connections are secured by; `None`: nothing, they are in the clear.
pub type Security = watch::Receiver<Option<Arc<ServerConfig>>>;

/// Why a certificate and a key cannot be used. Never shows what is in the key's file.
#[derive(Debug, thiserror::Error)]
pub enum PairError {
    /// The certificates' file.
    #[error("the file {path}: {what}")]
    Certificate {
        /// Which.
        path: String,
        /// What is wrong with it.
        what: String,
    },
    /// The key's file.
    #[error("the file {path}: {what}")]
    Key {
        /// Which.
        path: String,
        /// What is wrong with it.
        what: String,
    },
    /// Both can be read, and do not belong together.
    #[error("the certificate and the key cannot be used together: {0}")]
    Pair(rustls::Error),
}

/// Reads a pair.
pub fn read(files: &TlsFiles) -> Result<Arc<ServerConfig>, PairError> {
    let shown = |path: &Path| path.display().to_string();
    let certificate = |what: String| {
        let path = shown(&files.certificate);
        PairError::Certificate { path, what }
    };
    let pem = bytes(&files.certificate, MAX_BYTES).map_err(certificate)?;
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|_| certificate("is damaged: a certificate in it cannot be read".to_owned()))?;
    if chain.is_empty() {
        return Err(certificate("holds no certificate".to_owned()));
    }
    let key = |what: String| PairError::Key { path: shown(&files.key), what };
    let pem = bytes(&files.key, MAX_BYTES).map_err(key)?;
    // The parser's own words may hold a piece of the file.
    let key = PrivateKeyDer::from_pem_slice(&pem)
        .map_err(|_| key("holds no private key in PEM without a password".to_owned()))?;
    let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(PairError::Pair)?;
    let mut config =
        builder.with_no_client_auth().with_single_cert(chain, key).map_err(PairError::Pair)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The pair of the configuration, followed by [`follow`].
pub fn of(config: &Config) -> Result<Option<Arc<ServerConfig>>, PairError> {
    config.http.tls.as_ref().map(read).transpose()
}

/// Takes over each new pair, by SIGHUP or because the files have changed; a broken one is told, and
/// the one before stays.
pub async fn follow(
    mut configs: watch::Receiver<Arc<Config>>,
    current: watch::Sender<Option<Arc<ServerConfig>>>,
    stop: CancellationToken,
) {
    let mut seen = configs.borrow().http.tls.as_ref().map(stamp);
    loop {
        let asked = tokio::select! {
            () = stop.cancelled() => return,
            changed = configs.changed() => match changed {
                Ok(()) => true,
                Err(_) => return,
            },
            () = tokio::time::sleep(LOOK_EVERY) => false,
        };
        let files = configs.borrow_and_update().http.tls.clone();
        let Some(files) = files else { continue };
        let now = stamp(&files);
        if !asked && seen == Some(now) {
            continue;
        }
        seen = Some(now);
        match read(&files) {
            Ok(pair) => {
                current.send_replace(Some(pair));
                tracing::info!(path = %files.certificate.display(), "the certificate was read again");
            }
            Err(error) => {
                metrics::counter!("lockstep_tls_reload_failed_total").increment(1);
                tracing::error!(%error, "the certificate was not read again, the old one stays");
            }
        }
    }
}

/// What tells that a file was written: when, and its size.
type Stamp = [Option<(SystemTime, u64)>; 2];

fn stamp(files: &TlsFiles) -> Stamp {
    [&files.certificate, &files.key].map(|path| {
        let file = std::fs::metadata(path).ok()?;
        Some((file.modified().ok()?, file.len()))
    })
}
