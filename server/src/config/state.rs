//! `[state]`: what must survive a restart.

use std::path::{Path, PathBuf};

use super::file;
use super::item::Table;
use super::problem::Report;

/// The keys of `[state]`.
pub(super) const KEYS: &[&str] = &["dir"];

/// Beside the configuration, unless told otherwise.
const DIR: &str = "state";

/// `[state]`, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// A folder of Lockstep's own; made when the server starts.
    pub dir: PathBuf,
}

pub(super) fn read(table: &mut Table, base: &Path, report: &mut Report) -> State {
    let dir = file::path(table, "dir", base, report).unwrap_or_else(|| base.join(DIR));
    if dir.is_file() {
        let what = format!("{} is a file", dir.display());
        report.error("state.dir", &table.place, what, "give a folder; it need not exist yet");
    }
    State { dir }
}
