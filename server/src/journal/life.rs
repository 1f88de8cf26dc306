//! When the journal was written: one row per start of the server and file.

use lockstep_core::Time;
use rusqlite::{OptionalExtension as _, Transaction, params};

use super::moment::ms;

/// The present start, as far as this file knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Life {
    /// When the server started.
    started: Time,
    /// From then on everything is in this file, or still to be written.
    since: Time,
    row: Option<i64>,
}

impl Life {
    /// Everything since the start is still to be written.
    pub(super) const fn starting(at: Time) -> Self {
        Self { started: at, since: at, row: None }
    }

    /// What was decided until then was written to a file; that may be another one than this.
    #[must_use]
    pub(super) const fn written_until(self, then: Time) -> Self {
        Self { since: then, row: None, ..self }
    }

    /// The server still writes.
    ///
    /// A disk that was away may come back with the same file, whose row of this start goes on: what
    /// was decided meanwhile follows, or is told as lost. Or with another one, in which nothing from
    /// before is: its row begins where the other one ended.
    pub(super) fn goes_on(
        &mut self,
        transaction: &Transaction<'_>,
        now: Time,
    ) -> rusqlite::Result<()> {
        let row = match self.row {
            Some(row) => Some(row),
            None => transaction
                .prepare_cached("SELECT max(id) FROM life WHERE started = ?1")?
                .query_row([ms(self.started)], |row| row.get::<_, Option<i64>>(0))
                .optional()?
                .flatten(),
        };
        if let Some(row) = row {
            let sql = "UPDATE life SET heard = ?2 WHERE id = ?1";
            // The row may have been let go meanwhile, as too old.
            if transaction.prepare_cached(sql)?.execute(params![row, ms(now)])? == 1 {
                self.row = Some(row);
                return Ok(());
            }
        }
        transaction
            .prepare_cached("INSERT INTO life (started, heard) VALUES (?1, ?2)")?
            .execute(params![ms(self.since), ms(now)])?;
        self.row = Some(transaction.last_insert_rowid());
        Ok(())
    }
}
