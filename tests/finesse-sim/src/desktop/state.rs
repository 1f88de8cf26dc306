//! What the desktop knows beside the contact centre: layout, uploaded files, the vendor's scripts.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::layout::Layout;

/// Most uploaded files; a gadget with all its parts has some tens.
const FILE_LIMIT: usize = 500;
/// Most acts that a desktop may still have to hear of.
const ACT_LIMIT: usize = 200;

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

/// An act on its way to the desktops.
#[derive(Clone, Debug)]
pub(crate) struct Ordered {
    pub(crate) seq: u64,
    pub(crate) act: Act,
    /// One agent's desktops, or all.
    pub(crate) user: Option<String>,
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
    pub(crate) acts: VecDeque<Ordered>,
    pub(crate) last_act: u64,
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

    pub(crate) fn order(&mut self, act: Act, user: Option<String>) {
        self.last_act += 1;
        if self.acts.len() >= ACT_LIMIT {
            self.acts.pop_front();
        }
        self.acts.push_back(Ordered { seq: self.last_act, act, user });
    }
}
