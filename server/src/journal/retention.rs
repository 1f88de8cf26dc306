//! What is let go: the oldest, by age and by size, a little at a time.

use std::time::Duration;

use lockstep_core::Time;
use rusqlite::Connection;

use super::moment::ms;

/// Rows let go at once: some ten milliseconds of a slow disk.
const BITE: i64 = 1_000;
/// Bites between two batches of records. With the writer's pause that is twice as fast as 5,000
/// decisions per second come in.
const BITES: usize = 2;
/// Pages that may be free in the file: they are the first to be written again.
const FREE_PAGES: i64 = 256;
/// Free pages given back to the disk at once.
const GIVEN_BACK: i64 = 512;

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Decisions that are older are let go.
    pub keep: Duration,
    /// Bytes of the file; the oldest decisions are let go beyond that. Nothing: no limit.
    pub max_bytes: Option<u64>,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tidied {
    /// Decisions that were let go.
    pub(super) gone: usize,
    /// Bytes of the file now.
    pub(super) bytes: u64,
}

/// Lets go of what is too much, in a bounded amount of work.
pub(super) fn tidy(connection: &Connection, limits: Limits, now: Time) -> rusqlite::Result<Tidied> {
    let cutoff = ms(now.before(limits.keep));
    let mut gone = 0;
    for _ in 0..BITES {
        let old = connection
            .prepare_cached(
                "DELETE FROM decision WHERE id IN \
                 (SELECT id FROM decision WHERE at < ?1 ORDER BY at LIMIT ?2)",
            )?
            .execute((cutoff, BITE))?;
        gone += old;
        let large = limits.max_bytes.is_some_and(|most| used(connection).is_ok_and(|b| b > most));
        if old == 0 && !large {
            break;
        }
        if old == 0 {
            gone += connection
                .prepare_cached(
                    "DELETE FROM decision WHERE id IN (SELECT id FROM decision ORDER BY at LIMIT ?1)",
                )?
                .execute([BITE])?;
        }
    }
    connection.prepare_cached("DELETE FROM gap WHERE until < ?1")?.execute([cutoff])?;
    connection.prepare_cached("DELETE FROM deed WHERE at < ?1")?.execute([cutoff])?;
    connection.prepare_cached("DELETE FROM life WHERE heard < ?1")?.execute([cutoff])?;
    if number(connection, "freelist_count")? > FREE_PAGES {
        give_back(connection)?;
    }
    Ok(Tidied { gone, bytes: size(connection)? })
}

/// Those of whom nothing is kept any more; tells whether there were any.
pub(super) fn forget_people(connection: &Connection) -> rusqlite::Result<bool> {
    let gone = connection
        .prepare_cached(
            "DELETE FROM who WHERE NOT EXISTS (SELECT 1 FROM decision WHERE decision.who = who.id) \
             AND id NOT IN (SELECT who FROM deed WHERE who IS NOT NULL)",
        )?
        .execute([])?;
    Ok(gone > 0)
}

/// Each page is a row of the answer, which is given back once that row was asked for.
fn give_back(connection: &Connection) -> rusqlite::Result<()> {
    let sql = format!("PRAGMA incremental_vacuum({GIVEN_BACK})");
    let mut pages = connection.prepare_cached(&sql)?;
    let mut pages = pages.query([])?;
    while pages.next()?.is_some() {}
    Ok(())
}

/// Bytes that hold something.
fn used(connection: &Connection) -> rusqlite::Result<u64> {
    let pages = number(connection, "page_count")? - number(connection, "freelist_count")?;
    Ok(u64::try_from(pages * number(connection, "page_size")?).unwrap_or(0))
}

/// Bytes of the file.
fn size(connection: &Connection) -> rusqlite::Result<u64> {
    let bytes = number(connection, "page_count")? * number(connection, "page_size")?;
    Ok(u64::try_from(bytes).unwrap_or(0))
}

fn number(connection: &Connection, pragma: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, pragma, |row| row.get(0))
}
