//! The ledger in SQLite: `lockstep.db` in `state.dir`.
//!
//! A commit goes into the write-ahead log without waiting for the disk (`synchronous = NORMAL`): it
//! survives the end of the process, however sudden. A power cut may undo the last moments; what is
//! lost then is a hold, which we never release (law 1 is kept, comfort is not).
//!
//! Moving the log's pages into the database does wait for the disk, so it is done beside the
//! writes, over a connection of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lockstep_core::AgentId;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

use super::people::People;
use super::schema::SCHEMA;
use super::{Entries, LedgerError, Store, old};
use crate::database::Kind;
use crate::directory::{KeepNobody, KeepPeople};

/// The database's name in `state.dir`.
const NAME: &str = "lockstep.db";
/// Rows written before the log is moved into the database: some 4 MiB of pages.
const MOVED_AFTER: usize = 1_000;
/// Pages in the log at which a write waits until they are moved; 32 MiB, so that the log is
/// bounded even when writes never pause.
const LOG_LIMIT: i64 = 8_192;
/// How long a write waits for whoever else holds the database, as a person's shell might; on a
/// thread that may wait.
const BUSY: Duration = Duration::from_secs(5);
/// Pages kept in memory per connection, in KiB: 10,000 agents need some 4 MiB on disk.
const CACHE_KIB: i32 = 512;

/// The ledger's database.
#[derive(Debug)]
pub struct Database {
    path: PathBuf,
    /// Read before it is written to, and absent until then.
    opened: Option<Opened>,
    /// It was made by the first reading.
    made: bool,
}

#[derive(Debug)]
struct Opened {
    writer: Arc<Mutex<Connection>>,
    mover: Arc<Mover>,
    /// Rows since the log was moved last.
    rows: usize,
}

/// Moves the log into the database.
#[derive(Debug)]
pub(super) struct Mover {
    pub(super) connection: Mutex<Connection>,
    busy: AtomicBool,
    /// Writes came so densely that the log could not begin anew.
    crowded: AtomicBool,
}

/// What is written of one agent: the entry as JSON, or nothing any more.
type Row = (AgentId, Option<String>);

impl Store for Database {
    /// Opens the database, which is made where it is missing; a ledger of an earlier form is taken
    /// over then.
    fn read(&mut self) -> Result<Entries, LedgerError> {
        let mut writer = self.connect()?;
        self.made |= self.prepare(&mut writer)?;
        let entries = self.entries(&writer)?;
        writer.busy_timeout(Duration::ZERO).map_err(|error| self.failed("open", error))?;
        let mover = self.connect()?;
        self.opened = Some(Opened {
            writer: Arc::new(Mutex::new(writer)),
            mover: Arc::new(Mover::new(mover)),
            rows: 0,
        });
        Ok(entries)
    }

    /// A commit is some twenty microseconds of copying into the kernel's memory, less than a change of
    /// threads and back, so it is done where it is asked for. Whatever may take longer is not.
    async fn write(&mut self, changes: &Entries) -> Result<(), LedgerError> {
        let rows = self.rows(changes)?;
        if self.opened.is_none() {
            self.read()?;
        }
        let Some(opened) = &mut self.opened else { return Ok(()) };
        opened.rows += rows.len();
        let crowded = opened.mover.crowded.swap(false, Ordering::AcqRel);
        let written = if crowded { Ok(false) } else { opened.put_at_once(&rows) };
        let written = match written {
            Ok(false) => opened.put_patiently(rows).await,
            written => written.map(|_| ()),
        };
        opened.move_log();
        written.map_err(|error| self.failed("write", error))
    }

    fn is_new(&self) -> bool {
        self.made
    }

    fn people(&self) -> Arc<dyn KeepPeople> {
        match &self.opened {
            Some(opened) => {
                let connection = Arc::clone(&opened.mover);
                Arc::new(People { path: self.path.clone(), connection })
            }
            None => Arc::new(KeepNobody),
        }
    }
}

impl Opened {
    /// `Ok(false)`: somebody else holds the database, and nothing was written.
    fn put_at_once(&self, rows: &[Row]) -> rusqlite::Result<bool> {
        match put_all(&mut lock(&self.writer), rows) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Ok(false),
            written => written.map(|()| true),
        }
    }

    /// Waits for whoever holds the database, and for the log to begin anew where it is too long.
    async fn put_patiently(&self, rows: Vec<Row>) -> rusqlite::Result<()> {
        let writer = Arc::clone(&self.writer);
        let written = tokio::task::spawn_blocking(move || {
            let mut writer = lock(&writer);
            writer.busy_timeout(BUSY)?;
            let begun = begin_log_anew(&writer);
            let written = begun.and_then(|()| put_all(&mut writer, &rows));
            writer.busy_timeout(Duration::ZERO)?;
            written
        });
        written.await.unwrap_or(Err(rusqlite::Error::InvalidQuery))
    }

    /// Has the log moved, beside the writes that follow.
    fn move_log(&mut self) {
        if self.rows >= MOVED_AFTER && !self.mover.busy.swap(true, Ordering::AcqRel) {
            self.rows = 0;
            let mover = Arc::clone(&self.mover);
            tokio::task::spawn_blocking(move || mover.run());
        }
    }
}

impl Database {
    /// The database in `dir`, which is created where it is missing.
    pub fn in_dir(dir: &Path) -> Result<Self, LedgerError> {
        fs::create_dir_all(dir).map_err(|source| LedgerError::Io {
            what: "create the folder",
            path: dir.to_owned(),
            source,
        })?;
        Ok(Self { path: Self::path_in(dir), opened: None, made: false })
    }

    /// The database's file in `dir`.
    pub fn path_in(dir: &Path) -> PathBuf {
        dir.join(NAME)
    }

    /// What an earlier run has left in `dir`, without changing anything there.
    pub fn look_into(dir: &Path) -> Result<Entries, LedgerError> {
        let database = Self { path: Self::path_in(dir), opened: None, made: false };
        if !database.path.exists() {
            return old::read(dir);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = Connection::open_with_flags(&database.path, flags);
        let connection = opened.map_err(|error| database.failed("open", error))?;
        match database.kind(&connection)? {
            Kind::Empty => old::read(dir),
            _ => database.entries(&connection),
        }
    }

    fn connect(&self) -> Result<Connection, LedgerError> {
        let connect = || {
            let connection = Connection::open(&self.path)?;
            connection.busy_timeout(BUSY)?;
            connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
            connection.pragma_update(None, "synchronous", "NORMAL")?;
            connection.pragma_update(None, "wal_autocheckpoint", 0)?;
            Ok(connection)
        };
        connect().map_err(|error| self.failed("open", error))
    }

    /// Brings the tables to the present version; anything that is not ours stays untouched. Tells
    /// whether there was nothing before.
    fn prepare(&self, connection: &mut Connection) -> Result<bool, LedgerError> {
        let from = match self.kind(connection)? {
            Kind::Ours(version) => version,
            _ => 0,
        };
        let old = if from == 0 { old::read(self.dir())? } else { Entries::new() };
        let rows = self.rows(&old)?;
        let mut migrate = || {
            connection.pragma_update(None, "journal_mode", "WAL")?;
            let transaction = connection.transaction()?;
            SCHEMA.migrate(&transaction, from)?;
            put(&transaction, &rows)?;
            transaction.commit()
        };
        migrate().map_err(|error| self.failed("write", error))?;
        if !old.is_empty() {
            tracing::info!(agents = old.len(), ledger = %self.path.display(), "took over the ledger of an earlier form");
        }
        Ok(from == 0 && old.is_empty())
    }

    /// What the database is; an error where it is not ours to use.
    fn kind(&self, connection: &Connection) -> Result<Kind, LedgerError> {
        match SCHEMA.kind(connection).map_err(|error| self.failed("read", error))? {
            Kind::Foreign => Err(self.unreadable("it is another program's database".to_owned())),
            Kind::Newer(version) => {
                Err(self.unreadable(format!("it has version {version} of a newer lockstep")))
            }
            kind => Ok(kind),
        }
    }

    fn entries(&self, connection: &Connection) -> Result<Entries, LedgerError> {
        let read = || {
            let mut select = connection.prepare("SELECT agent, entry FROM ledger")?;
            let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<rusqlite::Result<Vec<(String, String)>>>()
        };
        let rows = read().map_err(|error| self.failed("read", error))?;
        let entry = |(agent, text): (String, String)| match serde_json::from_str(&text) {
            Ok(entry) => Ok((AgentId::new(agent), entry)),
            Err(error) => Err(self.unreadable(format!("the entry of agent {agent}: {error}"))),
        };
        rows.into_iter().map(entry).collect()
    }

    fn rows(&self, entries: &Entries) -> Result<Vec<Row>, LedgerError> {
        let row = |(agent, entry): (&AgentId, &lockstep_core::agent::LedgerEntry)| {
            let text = (*entry != lockstep_core::agent::LedgerEntry::default())
                .then(|| serde_json::to_string(entry))
                .transpose();
            text.map(|text| (agent.clone(), text))
                .map_err(|error| self.unreadable(error.to_string()))
        };
        entries.iter().map(row).collect()
    }

    fn dir(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }

    fn failed(&self, what: &'static str, source: rusqlite::Error) -> LedgerError {
        let code = source.sqlite_error_code();
        if matches!(code, Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt)) {
            return self.unreadable(source.to_string());
        }
        LedgerError::Database { what, path: self.path.clone(), source }
    }

    fn unreadable(&self, detail: String) -> LedgerError {
        LedgerError::Unreadable { path: self.path.clone(), detail }
    }
}

impl Mover {
    fn new(connection: Connection) -> Self {
        let connection = Mutex::new(connection);
        Self { connection, busy: AtomicBool::new(false), crowded: AtomicBool::new(false) }
    }

    /// Moves what can be moved without making anybody wait.
    fn run(&self) {
        let moved = lock(&self.connection)
            .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get::<_, i64>(1));
        match moved {
            Ok(pages) => self.crowded.store(pages >= LOG_LIMIT, Ordering::Release),
            Err(error) => {
                tracing::warn!(error = %error, "failed to tidy the ledger's log; it grows until that works");
            }
        }
        self.busy.store(false, Ordering::Release);
    }
}

/// One transaction for all of them.
fn put_all(connection: &mut Connection, rows: &[Row]) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    put(&transaction, rows)?;
    transaction.commit()
}

fn put(transaction: &Transaction<'_>, rows: &[Row]) -> rusqlite::Result<()> {
    for (agent, entry) in rows {
        match entry {
            Some(entry) => transaction
                .prepare_cached("INSERT OR REPLACE INTO ledger (agent, entry) VALUES (?1, ?2)")?
                .execute((agent.as_str(), entry))?,
            None => transaction
                .prepare_cached("DELETE FROM ledger WHERE agent = ?1")?
                .execute([agent.as_str()])?,
        };
    }
    Ok(())
}

fn begin_log_anew(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(()))
}

/// A panic while it was held is not the connection's.
pub(super) fn lock(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
