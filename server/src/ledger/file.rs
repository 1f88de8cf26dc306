use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use lockstep_core::AgentId;
use lockstep_core::agent::LedgerEntry;
use serde::{Deserialize, Serialize};

use super::Store;

/// The form of the file; another number is refused rather than misread.
const FORM: u32 = 1;
/// Largest file that is read: 10,000 agents need under 8 MiB.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// What went wrong with the ledger, told for the person who must act.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The folder or file cannot be used.
    #[error("failed to {what} {}; check state.dir and its permissions", .path.display())]
    Io {
        /// Read, create, write.
        what: &'static str,
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not a ledger of ours.
    #[error("failed to read the ledger {}: {detail}; move it away to start without holds", .path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
}

#[derive(Debug, Serialize, Deserialize)]
struct Content {
    form: u32,
    agents: BTreeMap<AgentId, LedgerEntry>,
}

/// The ledger as one file in `state.dir`, replaced as a whole with each write.
#[derive(Debug)]
pub struct LedgerFile {
    path: PathBuf,
    entries: BTreeMap<AgentId, LedgerEntry>,
}

impl Store for LedgerFile {
    fn read(&mut self) -> Result<BTreeMap<AgentId, LedgerEntry>, LedgerError> {
        self.entries = self.load()?;
        Ok(self.entries.clone())
    }

    async fn write(&mut self, changes: &BTreeMap<AgentId, LedgerEntry>) -> Result<(), LedgerError> {
        for (agent, entry) in changes {
            if entry.is_empty() {
                self.entries.remove(agent);
            } else {
                self.entries.insert(agent.clone(), entry.clone());
            }
        }
        let path = self.path.clone();
        let file = Self { path: path.clone(), entries: self.entries.clone() };
        let saved = tokio::task::spawn_blocking(move || file.save()).await;
        saved.unwrap_or_else(|error| {
            Err(LedgerError::Io { what: "write", path, source: io::Error::other(error) })
        })
    }
}

impl LedgerFile {
    /// The ledger in `dir`, which is created where it is missing.
    pub fn in_dir(dir: &Path) -> Result<Self, LedgerError> {
        fs::create_dir_all(dir).map_err(|source| LedgerError::Io {
            what: "create the folder",
            path: dir.to_owned(),
            source,
        })?;
        Ok(Self { path: dir.join("ledger.json"), entries: BTreeMap::new() })
    }

    /// Reads all entries; an absent file is an empty ledger.
    fn load(&self) -> Result<BTreeMap<AgentId, LedgerEntry>, LedgerError> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(source) => return Err(self.io("open", source)),
        };
        let mut text = String::new();
        file.take(MAX_BYTES).read_to_string(&mut text).map_err(|source| self.io("read", source))?;
        let content: Content =
            serde_json::from_str(&text).map_err(|error| self.unreadable(&error.to_string()))?;
        if content.form != FORM {
            return Err(
                self.unreadable(&format!("it has form {}, this is form {FORM}", content.form))
            );
        }
        Ok(content.agents)
    }

    /// Replaces the file as a whole: after a crash there is the old one or the new one.
    fn save(&self) -> Result<(), LedgerError> {
        let content = Content { form: FORM, agents: self.entries.clone() };
        let text =
            serde_json::to_vec(&content).map_err(|error| self.unreadable(&error.to_string()))?;
        let fresh = self.path.with_extension("json.new");
        let mut file = File::create(&fresh).map_err(|source| self.io("create", source))?;
        file.write_all(&text).map_err(|source| self.io("write", source))?;
        file.sync_data().map_err(|source| self.io("write", source))?;
        fs::rename(&fresh, &self.path).map_err(|source| self.io("replace", source))?;
        if let Some(dir) = self.path.parent()
            && let Ok(dir) = File::open(dir)
        {
            // Without this a power cut may undo the rename; a file system that cannot is no error.
            let _ = dir.sync_all();
        }
        Ok(())
    }

    fn io(&self, what: &'static str, source: io::Error) -> LedgerError {
        LedgerError::Io { what, path: self.path.clone(), source }
    }

    fn unreadable(&self, detail: &str) -> LedgerError {
        LedgerError::Unreadable { path: self.path.clone(), detail: detail.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use lockstep_core::Time;

    use super::*;

    fn some() -> BTreeMap<AgentId, LedgerEntry> {
        let snoozed =
            LedgerEntry { snoozed_until: Some(Time::from_millis(7)), ..LedgerEntry::default() };
        BTreeMap::from([(AgentId::new("0001"), snoozed)])
    }

    #[tokio::test]
    async fn an_absent_file_is_an_empty_ledger_and_what_is_written_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let mut file = LedgerFile::in_dir(&dir.path().join("state")).unwrap();
        assert!(file.read().unwrap().is_empty());
        file.write(&some()).await.unwrap();
        assert_eq!(file.read().unwrap(), some());
    }

    #[test]
    fn a_file_that_is_no_ledger_is_refused_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let mut file = LedgerFile::in_dir(dir.path()).unwrap();
        for text in ["", "{", "{\"form\":2,\"agents\":{}}", "[]"] {
            fs::write(dir.path().join("ledger.json"), text).unwrap();
            let error = file.read().unwrap_err().to_string();
            assert!(error.contains("ledger.json"), "{error}");
        }
    }

    #[tokio::test]
    async fn a_write_that_was_cut_short_leaves_the_old_ledger() {
        let dir = tempfile::tempdir().unwrap();
        let mut file = LedgerFile::in_dir(dir.path()).unwrap();
        file.write(&some()).await.unwrap();
        fs::write(dir.path().join("ledger.json.new"), "{\"form\":1,\"age").unwrap();
        assert_eq!(file.read().unwrap(), some());
    }
}
