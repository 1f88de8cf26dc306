//! One agent's time, for the supervisors' page: what was decided, and what people asked for.

use lockstep_core::Time;
use lockstep_core::why::Entry;
use rusqlite::{OptionalExtension as _, params};

use super::JournalError;
use super::entry::{ENTRY, entry};
use super::moment::{ms, time};
use super::read::{Reader, Span};

/// What somebody asked for on the page, as it was taken down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// When.
    pub at: Time,
    /// Who, by their user name.
    pub actor: String,
    /// What, in a word.
    pub what: String,
    /// Where it ends by itself.
    pub until: Option<Time>,
}

impl Reader {
    /// The newest `most` decisions of an agent in a span, oldest first; before them the one that was
    /// the last when the span began, where all of the span's are there.
    pub fn story(&self, agent: &str, span: Span, most: u32) -> Result<Vec<Entry>, JournalError> {
        let read = || {
            let sql = format!(
                "{ENTRY} WHERE agent = ?1 AND at >= ?2 AND at < ?3 \
                 ORDER BY at DESC, decision.id DESC LIMIT ?4"
            );
            let mut select = self.connection.prepare_cached(&sql)?;
            let bound = params![agent, ms(span.from), ms(span.to), most];
            let mut story =
                select.query_map(bound, entry)?.collect::<rusqlite::Result<Vec<_>>>()?;
            if u32::try_from(story.len()).is_ok_and(|read| read < most) {
                let sql = format!(
                    "{ENTRY} WHERE agent = ?1 AND at < ?2 \
                     ORDER BY at DESC, decision.id DESC LIMIT 1"
                );
                let mut select = self.connection.prepare_cached(&sql)?;
                story.extend(select.query_row(params![agent, ms(span.from)], entry).optional()?);
            }
            story.reverse();
            Ok(story)
        };
        read().map_err(|error| self.failed(error))
    }

    /// The newest `most` things that people asked for an agent, or for the team with this id, in a
    /// span, oldest first.
    pub fn asked(
        &self,
        agent: &str,
        team: &str,
        span: Span,
        most: u32,
    ) -> Result<Vec<Asked>, JournalError> {
        let read = || {
            let mut select = self.connection.prepare_cached(
                "SELECT at, actor, what, until FROM deed \
                 WHERE at >= ?3 AND at < ?4 \
                 AND (team = ?2 OR who IN (SELECT id FROM who WHERE agent = ?1)) \
                 ORDER BY at DESC, id DESC LIMIT ?5",
            )?;
            let bound = params![agent, team, ms(span.from), ms(span.to), most];
            let rows = select.query_map(bound, |row| {
                Ok(Asked {
                    at: time(row.get(0)?),
                    actor: row.get(1)?,
                    what: row.get(2)?,
                    until: row.get::<_, Option<i64>>(3)?.map(time),
                })
            })?;
            let mut asked = rows.collect::<rusqlite::Result<Vec<_>>>()?;
            asked.reverse();
            Ok(asked)
        };
        read().map_err(|error| self.failed(error))
    }
}
