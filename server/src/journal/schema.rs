//! The tables of `journal.db`, version by version; `docs/journal.md` tells them to operators.

use rusqlite::{Connection, Transaction};

/// Marks a database as this journal ("lokj" in ASCII), so that no other program's file is written.
pub(super) const APPLICATION: i32 = 0x6c6f_6b6a;

/// What leads from each version to the next; a version that was released is never changed.
const STEPS: [&str; 1] = [include_str!("schema_1.sql")];

/// What a database is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing in it.
    Empty,
    /// Ours, of this version.
    Ours(usize),
    /// Ours, of a version to come.
    Newer(i32),
    /// Another program's.
    Foreign,
}

/// Looks what kind of database this is.
pub(super) fn kind(connection: &Connection) -> rusqlite::Result<Kind> {
    let number = |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i32>(0));
    let (application, version) = (number("application_id")?, number("user_version")?);
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(match usize::try_from(version) {
        _ if application == 0 && version == 0 && tables == 0 => Kind::Empty,
        Ok(version) if application == APPLICATION && (1..=STEPS.len()).contains(&version) => {
            Kind::Ours(version)
        }
        Ok(_) if application == APPLICATION && version > 0 => Kind::Newer(version),
        _ => Kind::Foreign,
    })
}

/// Takes the missing steps; nothing is kept of them unless the transaction is committed.
pub(super) fn migrate(transaction: &Transaction<'_>, from: usize) -> rusqlite::Result<()> {
    for step in &STEPS[from..] {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", i32::try_from(STEPS.len()).unwrap_or(i32::MAX))
}
