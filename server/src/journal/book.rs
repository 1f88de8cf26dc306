//! The open journal: made where it is missing, and written a batch at a time, all of it or nothing.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use lockstep_core::{AgentId, Time};
use rusqlite::{Connection, TransactionBehavior, params};

use super::error::{failed, unreadable};
use super::life::Life;
use super::moment::ms;
use super::rows::{Open, answer, decide, take_down};
use super::schema::SCHEMA;
use super::sink::Lost;
use super::{JournalError, Record};
use crate::database::Kind;
use crate::engine::Watched;

/// How long a write waits for whoever else writes, as a person's shell might; on its own thread.
const BUSY: Duration = Duration::from_secs(2);
/// Pages kept in memory, in KiB: the edges of three trees, and some of the index by agent.
const CACHE_KIB: i32 = 4_096;
/// Bytes of the write-ahead log that stay on the disk once it was moved into the database.
const LOG_KEPT: i64 = 16 * 1024 * 1024;
/// Agents remembered by name and by open request; more than are ever watched.
const MAX_AGENTS: usize = 50_000;
/// The open database.
#[derive(Debug)]
pub(super) struct Book {
    path: PathBuf,
    pub(super) connection: Connection,
    /// Who has which row, by their last names.
    people: HashMap<AgentId, (Arc<Watched>, i64)>,
    /// Of each agent the last request whose effect was not seen.
    open: HashMap<AgentId, Open>,
    life: Life,
}

impl Book {
    /// Opens the journal at `path`, which is made where it is missing. Anything that is not ours
    /// stays untouched.
    pub(super) fn open(path: &Path, life: Life) -> Result<Self, JournalError> {
        make(path).map_err(|source| JournalError::Io { path: path.to_owned(), source })?;
        let connection = prepare(path)?;
        Ok(Self {
            path: path.to_owned(),
            connection,
            people: HashMap::new(),
            open: HashMap::new(),
            life,
        })
    }

    /// Writes all of it, or nothing.
    pub(super) fn write(
        &mut self,
        records: &[Record],
        lost: Option<Lost>,
        now: Time,
    ) -> Result<(), JournalError> {
        let Self { connection, people, open, life, .. } = self;
        if people.len() > MAX_AGENTS || open.len() > MAX_AGENTS {
            people.clear();
            open.clear();
        }
        // What the rows of a transaction that fails were called must not be remembered.
        let before = *life;
        let mut touched = Touched { open, people, undo: Vec::new() };
        let written = write_all(connection, &mut touched, records, lost, life, now);
        if let Err(source) = written {
            touched.undo();
            *life = before;
            return Err(failed("write", &self.path, source));
        }
        Ok(())
    }

    pub(super) fn failed(&self, what: &'static str, source: rusqlite::Error) -> JournalError {
        failed(what, &self.path, source)
    }

    /// Names may be looked for anew.
    pub(super) fn forget_people(&mut self) {
        self.people.clear();
    }
}

/// Readable by its owner only: it tells when people were busy.
fn make(path: &Path) -> std::io::Result<()> {
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir)?;
    }
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match made {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn prepare(path: &Path) -> Result<Connection, JournalError> {
    let open = || {
        let connection = Connection::open(path)?;
        connection.busy_timeout(BUSY)?;
        connection.set_prepared_statement_cache_capacity(32);
        Ok(connection)
    };
    let mut connection = open().map_err(|error| failed("open", path, error))?;
    let kind = SCHEMA.kind(&connection).map_err(|error| failed("open", path, error))?;
    let from = match kind {
        Kind::Foreign => return Err(unreadable(path, "it is another program's database")),
        Kind::Newer(version) => {
            let detail = format!("it has version {version} of a newer lockstep");
            return Err(unreadable(path, &detail));
        }
        Kind::Empty => 0,
        Kind::Ours(version) => version,
    };
    let mut migrate = || {
        if from == 0 {
            // Before there is a table: afterwards it would take a rewrite of the file.
            connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        }
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        connection.pragma_update(None, "journal_size_limit", LOG_KEPT)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        SCHEMA.migrate(&transaction, from)?;
        transaction.commit()
    };
    migrate().map_err(|error| failed("write", path, error))?;
    Ok(connection)
}

/// What a batch changes in memory, and how to take that back.
pub(super) struct Touched<'b> {
    pub(super) open: &'b mut HashMap<AgentId, Open>,
    pub(super) people: &'b mut HashMap<AgentId, (Arc<Watched>, i64)>,
    undo: Vec<(AgentId, Option<Open>)>,
}

impl Touched<'_> {
    pub(super) fn set_open(&mut self, agent: &AgentId, open: Option<Open>) {
        let before = match open {
            Some(open) => self.open.insert(agent.clone(), open),
            None => self.open.remove(agent),
        };
        self.undo.push((agent.clone(), before));
    }

    fn undo(mut self) {
        while let Some((agent, before)) = self.undo.pop() {
            match before {
                Some(open) => self.open.insert(agent, open),
                None => self.open.remove(&agent),
            };
        }
        self.people.clear();
    }
}

fn write_all(
    connection: &mut Connection,
    touched: &mut Touched<'_>,
    records: &[Record],
    lost: Option<Lost>,
    life: &mut Life,
    now: Time,
) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for record in records {
        match record {
            Record::Decided(decided) => decide(&transaction, touched, decided)?,
            Record::Answered(answered) => answer(&transaction, touched, answered)?,
            Record::Deed(deed) => take_down(&transaction, touched, deed)?,
        }
    }
    if let Some(Lost { count, since }) = lost {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        transaction
            .prepare_cached("INSERT INTO gap (since, until, lost) VALUES (?1, ?2, ?3)")?
            .execute(params![ms(since), ms(now), count])?;
    }
    life.goes_on(&transaction, now)?;
    transaction.commit()
}
