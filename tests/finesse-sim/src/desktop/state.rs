//! What the desktop knows beside the contact centre: layout, uploaded files, the vendor's scripts.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::layout::Layout;
use crate::server::Node;

/// Most uploaded files; a gadget with all its parts has some tens.
const FILE_LIMIT: usize = 500;
/// Most lines that wait for a desktop to read them; the oldest go first.
const LINE_LIMIT: usize = 1_000;

/// What the control API makes desktops do, as the notification service does by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// The connection is failing: handlers are muted (Finesse notes 3.2).
    Failing,
    /// It has recovered: every object is read again.
    Recovered,
    /// The page is loaded anew, as after a fail-over or by F5.
    Reload,
    /// The page moves to the other node.
    MoveNode,
    /// The agent signs out of the desktop.
    SignOut,
}

/// The desktop's part of the world.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    pub(crate) layout: Layout,
    pub(crate) files: BTreeMap<String, Bytes>,
    /// The vendor's own library, in place of ours.
    pub(crate) finesse_js: Option<String>,
    /// The vendor's own jQuery, in place of ours.
    pub(crate) jquery: Option<String>,
    /// Whom the fetcher of gadgets trusts beside the machine's authorities.
    pub(crate) ca: Option<PathBuf>,
    /// Desktops that listen, by the number of their stream.
    pub(crate) listening: BTreeMap<u64, Listener>,
    pub(crate) last_stream: u64,
}

/// A desktop that listens, and what it has not read yet.
#[derive(Debug)]
pub(crate) struct Listener {
    pub(crate) node: Node,
    pub(crate) user: String,
    pub(crate) in_service: bool,
    /// Told next, each after its delay.
    pub(crate) lines: VecDeque<(Duration, Value)>,
    /// How many lines it was told in all.
    pub(crate) told: u64,
}

impl Listener {
    pub(crate) fn tell(&mut self, delay: Duration, line: Value) {
        if self.lines.len() >= LINE_LIMIT {
            self.lines.pop_front();
        }
        self.lines.push_back((delay, line));
        self.told += 1;
    }
}

impl Desk {
    /// Puts a file on the nodes; `false`: there are too many.
    pub(crate) fn upload(&mut self, name: &str, file: Bytes) -> bool {
        if self.files.len() >= FILE_LIMIT && !self.files.contains_key(name) {
            return false;
        }
        self.files.insert(name.to_owned(), file);
        true
    }

    /// A desktop listens from now on.
    pub(crate) fn listen(&mut self, listener: Listener) -> u64 {
        self.last_stream += 1;
        self.listening.insert(self.last_stream, listener);
        self.last_stream
    }

    /// How many lines all desktops were told; a new one has to be rung for.
    pub(crate) fn told(&self) -> u64 {
        self.listening.values().map(|listener| listener.told).sum()
    }

    /// Makes one agent's desktops, or all, do something.
    pub(crate) fn order(&mut self, act: Act, user: Option<&str>) {
        for listener in self.listening.values_mut() {
            if user.is_none_or(|user| user == listener.user) {
                listener.tell(Duration::ZERO, json!({"type": "act", "act": act}));
            }
        }
    }
}
