//! What was decided, kept for people: `journal.db` in `state.dir`.
//!
//! Beside the way of an event, never on it: the engine hands records to a [`Sink`] and goes on. A
//! thread of its own writes them, some hundred at a time; what does not fit is counted and told. A
//! disk that is full or read-only costs records, never a decision, and the ledger knows nothing of
//! all this.
//!
//! - `record` — what is handed over; `sink` — where; `writer` — the thread
//! - `book` — the open database; `rows` — how records become rows; `life` — when it was written;
//!   `schema` — its tables
//! - `retention` — what is let go; `read` — what others read while the server writes, `entry` one
//!   decision, `day` one agent's, `export` all of them; `format` — as CSV and JSON; `condition` — of the file

mod book;
mod condition;
mod day;
mod entry;
mod error;
mod export;
mod format;
mod life;
mod moment;
mod read;
mod record;
mod retention;
mod rows;
mod schema;
mod sink;
#[cfg(test)]
mod tests;
mod writer;

use std::path::{Path, PathBuf};

pub use condition::{Condition, Pages, condition};
pub use day::Asked;
pub use error::JournalError;
pub use export::{COLUMNS, Cell, Column, Kind};
pub(crate) use format::text_field;
pub use format::{csv_head, csv_row, json_row};
pub use read::{Gap, Person, Reader, Span};
pub use record::{Answered, Decided, Deed, Record};
pub use retention::Limits;
pub use sink::{CAPACITY, Sink};
pub use writer::{Writing, start};

/// The database's name in `state.dir`.
const NAME: &str = "journal.db";

/// The journal's file in `dir`.
pub fn path_in(dir: &Path) -> PathBuf {
    dir.join(NAME)
}
