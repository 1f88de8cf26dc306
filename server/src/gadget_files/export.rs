//! The gadget's files in a folder, to be uploaded to Finesse or put on another web server.
//!
//! A record of what was written lies beside them, so that a later export replaces what an earlier
//! one wrote and never what somebody else did.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{Bundle, Place, exported};

/// The XML of an export.
pub const XML: &str = "lockstep.xml";
/// The record, as `sha256sum --check` reads it: it tells after an upload whether all of it arrived.
pub const RECORD: &str = "lockstep.sha256";

/// Who may read what is exported: Finesse answers "Resource not available" for files that not
/// everybody may read (Finesse notes 3.5).
const FILE_MODE: u32 = 0o644;
const FOLDER_MODE: u32 = 0o755;

/// What was exported; paths are relative to the folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exported {
    /// Written, new or changed.
    pub written: Vec<String>,
    /// There already, as they should be.
    pub unchanged: Vec<String>,
    /// Of an earlier export, and part of this one no more. Desktops that were opened before still
    /// load them.
    pub outdated: Vec<String>,
}

/// Why nothing was exported, or not all of it.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Files of somebody else's are in the way.
    #[error(
        "{} has files that no export wrote, or that were changed since: {}; nothing was written. \
         Choose another folder, or remove them",
        dir.display(), files.join(", ")
    )]
    Foreign {
        /// The folder.
        dir: PathBuf,
        /// Those files.
        files: Vec<String>,
    },
    /// The disk refused.
    #[error("failed to {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

/// Writes what is to be uploaded into `dir`: the XML, and everything behind it when `files` says
/// where that will be reachable; without, browsers load it from the server.
pub fn export(
    bundle: &Bundle,
    server: &Place,
    files: Option<&Place>,
    dir: &Path,
) -> Result<Exported, ExportError> {
    let place = files.cloned().unwrap_or_else(|| server.folder("gadget"));
    let xml = exported(&bundle.xml, &bundle.loader, server, &place);
    let mut all = vec![(XML, xml.as_bytes())];
    if files.is_some() {
        all.extend(bundle.files.iter().map(|file| (file.path.as_str(), &*file.body)));
    }
    let known = record(dir)?;
    let (unchanged, written) = compare(&all, &known, dir)?;
    let mut digests = known;
    digests.retain(|path, _| dir.join(path).exists());
    digests.extend(all.iter().map(|(path, body)| ((*path).to_owned(), digest(body))));
    make_folder(dir)?;
    for (path, body) in all.iter().filter(|(path, _)| written.iter().any(|w| w == path)) {
        write(&dir.join(path), body)?;
    }
    write(&dir.join(RECORD), render(&digests).as_bytes())?;
    let is_outdated = |path: &String| !all.iter().any(|(now, _)| now == path);
    let outdated = digests.into_keys().filter(is_outdated).collect();
    Ok(Exported { written, unchanged, outdated })
}

/// What is there already, and what is to be written; an error when something else is in the way.
fn compare(
    all: &[(&str, &[u8])],
    known: &BTreeMap<String, String>,
    dir: &Path,
) -> Result<(Vec<String>, Vec<String>), ExportError> {
    let (mut unchanged, mut written, mut foreign) = (Vec::new(), Vec::new(), Vec::new());
    for (path, body) in all {
        let place = dir.join(path);
        let kind = match read(&place)? {
            None => &mut written,
            Some(there) if there == *body => &mut unchanged,
            Some(there) if known.get(*path) == Some(&digest(&there)) => &mut written,
            Some(_) => &mut foreign,
        };
        kind.push((*path).to_owned());
    }
    if foreign.is_empty() {
        return Ok((unchanged, written));
    }
    Err(ExportError::Foreign { dir: dir.to_owned(), files: foreign })
}

/// What earlier exports wrote, by path; a record that is none of ours is a foreign file.
fn record(dir: &Path) -> Result<BTreeMap<String, String>, ExportError> {
    let Some(bytes) = read(&dir.join(RECORD))? else { return Ok(BTreeMap::new()) };
    let line = |line: &str| {
        let (digest, path) = line.split_once("  ")?;
        (digest.len() == 64).then(|| (path.to_owned(), digest.to_owned()))
    };
    let text = String::from_utf8(bytes).unwrap_or_default();
    let foreign = || ExportError::Foreign { dir: dir.to_owned(), files: vec![RECORD.to_owned()] };
    match text.lines().map(line).collect::<Option<BTreeMap<_, _>>>() {
        Some(known) if !known.is_empty() => Ok(known),
        _ => Err(foreign()),
    }
}

fn render(digests: &BTreeMap<String, String>) -> String {
    digests.iter().fold(String::new(), |mut text, (path, digest)| {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{digest}  {path}");
        text
    })
}

fn digest(body: &[u8]) -> String {
    Sha256::digest(body).iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The content of a file; `None` when it is not there.
fn read(path: &Path) -> Result<Option<Vec<u8>>, ExportError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ExportError::Io { action: "read", path: path.to_owned(), source }),
    }
}

fn write(path: &Path, body: &[u8]) -> Result<(), ExportError> {
    if let Some(parent) = path.parent() {
        make_folder(parent)?;
    }
    let failed = |source| ExportError::Io { action: "write", path: path.to_owned(), source };
    fs::write(path, body).map_err(failed)?;
    permit(path, FILE_MODE)
}

/// Makes a folder that is not there yet; one that is there keeps its permissions.
fn make_folder(path: &Path) -> Result<(), ExportError> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    let failed = |source| ExportError::Io { action: "make", path: path.to_owned(), source };
    fs::create_dir_all(path).map_err(failed)?;
    permit(path, FOLDER_MODE)
}

#[cfg(unix)]
fn permit(path: &Path, mode: u32) -> Result<(), ExportError> {
    use std::os::unix::fs::PermissionsExt as _;

    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(|source| ExportError::Io {
        action: "set the permissions of",
        path: path.to_owned(),
        source,
    })
}

#[cfg(not(unix))]
fn permit(_: &Path, _: u32) -> Result<(), ExportError> {
    Ok(())
}
