//! Secrets: given as `X`, or as `X_file`; never shown.

use std::path::Path;

use secrecy::SecretString;

use super::file;
use super::item::{Item, Table};
use super::problem::{Place, Report};

/// Bytes of a secret's file: many times the longest token that Webex issues.
const MAX_BYTES: usize = 16 * 1024;
/// From this length on, a text without a separator is rather a secret than the name of a file.
const SECRET_LIKE: usize = 40;

/// What was found under `X` and `X_file`.
pub(super) enum Given {
    /// Neither key was written.
    No,
    /// One was, and it was wrong; this has been reported.
    Wrong,
    /// The secret.
    Yes(SecretString),
}

impl Given {
    /// The secret; its absence is reported against `table`.
    pub(super) fn require(
        self,
        table: &Table,
        name: &str,
        report: &mut Report,
    ) -> Option<SecretString> {
        match self {
            Self::Yes(secret) => Some(secret),
            Self::Wrong => None,
            Self::No => {
                let remedy = format!("add {name}_file = \"path\", or {name} itself");
                report.error(&table.path(name), &table.place, "is missing", remedy);
                None
            }
        }
    }
}

/// Takes the secret `name` of `table`: `name` itself, or the content of the file `name_file`.
///
/// Where one of the two comes from the environment it replaces the other one of the file.
pub(super) fn take(table: &mut Table, name: &str, base: &Path, report: &mut Report) -> Given {
    let file_name = format!("{name}_file");
    let secret = match (table.take(name), table.take(&file_name)) {
        (None, None) => return Given::No,
        (Some(value), None) => direct(value, report),
        (None, Some(file)) => from_file(file, base, report),
        (Some(value), Some(file)) => match (&value.place, &file.place) {
            (Place::Environment(_), Place::File(..)) => direct(value, report),
            (Place::File(..), Place::Environment(_)) => from_file(file, base, report),
            _ => {
                let what = format!("is given twice, as {name} and as {file_name}");
                report.error(&value.key, &value.place, what, "remove one of them");
                None
            }
        },
    };
    secret.map_or(Given::Wrong, Given::Yes)
}

fn direct(item: Item, report: &mut Report) -> Option<SecretString> {
    let (key, place) = (item.key.clone(), item.place.clone());
    let text = item.text(report)?;
    match check(&text) {
        Ok(secret) => Some(secret),
        Err(what) => {
            report.error(&key, &place, what, "give the secret alone");
            None
        }
    }
}

fn from_file(item: Item, base: &Path, report: &mut Report) -> Option<SecretString> {
    let (key, place) = (item.key.clone(), item.place.clone());
    let name = item.word(report)?;
    let path = base.join(&name);
    match file::text(&path, MAX_BYTES).and_then(|text| check(&text)) {
        Ok(secret) => Some(secret),
        Err(_) if looks_secret(&name) => {
            let what = "names no file, and looks like the secret itself (so it is not shown)";
            let plain = key.trim_end_matches("_file");
            report.error(&key, &place, what, format!("give a path here, or use {plain}"));
            None
        }
        Err(what) => {
            let what = format!("the file {}: {what}", path.display());
            report.error(&key, &place, what, "write the secret, and nothing else, into the file");
            None
        }
    }
}

/// Cuts the newline that editors add, and refuses what could not be sent in a header.
fn check(text: &str) -> Result<SecretString, String> {
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.trim().is_empty() {
        return Err("is empty".to_owned());
    }
    if secret.chars().any(char::is_control) {
        return Err("has more than one line, or control characters".to_owned());
    }
    Ok(SecretString::from(secret))
}

/// Somebody may put the secret where its file belongs; that must not end in a log.
fn looks_secret(name: &str) -> bool {
    name.len() >= SECRET_LIKE && !name.contains(['/', '\\', '.'])
}
