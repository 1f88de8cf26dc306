//! All that was decided in a span, column by column.

use rusqlite::types::ValueRef;
use rusqlite::{Row, params};

use super::moment::ms;
use super::{JournalError, Reader, Span};

/// Rows of one question.
const CHUNK: i64 = 500;

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

/// One value of an export.
pub type Cell<'r> = ValueRef<'r>;

impl Reader {
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
}

fn cells<'r>(row: &'r Row<'_>) -> rusqlite::Result<Vec<Cell<'r>>> {
    (0..COLUMNS.len()).map(|at| row.get_ref(at)).collect()
}
