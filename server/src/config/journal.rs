//! `[journal]`: how much is kept of what was decided.

use std::time::Duration;

use super::duration::Range;
use super::item::Table;
use super::problem::Report;

/// The keys of `[journal]`.
pub(super) const KEYS: &[&str] = &["keep", "max_size_mib"];

/// How long a decision is kept.
pub const KEEP: Range = Range {
    default: Duration::from_hours(90 * 24),
    min: Duration::from_hours(1),
    max: Duration::from_hours(3_650 * 24),
    why: "a journal that is shorter answers nobody who asks why, and one of more than ten years is \
          kept against people's interest",
};

/// Mebibytes of the journal's file unless told otherwise: some three million decisions.
const MAX_SIZE_MIB: u64 = 1_024;
/// The smallest limit; a few thousand decisions need as much.
const LEAST_MIB: u64 = 16;
/// The largest: sixteen tebibytes, more than SQLite is asked to hold anywhere.
const MOST_MIB: u64 = 16 * 1_024 * 1_024;

/// `[journal]`, checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Journal {
    /// Decisions that are older are let go.
    pub keep: Duration,
    /// Mebibytes of the file, beyond which the oldest decisions are let go; `None`: no limit.
    pub max_size_mib: Option<u64>,
}

pub(super) fn read(table: &mut Table, report: &mut Report) -> Journal {
    let keep = KEEP.take(table, "keep", report);
    let place = table.place.clone();
    let given = table.take("max_size_mib").and_then(|item| {
        let (key, place) = (item.key.clone(), item.place.clone());
        Some((item.number(report)?, key, place))
    });
    let (size, key, place) =
        given.unwrap_or((MAX_SIZE_MIB, "journal.max_size_mib".to_owned(), place));
    if size != 0 && !(LEAST_MIB..=MOST_MIB).contains(&size) {
        let what = format!("{size} is out of range, {LEAST_MIB} to {MOST_MIB}, or 0 for no limit");
        let near = size.clamp(LEAST_MIB, MOST_MIB);
        report.error(&key, &place, what, format!("the nearest that is allowed is {near}"));
    }
    Journal { keep, max_size_mib: (size != 0).then_some(size) }
}
