//! Files that the configuration names.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::item::Table;
use super::problem::Report;

/// Certificates to trust in addition to those of the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaFile {
    /// Where they were read.
    pub path: PathBuf,
    /// The file's bytes; at least one certificate in PEM.
    pub pem: Vec<u8>,
}

/// Bytes of a file of certificates. The bundle of a whole operating system has 220 KiB.
const MAX_CA_BYTES: usize = 1024 * 1024;

/// Takes the path `name` of `table`; a relative one begins at `base`.
pub(super) fn path(
    table: &mut Table,
    name: &str,
    base: &Path,
    report: &mut Report,
) -> Option<PathBuf> {
    Some(base.join(table.take(name)?.word(report)?))
}

/// Takes and reads `ca_file` of `table`.
pub(super) fn ca(table: &mut Table, base: &Path, report: &mut Report) -> Option<CaFile> {
    let item = table.take("ca_file")?;
    let (key, place) = (item.key.clone(), item.place.clone());
    let path = base.join(item.word(report)?);
    match certificates(&path) {
        Ok(pem) => Some(CaFile { path, pem }),
        Err(what) => {
            let what = format!("the file {}: {what}", path.display());
            report.error(&key, &place, what, "give a file with certificates in PEM");
            None
        }
    }
}

/// Reads a text of at most `limit` bytes. Whatever `path` is, no more than that is read: a device
/// has no size, and perhaps no end.
pub(super) fn text(path: &Path, limit: usize) -> Result<String, String> {
    String::from_utf8(bytes(path, limit)?).map_err(|_| "is not text".to_owned())
}

/// Reads at most `limit` bytes.
pub(crate) fn bytes(path: &Path, limit: usize) -> Result<Vec<u8>, String> {
    let mut read = Vec::new();
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    file.take(most).read_to_end(&mut read).map_err(|error| unreadable(&error))?;
    if read.len() > limit { Err(format!("has more than {limit} bytes")) } else { Ok(read) }
}

fn unreadable(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "does not exist".to_owned(),
        kind => format!("cannot be read ({kind})"),
    }
}

fn certificates(path: &Path) -> Result<Vec<u8>, String> {
    let pem = bytes(path, MAX_CA_BYTES)?;
    let mut count = 0;
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        certificate.map_err(|_| "is damaged: a certificate in it cannot be read".to_owned())?;
        count += 1;
    }
    if count == 0 { Err("holds no certificate".to_owned()) } else { Ok(pem) }
}
