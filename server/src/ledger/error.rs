use std::io;
use std::path::PathBuf;

/// What went wrong with the ledger, told for the person who must act.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The folder or a file cannot be used.
    #[error("failed to {what} {}; check state.dir and its permissions", .path.display())]
    Io {
        /// Read, create, write.
        what: &'static str,
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The database cannot be used.
    #[error("failed to {what} {}; check state.dir, its permissions and the room on the disk", .path.display())]
    Database {
        /// Open, read, write.
        what: &'static str,
        /// Which.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// The file is not a ledger of ours.
    #[error("failed to read the ledger {}: {detail}; move it away to start without holds", .path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
}
