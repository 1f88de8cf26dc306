//! Which of our databases a SQLite file is, and of which version.

use rusqlite::{Connection, Transaction};

/// One of our databases: how it is marked, and how it came to be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schema {
    /// In the file's head, so that no other program's file is written to.
    pub(crate) application: i32,
    /// What leads from each version to the next; a version that was released is never changed.
    pub(crate) steps: &'static [&'static str],
}

/// What a database is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nothing in it.
    Empty,
    /// Ours, of this version.
    Ours(usize),
    /// Ours, of a version to come.
    Newer(i32),
    /// Another program's.
    Foreign,
}

impl Schema {
    /// Looks what kind of database this is.
    pub(crate) fn kind(&self, connection: &Connection) -> rusqlite::Result<Kind> {
        let number =
            |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i32>(0));
        let (application, version) = (number("application_id")?, number("user_version")?);
        let tables: i64 =
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        let ours = application == self.application;
        Ok(match usize::try_from(version) {
            _ if application == 0 && version == 0 && tables == 0 => Kind::Empty,
            Ok(version) if ours && (1..=self.steps.len()).contains(&version) => Kind::Ours(version),
            Ok(_) if ours && version > 0 => Kind::Newer(version),
            _ => Kind::Foreign,
        })
    }

    /// Takes the missing steps; nothing is kept of them unless the transaction is committed.
    pub(crate) fn migrate(
        &self,
        transaction: &Transaction<'_>,
        from: usize,
    ) -> rusqlite::Result<()> {
        for step in &self.steps[from..] {
            transaction.execute_batch(step)?;
        }
        let version = i32::try_from(self.steps.len()).unwrap_or(i32::MAX);
        transaction.pragma_update(None, "application_id", self.application)?;
        transaction.pragma_update(None, "user_version", version)
    }
}
