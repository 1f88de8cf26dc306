//! The scratch folder of a site: the configuration, the secrets' files, the state.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use tempfile::TempDir;

/// A folder that goes away with the story.
#[derive(Debug)]
pub struct Folder(TempDir);

impl Default for Folder {
    fn default() -> Self {
        Self(tempfile::tempdir().expect("a scratch folder"))
    }
}

impl Folder {
    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The configuration's file.
    pub fn config(&self) -> PathBuf {
        self.path().join("lockstep.toml")
    }

    /// What must survive a restart.
    pub fn state(&self) -> PathBuf {
        self.path().join("state")
    }

    /// The ledger's file.
    pub fn ledger(&self) -> PathBuf {
        self.state().join("lockstep.db")
    }

    /// An agent's entry in the ledger, as anybody with a shell for SQLite reads it.
    pub fn ledger_entry(&self, login_id: &str) -> Option<Value> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let database = Connection::open_with_flags(self.ledger(), flags).ok()?;
        let select = "SELECT entry FROM ledger WHERE agent = ?1";
        let text: String = database.query_row(select, [login_id], |row| row.get(0)).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Whom the ledger has as held, by loginId.
    pub fn holds(&self) -> BTreeSet<String> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let database = Connection::open_with_flags(self.ledger(), flags).expect("the ledger");
        let select = "SELECT agent FROM ledger WHERE json_extract(entry, '$.hold') IS NOT NULL";
        let mut rows = database.prepare(select).expect("the ledger's table");
        let agents = rows.query_map([], |row| row.get(0)).expect("the ledger can be read");
        agents.map(|agent| agent.expect("text")).collect()
    }

    /// Writes a file of this name.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// Every file of the state folder with its content, as text.
    pub fn state_files(&self) -> Vec<(String, String)> {
        let entries = fs::read_dir(self.state()).into_iter().flatten().flatten();
        let read = |path: PathBuf| {
            let name = path.file_name()?.to_str()?.to_owned();
            let bytes = fs::read(&path).ok()?;
            Some((name, String::from_utf8_lossy(&bytes).into_owned()))
        };
        entries.filter_map(|entry| read(entry.path())).collect()
    }
}
