//! Reads the server's log as it grows.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;

use serde::Deserialize;

/// A line of the server's log; only what the demo shows.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Line {
    #[serde(rename = "http.listen")]
    pub(super) listen: Option<String>,
    #[serde(rename = "agent.id")]
    pub(super) agent: Option<String>,
    #[serde(rename = "decision.code")]
    pub(super) code: Option<String>,
    #[serde(rename = "decision.wanted")]
    pub(super) wanted: Option<String>,
    pub(super) held: Option<bool>,
    #[serde(default)]
    pub(super) message: String,
}

/// A file that is read from where the last reading ended.
#[derive(Debug)]
pub(super) struct Tail {
    path: PathBuf,
    read: u64,
}

impl Tail {
    pub(super) const fn new(path: PathBuf) -> Self {
        Self { path, read: 0 }
    }

    /// The lines that are new and complete.
    pub(super) fn lines(&mut self) -> Vec<Line> {
        let mut text = String::new();
        let read = File::open(&self.path).and_then(|mut file| {
            file.seek(SeekFrom::Start(self.read))?;
            file.read_to_string(&mut text)
        });
        // In the middle of a character: once more next time.
        if read.is_err() {
            return Vec::new();
        }
        let complete = text.rfind('\n').map_or(0, |end| end + 1);
        self.read += complete as u64;
        text[..complete].lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_line_counts_once_and_only_when_it_is_complete() {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        let mut tail = Tail::new(file.path().to_path_buf());
        write!(file, r#"{{"message":"one"}}"#).expect("written");
        assert!(tail.lines().is_empty());
        write!(file, "\nno json\n{{\"message\":\"two\",\"agent.id\":\"0001\"}}").expect("written");
        assert_eq!(tail.lines().len(), 1);
        writeln!(file).expect("written");
        let lines = tail.lines();
        assert_eq!(lines[0].agent.as_deref(), Some("0001"));
        assert!(tail.lines().is_empty());
    }
}
