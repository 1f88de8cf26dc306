//! Reading the journal while the server writes it.
//!
//! Every question is short: a reader that stayed would keep the write-ahead log from being tidied.
//! Nothing is written, and no file is made, not even one of SQLite's own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lockstep_core::Time;
use lockstep_core::agent::{Answer, Code};
use lockstep_core::finesse::AgentState;
use lockstep_core::rules::Wanted;
use lockstep_core::why::{Asked, Entry, Held, Presence, Side};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Row, params};

use super::book::{failed, ms, unreadable};
use super::schema::SCHEMA;
use super::{JournalError, path_in};
use crate::database::Kind as SchemaKind;

/// Rows of one question of an export.
const CHUNK: i64 = 500;
/// Rows of one answer about gaps and pauses; a person reads a few.
const FEW: i64 = 20;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A number.
    Number,
    /// Milliseconds since 1970.
    Time,
    /// Yes or no.
    Flag,
    /// A JSON object.
    Json,
}

/// A column of an export.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its heading.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Where it comes from.
    sql: &'static str,
}

const fn column(name: &'static str, kind: Kind, sql: &'static str) -> Column {
    Column { name, kind, sql }
}

/// The columns of an export, in their order. A later release adds at the end.
pub const COLUMNS: [Column; 35] = [
    column("id", Kind::Number, "decision.id"),
    column("at", Kind::Time, "at"),
    column("agent", Kind::Text, "agent"),
    column("login", Kind::Text, "login"),
    column("name", Kind::Text, "name"),
    column("team", Kind::Text, "team"),
    column("side", Kind::Text, "side"),
    column("term", Kind::Number, "term"),
    column("trial", Kind::Flag, "trial"),
    column("code", Kind::Text, "code"),
    column("sentence", Kind::Text, "sentence"),
    column("wanted", Kind::Text, "wanted"),
    column("label", Kind::Text, "label"),
    column("rule", Kind::Text, "rule"),
    column("facts", Kind::Json, "facts"),
    column("source_at", Kind::Time, "source_at"),
    column("received_at", Kind::Time, "received_at"),
    column("state", Kind::Text, "state"),
    column("reason", Kind::Text, "reason"),
    column("reason_code", Kind::Number, "reason_code"),
    column("pending", Kind::Text, "pending"),
    column("changed_at", Kind::Time, "changed_at"),
    column("seen_at", Kind::Time, "seen_at"),
    column("hold", Kind::Text, "hold"),
    column("hold_from", Kind::Text, "hold_from"),
    column("hold_since", Kind::Time, "hold_since"),
    column("request", Kind::Number, "request"),
    column("story", Kind::Number, "story"),
    column("sent_at", Kind::Time, "sent_at"),
    column("answered_at", Kind::Time, "answered_at"),
    column("answer", Kind::Text, "answer"),
    column("answer_detail", Kind::Text, "answer_detail"),
    column("effect_at", Kind::Time, "effect_at"),
    column("answer_ms", Kind::Number, "answered_at - sent_at"),
    column("effect_ms", Kind::Number, "effect_at - coalesce(answered_at, at)"),
];

/// A decision as [`entry`] reads it.
pub(super) const ENTRY: &str = "SELECT at, side, trial, code, sentence, wanted, label, rule, facts, source_at, \
    state, reason, hold, hold_from, hold_since, sent_at, answered_at, answer, effect_at \
    FROM decision JOIN who ON who.id = decision.who";

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

/// One value of an export.
pub type Cell<'r> = ValueRef<'r>;

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
            SchemaKind::Ours(_) => Ok(Some(Self { path, connection })),
            SchemaKind::Empty => Ok(None),
            SchemaKind::Foreign => Err(unreadable(&path, "it is another program's database")),
            SchemaKind::Newer(version) => {
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

    /// Gives each decision of a span to `take`, oldest first, until that fails.
    pub fn export<E: From<JournalError>>(
        &self,
        span: Span,
        agent: Option<&str>,
        mut take: impl FnMut(&[Cell<'_>]) -> Result<(), E>,
    ) -> Result<(), E> {
        let columns: Vec<&str> = COLUMNS.iter().map(|column| column.sql).collect();
        let sql = format!(
            "SELECT {} FROM decision JOIN who ON who.id = decision.who \
             WHERE (at, decision.id) > (?1, ?2) AND at < ?3 AND (?4 IS NULL OR agent = ?4) \
             ORDER BY at, decision.id LIMIT ?5",
            columns.join(", ")
        );
        // Ids begin at 1, so everything of the first moment comes after this.
        let mut after = (ms(span.from), 0_i64);
        loop {
            let mut given = 0;
            let mut select = self.connection.prepare_cached(&sql).map_err(|e| self.failed(e))?;
            let bound = params![after.0, after.1, ms(span.to), agent, CHUNK];
            let mut rows = select.query(bound).map_err(|error| self.failed(error))?;
            while let Some(row) = rows.next().map_err(|error| self.failed(error))? {
                let cells = cells(row).map_err(|error| self.failed(error))?;
                if let [ValueRef::Integer(id), ValueRef::Integer(at), ..] = cells[..] {
                    after = (at, id);
                }
                take(&cells)?;
                given += 1;
            }
            if given < CHUNK {
                return Ok(());
            }
        }
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

fn cells<'r>(row: &'r Row<'_>) -> rusqlite::Result<Vec<Cell<'r>>> {
    (0..COLUMNS.len()).map(|at| row.get_ref(at)).collect()
}

pub(super) fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let word = |at: usize| row.get::<_, Option<String>>(at);
    let moment = |at: usize| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(at)?.map(time));
    let (wanted, label) = (word(5)?, word(6)?.unwrap_or_default());
    let wanted = match wanted.as_deref() {
        Some("not_ready") => Some(Wanted::not_ready(&label)),
        Some("free") => Some(Wanted::Free),
        Some("ignore") => Some(Wanted::Ignore),
        _ => None,
    };
    let (rule, facts, since) = (word(7)?, word(8)?, moment(9)?);
    let presence = since.map(|since| Presence {
        facts: facts.and_then(|facts| serde_json::from_str(&facts).ok()).unwrap_or_default(),
        since,
        rule: rule.unwrap_or_default(),
    });
    let (reason, from, since) = (word(12)?, word(13)?, moment(14)?);
    let held = reason.zip(since).map(|(reason, since)| Held {
        reason: Arc::from(reason),
        from: AgentState::parse(from.as_deref().unwrap_or_default()),
        since,
    });
    let (sent, answered, answer) = (moment(15)?, moment(16)?, word(17)?);
    let asked = sent.zip(answered).map(|(sent_at, answered_at)| Asked {
        sent_at,
        answered_at,
        answer: answer.as_deref().and_then(Answer::parse),
    });
    Ok(Entry {
        at: time(row.get(0)?),
        side: Side::parse(&row.get::<_, String>(1)?).unwrap_or(Side::Server),
        trial: row.get(2)?,
        code: Code::parse(&row.get::<_, String>(3)?),
        sentence: row.get(4)?,
        wanted,
        presence,
        state: word(10)?.as_deref().map(AgentState::parse),
        reason: word(11)?,
        held,
        asked,
        effect_at: moment(18)?,
    })
}

pub(super) fn time(ms: i64) -> Time {
    Time::from_millis(u64::try_from(ms).unwrap_or(0))
}
