//! The certificate that Lockstep itself serves by: whose it is, and until when.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use lockstep_core::Time;
use rustls::CertificateError;
use rustls::client::verify_server_name;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::ParsedCertificate;

use super::certificate::plain;
use super::tls::{SOON, date, days};
use super::{der, red_or_amber};
use crate::cli::Finding;
use crate::config::{Config, bytes};

const SUBJECT: &str = "tls";
/// Bytes of the certificate's file; the server reads no more of it either.
const MAX_BYTES: usize = 128 * 1024;
/// Others than owner and group may read.
const FOR_OTHERS: u32 = 0o004;

/// Looks at `http.tls_cert_file` and `http.tls_key_file`, which belong together: the configuration
/// would not be valid otherwise.
pub fn served(config: &Config, now: Time) -> Vec<Finding> {
    let Some(files) = &config.http.tls else { return Vec::new() };
    let used = config.modes().has_gadget();
    let mut findings = Vec::new();
    match chain(&files.certificate) {
        Ok(chain) => findings.push(of(&chain, host(config).as_deref(), used, now)),
        Err(what) => {
            let text = format!("the file {}: {what}", files.certificate.display());
            findings.push(Finding::red(SUBJECT, text, "give certificates in PEM"));
        }
    }
    let mode = std::fs::metadata(&files.key).map(|file| file.permissions().mode());
    if mode.is_ok_and(|mode| mode & FOR_OTHERS != 0) {
        let text = format!("everybody on this machine can read the key {}", files.key.display());
        findings.push(Finding::amber(SUBJECT, text, "chmod o-r; have the certificate issued anew with another key where others use this machine"));
    }
    findings
}

/// What desktops call this server; nothing where a proxy in front may have that name.
fn host(config: &Config) -> Option<String> {
    let named = config.http.public_url.as_ref()?.host_str()?.to_owned();
    config.http.trusted_proxies.is_empty().then_some(named)
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let pem = bytes(path, MAX_BYTES)?;
    let read = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>();
    match read {
        Ok(chain) if !chain.is_empty() => Ok(chain),
        Ok(_) => Err("holds no certificate".to_owned()),
        Err(_) => Err("is damaged: a certificate in it cannot be read".to_owned()),
    }
}

fn of(chain: &[CertificateDer<'_>], host: Option<&str>, used: bool, now: Time) -> Finding {
    if let Some(others) = host.and_then(|host| other_names(&chain[0], host)) {
        let host = host.unwrap_or_default();
        let text = format!("{host} is not in the certificate; it is for {others}");
        let remedy = "write a name that is in it into http.public_url, or have it issued anew";
        return red_or_amber(used, SUBJECT, text, remedy);
    }
    let ends = chain.iter().map(|certificate| der::not_after(certificate));
    let until = ends.collect::<Option<Vec<Time>>>().and_then(|all| all.into_iter().min());
    let sent = match chain.len() {
        1 => "1 certificate".to_owned(),
        more => format!("{more} certificates"),
    };
    let of = host.map_or_else(String::new, |host| format!("{host}: "));
    let Some(until) = until else {
        return Finding::green(SUBJECT, format!("{of}{sent} and its key"));
    };
    if until <= now {
        let text = format!("{of}the certificate ended on {}", date(until));
        return red_or_amber(used, SUBJECT, text, RENEW);
    }
    let text = format!("{of}{sent} and its key, until {} ({} days)", date(until), days(until, now));
    if until.since(now) < SOON {
        Finding::amber(SUBJECT, text, RENEW)
    } else {
        Finding::green(SUBJECT, text)
    }
}

const RENEW: &str = "renew it, and the chain above it; lockstep reads the files again by itself";

/// The names in the certificate, where `host` is none of them. What is not a certificate for a
/// server is told by whoever connects.
fn other_names(certificate: &CertificateDer<'_>, host: &str) -> Option<String> {
    let name = ServerName::try_from(host.trim_matches(['[', ']'])).ok()?;
    let parsed = ParsedCertificate::try_from(certificate).ok()?;
    match verify_server_name(&parsed, &name) {
        Err(rustls::Error::InvalidCertificate(CertificateError::NotValidForNameContext {
            presented,
            ..
        })) => Some(presented.iter().map(|name| plain(name)).collect::<Vec<_>>().join(", ")),
        Err(rustls::Error::InvalidCertificate(CertificateError::NotValidForName)) => {
            Some("other names".to_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rcgen::{CertificateParams, KeyPair};

    use super::*;
    use crate::cli::Status;

    fn certificate(names: &[&str]) -> CertificateDer<'static> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.not_after = rcgen::date_time_ymd(2027, 1, 1);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().clone()
    }

    #[test]
    fn its_names_and_its_end_are_told_and_what_the_mode_does_not_use_is_amber() {
        let until = Time::from_millis(1_798_761_600_000);
        let day = |days: u64| until.before(Duration::from_hours(days * 24));
        let chain = [certificate(&["lockstep.example.com", "10.0.0.7"])];
        let seen = |host, used, now| of(&chain, Some(host), used, now);
        let good = seen("lockstep.example.com", true, day(100));
        assert_eq!(good.status, Status::Green);
        assert_eq!(
            good.text,
            "lockstep.example.com: 1 certificate and its key, until 2027-01-01 (100 days)"
        );
        assert_eq!(seen("10.0.0.7", true, day(10)).status, Status::Amber);
        assert_eq!(seen("10.0.0.7", true, until).status, Status::Red);
        assert_eq!(seen("10.0.0.7", false, until).status, Status::Amber);
        let other = seen("desk.example.com", true, day(100));
        assert_eq!(other.status, Status::Red);
        assert!(other.text.contains("it is for lockstep.example.com"), "{}", other.text);
        assert_eq!(of(&chain, None, true, day(100)).status, Status::Green);
    }
}
