//! The ledger's earlier form: one JSON file, `ledger.json`. It is read once and never written.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde::Deserialize;

use super::{Entries, LedgerError};

/// The form of the file; another number is refused rather than misread.
const FORM: u32 = 1;
/// Largest file that is read: 10,000 agents need under 8 MiB.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

#[derive(Debug, Deserialize)]
struct Content {
    form: u32,
    agents: Entries,
}

/// Reads `ledger.json` in `dir`; an absent file is an empty ledger.
pub(super) fn read(dir: &Path) -> Result<Entries, LedgerError> {
    let path = dir.join("ledger.json");
    let failed = |what, source| LedgerError::Io { what, path: path.clone(), source };
    let unreadable = |detail| LedgerError::Unreadable { path: path.clone(), detail };
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Entries::new()),
        Err(source) => return Err(failed("open", source)),
    };
    let mut text = String::new();
    file.take(MAX_BYTES).read_to_string(&mut text).map_err(|source| failed("read", source))?;
    let content: Content =
        serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))?;
    if content.form != FORM {
        return Err(unreadable(format!("it has form {}, this is form {FORM}", content.form)));
    }
    Ok(content.agents)
}
