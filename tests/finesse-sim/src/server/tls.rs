//! `--tls DIR`: a CA made for this run, and a certificate by it for loopback names, or as wrong as a
//! test wants it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

use super::start::StartError;
use crate::config::Certificate;

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// Writes `ca.pem` into the folder and serves by a certificate of that CA.
pub(crate) fn acceptor(
    folder: &Path,
    certificate: &Certificate,
    now: Timestamp,
) -> Result<TlsAcceptor, StartError> {
    let failed = |error: rcgen::Error| StartError::Certificate(error.to_string());
    let authority = authority().map_err(failed)?;
    let path = folder.join("ca.pem");
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&path, authority.pem()))
        .map_err(|source| StartError::Write { path, source })?;
    let key = KeyPair::generate().map_err(failed)?;
    let mut server = CertificateParams::new(certificate.names.clone()).map_err(failed)?;
    let end = now.as_second() + i64::from(certificate.days) * DAY_SECONDS;
    server.not_after =
        date_time_ymd(1970, 1, 1) + Duration::from_secs(u64::try_from(end).unwrap_or_default());
    server.distinguished_name.push(DnType::CommonName, "finesse-sim");
    server.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = server.signed_by(&key, &authority).map_err(failed)?;
    let secret = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let refused = |error: rustls::Error| StartError::Certificate(error.to_string());
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(refused)?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], secret)
        .map_err(refused)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn authority() -> Result<CertifiedIssuer<'static, KeyPair>, rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "finesse-sim CA");
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate()?)
}
