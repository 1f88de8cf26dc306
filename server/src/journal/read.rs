//! Reading the journal while the server writes it.
//!
//! Every question is short: a reader that stayed would keep the write-ahead log from being tidied.
//! Nothing is written, and no file is made, not even one of SQLite's own.

use std::path::{Path, PathBuf};

use lockstep_core::Time;
use lockstep_core::why::Entry;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Row, params};

use super::entry::{ENTRY, entry};
use super::error::{failed, unreadable};
use super::moment::{ms, time};
use super::schema::SCHEMA;
use super::{JournalError, path_in};
use crate::database::Kind;

/// Rows of one answer about gaps and pauses; a person reads a few.
const FEW: i64 = 20;

/// An agent as they were called last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// `loginId`.
    pub agent: String,
    /// `loginName`.
    pub login: String,
    /// First and last name.
    pub name: String,
    /// The home team's name.
    pub team: String,
}

/// A span of time; the end is not part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// From then on.
    pub from: Time,
    /// Until then.
    pub to: Time,
}

/// Decisions that could not be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// From then on.
    pub since: Time,
    /// Until then.
    pub until: Time,
    /// How many.
    pub lost: u64,
}

/// The journal of a server that may be running.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    pub(super) connection: Connection,
}

impl Reader {
    /// Opens the journal in `dir`; `None` where none was ever written.
    pub fn open(dir: &Path) -> Result<Option<Self>, JournalError> {
        let path = path_in(dir);
        if !path.is_file() {
            return Ok(None);
        }
        let open = || {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
                | OpenFlags::SQLITE_OPEN_NO_MUTEX
                | OpenFlags::SQLITE_OPEN_URI;
            Connection::open_with_flags(uri(&path), flags)
        };
        let connection = open().map_err(|error| failed("open", &path, error))?;
        match SCHEMA.kind(&connection).map_err(|error| failed("read", &path, error))? {
            Kind::Ours(_) => Ok(Some(Self { path, connection })),
            Kind::Empty => Ok(None),
            Kind::Foreign => Err(unreadable(&path, "it is another program's database")),
            Kind::Newer(version) => {
                Err(unreadable(&path, &format!("it has version {version} of a newer lockstep")))
            }
        }
    }

    /// Whoever is called so: by loginId, else by loginName, else by name, else by part of it.
    pub fn people(&self, whom: &str) -> Result<Vec<Person>, JournalError> {
        let part = format!("%{}%", whom.replace(['%', '_', '\\'], ""));
        let ways = [
            ("agent = ?1", whom),
            ("lower(login) = lower(?1)", whom),
            ("lower(name) = lower(?1)", whom),
            ("name LIKE ?1", part.as_str()),
        ];
        for (called, word) in ways {
            let found = self.people_called(called, word).map_err(|error| self.failed(error))?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
        Ok(Vec::new())
    }

    /// The last `count` decisions of an agent until then, newest first.
    pub fn before(&self, agent: &str, at: Time, count: u32) -> Result<Vec<Entry>, JournalError> {
        let read = || {
            let sql = format!(
                "{ENTRY} WHERE agent = ?1 AND at <= ?2 ORDER BY at DESC, decision.id DESC LIMIT ?3"
            );
            let mut select = self.connection.prepare(&sql)?;
            let rows = select.query_map(params![agent, ms(at), count], entry)?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|error| self.failed(error))
    }

    /// When the oldest decision fell that is kept.
    pub fn begins_at(&self) -> Result<Option<Time>, JournalError> {
        let oldest = self.connection.query_row("SELECT min(at) FROM decision", [], |row| {
            Ok(row.get::<_, Option<i64>>(0)?.map(time))
        });
        oldest.map_err(|error| self.failed(error))
    }

    /// Where decisions were lost in a span; the first few.
    pub fn gaps(&self, span: Span) -> Result<Vec<Gap>, JournalError> {
        let read = || {
            let sql = "SELECT since, until, lost FROM gap WHERE until >= ?1 AND since < ?2 \
                       ORDER BY since LIMIT ?3";
            let mut select = self.connection.prepare(sql)?;
            let rows = select.query_map(params![ms(span.from), ms(span.to), FEW], |row| {
                let lost = u64::try_from(row.get::<_, i64>(2)?).unwrap_or(0);
                Ok(Gap { since: time(row.get(0)?), until: time(row.get(1)?), lost })
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|error| self.failed(error))
    }

    /// Was the journal written at that moment? If not: its last sign of life before, and when it
    /// was written again.
    pub fn pause_at(&self, at: Time) -> Result<Option<(Time, Option<Time>)>, JournalError> {
        let read = || {
            let one = |sql: &str| {
                let time = |row: &Row<'_>| Ok(row.get::<_, Option<i64>>(0)?.map(time));
                self.connection.query_row(sql, [ms(at)], time).optional().map(Option::flatten)
            };
            let next = one("SELECT min(started) FROM life WHERE started > ?1")?;
            let last = one("SELECT max(heard) FROM life WHERE started <= ?1")?;
            Ok(last.filter(|last| *last < at).map(|last| (last, next)))
        };
        read().map_err(|error| self.failed(error))
    }

    fn people_called(&self, called: &str, word: &str) -> rusqlite::Result<Vec<Person>> {
        // Of each agent the newest row.
        let sql = format!(
            "SELECT agent, login, name, team FROM who WHERE id IN \
             (SELECT max(id) FROM who GROUP BY agent) AND {called} ORDER BY agent LIMIT ?2"
        );
        let mut select = self.connection.prepare(&sql)?;
        let rows = select.query_map(params![word, FEW], |row| {
            Ok(Person {
                agent: row.get(0)?,
                login: row.get(1)?,
                name: row.get(2)?,
                team: row.get(3)?,
            })
        })?;
        rows.collect()
    }

    pub(super) fn failed(&self, source: rusqlite::Error) -> JournalError {
        failed("read", &self.path, source)
    }
}

/// Where no log is, nobody writes: the file is then read as it is, because SQLite would make files
/// of its own otherwise, which belong to the reader and shut the server out.
fn uri(path: &Path) -> String {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let still = if Path::new(&log).exists() { "" } else { "&immutable=1" };
    let text = path.to_string_lossy();
    let text = text.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    format!("file:{text}?mode=ro{still}")
}
