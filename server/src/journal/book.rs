//! The open journal: how records become rows.
//!
//! A decision that asks Finesse for something is a row that later learns how that went: sent,
//! answered, seen. What followed from the answer is a row of its own, which names it as its story.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use lockstep_core::agent::{Answer, Code};
use lockstep_core::finesse::AgentState;
use lockstep_core::presence::Want;
use lockstep_core::rules::Wanted;
use lockstep_core::{AgentId, TeamId, Time};
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior, params};

use super::schema::SCHEMA;
use super::sink::Lost;
use super::{Answered, Decided, Deed, JournalError, Record};
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
/// Characters kept of Finesse's own words.
const LONGEST_DETAIL: usize = 300;

const INSERT: &str = "INSERT INTO decision (at, who, side, term, trial, code, sentence, wanted, \
    label, rule, facts, source_at, received_at, state, reason, reason_code, pending, changed_at, \
    seen_at, hold, hold_from, hold_since, request, story) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, \
    ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24)";
const ANSWER: &str = "UPDATE decision SET sent_at = ?2, answered_at = ?3, answer = ?4, \
    answer_detail = ?5, trial = max(trial, ?6) WHERE id = ?1";
const DEED: &str =
    "INSERT INTO deed (at, actor, what, who, team, until) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const EFFECT: &str = "UPDATE decision SET effect_at = ?2 WHERE id = ?1";

/// The open database.
#[derive(Debug)]
pub(super) struct Book {
    path: PathBuf,
    pub(super) connection: Connection,
    /// Who has which row, by their last names.
    people: HashMap<AgentId, (Arc<Watched>, i64)>,
    /// Of each agent the last request whose effect was not seen.
    open: HashMap<AgentId, Open>,
    life: Option<i64>,
    started: Time,
}

/// A request whose effect was not seen yet.
#[derive(Debug, Clone, Copy)]
struct Open {
    row: i64,
    request: Option<u64>,
    for_ready: bool,
    answered: bool,
}

impl Book {
    /// Opens the journal at `path`, which is made where it is missing. Anything that is not ours
    /// stays untouched. `started`: since when this process writes it.
    pub(super) fn open(path: &Path, started: Time) -> Result<Self, JournalError> {
        make(path).map_err(|source| JournalError::Io { path: path.to_owned(), source })?;
        let connection = prepare(path)?;
        Ok(Self {
            path: path.to_owned(),
            connection,
            people: HashMap::new(),
            open: HashMap::new(),
            life: None,
            started,
        })
    }

    /// Writes all of it, or nothing.
    pub(super) fn write(
        &mut self,
        records: &[Record],
        lost: Option<Lost>,
        now: Time,
    ) -> Result<(), JournalError> {
        let Self { connection, people, open, life, started, .. } = self;
        if people.len() > MAX_AGENTS || open.len() > MAX_AGENTS {
            people.clear();
            open.clear();
        }
        // What the rows of a transaction that fails were called must not be remembered.
        let before = life.as_ref().copied();
        let mut touched = Touched { open, people, undo: Vec::new() };
        let written = write_all(connection, &mut touched, records, lost, (life, *started), now);
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
struct Touched<'b> {
    open: &'b mut HashMap<AgentId, Open>,
    people: &'b mut HashMap<AgentId, (Arc<Watched>, i64)>,
    undo: Vec<(AgentId, Option<Open>)>,
}

impl Touched<'_> {
    fn set_open(&mut self, agent: &AgentId, open: Option<Open>) {
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
    (life, started): (&mut Option<i64>, Time),
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
    live(&transaction, life, started, now)?;
    transaction.commit()
}

/// The server still writes.
fn live(
    transaction: &Transaction<'_>,
    life: &mut Option<i64>,
    started: Time,
    now: Time,
) -> rusqlite::Result<()> {
    if let Some(row) = *life {
        let mut heard = transaction.prepare_cached("UPDATE life SET heard = ?2 WHERE id = ?1")?;
        heard.execute(params![row, ms(now)])?;
        return Ok(());
    }
    transaction
        .prepare_cached("INSERT INTO life (started, heard) VALUES (?1, ?2)")?
        .execute(params![ms(started), ms(now)])?;
    *life = Some(transaction.last_insert_rowid());
    Ok(())
}

fn decide(
    transaction: &Transaction<'_>,
    touched: &mut Touched<'_>,
    decided: &Decided,
) -> rusqlite::Result<()> {
    let agent = &decided.who.id;
    let who = person(transaction, touched, &decided.who)?;
    let open = touched.open.get(agent).copied();
    let decision = &decided.decision;
    let story = open.filter(|open| is_outcome(decision.code, *open)).map(|open| open.row);
    let row = insert(transaction, decided, who, story)?;
    let for_ready = decision.code == Code::Releasing;
    if for_ready || decision.code == Code::Taking {
        let asked = Open { row, request: decided.request, for_ready, answered: false };
        touched.set_open(agent, Some(asked));
    } else if let (Some(story), Code::Taken | Code::Released) = (story, decision.code) {
        transaction.prepare_cached(EFFECT)?.execute(params![story, ms(decision.at)])?;
        touched.set_open(agent, None);
    }
    Ok(())
}

/// Does a decision follow from what became of this request?
const fn is_outcome(code: Code, open: Open) -> bool {
    match code {
        Code::Taken => !open.for_ready,
        Code::Released => open.for_ready,
        Code::NoEffect => true,
        Code::RefusedByState
        | Code::NotPermitted
        | Code::RefusedForGood
        | Code::ReasonMissing
        | Code::FinesseUnavailable
        | Code::DryRun => open.answered || open.request.is_none(),
        _ => false,
    }
}

fn insert(
    transaction: &Transaction<'_>,
    decided: &Decided,
    who: i64,
    story: Option<i64>,
) -> rusqlite::Result<i64> {
    let decision = &decided.decision;
    let want = decision.want.as_ref();
    let (wanted, label) = want.map_or((None, None), |want| wanted(&want.wanted));
    // What is shown may be newer than what was decided on; then only the state is known.
    let view = decided.view.as_ref().filter(|view| Some(view.state) == decision.state);
    let reason = view.and_then(|view| view.reason.as_ref());
    let hold = decided.hold.as_ref();
    transaction.prepare_cached(INSERT)?.execute(params![
        ms(decision.at),
        who,
        decided.side.as_str(),
        decided.term.map(|term| i64::try_from(term.number()).unwrap_or(i64::MAX)),
        decided.trial,
        decision.code.as_str(),
        decision.text,
        wanted,
        label,
        want.map(|want| want.rule.as_ref()),
        want.map(facts),
        want.map(|want| ms(want.since)),
        want.map(|want| ms(want.at)),
        decision.state.map(AgentState::as_str),
        reason.and_then(|reason| reason.label.as_deref()),
        reason.and_then(|reason| reason.code),
        view.and_then(|view| view.pending).map(AgentState::as_str),
        view.and_then(|view| view.changed_at).map(ms),
        decided.seen_at.map(ms),
        hold.map(|hold| hold.reason.as_ref()),
        hold.map(|hold| hold.from.as_str()),
        hold.map(|hold| ms(hold.since)),
        decided.request.map(|number| i64::try_from(number).unwrap_or(i64::MAX)),
        story,
    ])?;
    Ok(transaction.last_insert_rowid())
}

fn answer(
    transaction: &Transaction<'_>,
    touched: &mut Touched<'_>,
    answered: &Answered,
) -> rusqlite::Result<()> {
    let open = touched.open.get(&answered.agent).copied();
    // The decision was lost, or is of another life.
    let Some(open) = open.filter(|open| open.request == Some(answered.request)) else {
        return Ok(());
    };
    let detail = answered.detail.as_deref().map(cut);
    transaction.prepare_cached(ANSWER)?.execute(params![
        open.row,
        ms(answered.sent_at),
        ms(answered.answered_at),
        answered.answer.as_str(),
        detail,
        answered.answer == Answer::DryRun,
    ])?;
    touched.set_open(&answered.agent, Some(Open { answered: true, ..open }));
    Ok(())
}

fn take_down(
    transaction: &Transaction<'_>,
    touched: &mut Touched<'_>,
    deed: &Deed,
) -> rusqlite::Result<()> {
    let who = deed.who.as_ref().map(|who| person(transaction, touched, who)).transpose()?;
    transaction.prepare_cached(DEED)?.execute(params![
        ms(deed.at),
        cut(&deed.actor),
        deed.what,
        who,
        deed.team.as_ref().map(TeamId::as_str),
        deed.until.map(ms),
    ])?;
    Ok(())
}

/// The row of somebody as they are called now.
fn person(
    transaction: &Transaction<'_>,
    touched: &mut Touched<'_>,
    who: &Arc<Watched>,
) -> rusqlite::Result<i64> {
    if let Some((known, row)) = touched.people.get(&who.id)
        && (Arc::ptr_eq(known, who) || names(known) == names(who))
    {
        return Ok(*row);
    }
    let (agent, login, name, team) = names(who);
    transaction
        .prepare_cached(
            "INSERT OR IGNORE INTO who (agent, login, name, team) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute((agent, login, name, team))?;
    let row = transaction
        .prepare_cached(
            "SELECT id FROM who WHERE agent = ?1 AND login = ?2 AND name = ?3 AND team = ?4",
        )?
        .query_row((agent, login, name, team), |row| row.get(0))?;
    touched.people.insert(who.id.clone(), (Arc::clone(who), row));
    Ok(row)
}

fn names(who: &Watched) -> (&str, &str, &str, &str) {
    (who.id.as_str(), &who.login_name, &who.name, &who.team_name)
}

fn wanted(wanted: &Wanted) -> (Option<&'static str>, Option<&str>) {
    match wanted {
        Wanted::NotReady { reason } => (Some("not_ready"), Some(reason)),
        Wanted::Free => (Some("free"), None),
        Wanted::Ignore => (Some("ignore"), None),
    }
}

fn facts(want: &Want) -> String {
    serde_json::to_string(&want.facts).unwrap_or_default()
}

fn cut(detail: &str) -> String {
    detail.chars().filter(|c| !c.is_control()).take(LONGEST_DETAIL).collect()
}

/// As the tables have it.
pub(super) fn ms(time: Time) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
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
