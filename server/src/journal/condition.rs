//! How the journal's file is, for `lockstep check`.

use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use lockstep_core::Time;
use rusqlite::{Connection, ErrorCode};

use super::{JournalError, Reader, path_in};

/// What was seen of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Bytes, with its write-ahead log.
    pub bytes: u64,
    /// When the oldest decision fell that is in it.
    pub begins_at: Option<Time>,
    /// Is every page what it should be?
    pub pages: Pages,
}

/// What SQLite says of the file's pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pages {
    /// All are good.
    Good,
    /// Something is wrong with them, in SQLite's words.
    Damaged(String),
    /// There was no time for all of them.
    NotAllRead,
}

/// Looks at the journal in `dir` for so long at most, and changes nothing; `None` where there is none.
pub fn condition(dir: &Path, within: Duration) -> Result<Option<Condition>, JournalError> {
    let Some(reader) = Reader::open(dir)? else { return Ok(None) };
    let path = path_in(dir);
    let mut log = path.clone().into_os_string();
    log.push("-wal");
    let length = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
    let bytes = length(&path) + length(Path::new(&log));
    let pages = pages(&reader.connection, within).map_err(|error| reader.failed(error))?;
    let begins_at = match pages {
        Pages::Damaged(_) => None, // it may not be told any more
        Pages::Good | Pages::NotAllRead => reader.begins_at()?,
    };
    Ok(Some(Condition { bytes, begins_at, pages }))
}

fn pages(connection: &Connection, within: Duration) -> rusqlite::Result<Pages> {
    let handle = connection.get_interrupt_handle();
    let (done, ended) = channel::<()>();
    let watch = thread::spawn(move || {
        if ended.recv_timeout(within) == Err(RecvTimeoutError::Timeout) {
            handle.interrupt();
        }
    });
    let told = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
    drop(done);
    let _ = watch.join();
    match told {
        Ok(told) if told == "ok" => Ok(Pages::Good),
        Ok(told) => Ok(Pages::Damaged(told)),
        Err(error) => match error.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => Ok(Pages::NotAllRead),
            Some(ErrorCode::DatabaseCorrupt) => Ok(Pages::Damaged(error.to_string())),
            _ => Err(error),
        },
    }
}
