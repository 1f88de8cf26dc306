use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// What went wrong with the journal, told for the person who must act.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file cannot be made.
    #[error("failed to make the journal {}; check state.dir and its permissions", .path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The database cannot be used.
    #[error("failed to {what} the journal {}; check state.dir, its permissions and the room on the disk", .path.display())]
    Database {
        /// Open, read, write.
        what: &'static str,
        /// Which.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// The file is not a journal of ours.
    #[error("failed to use the journal {}: {detail}; move it away to begin a new one", .path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
}

impl JournalError {
    /// With its cause, in one line.
    pub fn words(&self) -> String {
        match std::error::Error::source(self) {
            Some(source) => format!("{self}: {source}"),
            None => self.to_string(),
        }
    }
}

/// What went wrong, as the person who must act needs it.
pub(super) fn failed(what: &'static str, path: &Path, source: rusqlite::Error) -> JournalError {
    let code = source.sqlite_error_code();
    if matches!(code, Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt)) {
        return unreadable(path, &source.to_string());
    }
    JournalError::Database { what, path: path.to_owned(), source }
}

pub(super) fn unreadable(path: &Path, detail: &str) -> JournalError {
    JournalError::Unreadable { path: path.to_owned(), detail: detail.to_owned() }
}
