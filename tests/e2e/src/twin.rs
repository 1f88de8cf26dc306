//! A second process that believes to be the first one.

use crate::files::Folder;
use crate::log::Log;
use crate::process::{Process, Signal};
use crate::site::{STOPS_WITHIN, Site};
use crate::wait::{PATIENCE, eventually};

/// A copy of a site's installation, its name towards Webex included, as a restored backup or a
/// cloned machine is one.
#[derive(Debug)]
pub struct Twin {
    _folder: Folder,
    process: Process,
    log: Log,
}

impl Site {
    /// Starts a copy of this installation beside it, and waits until its feed is live.
    pub async fn twin(&self) -> Twin {
        let folder = Folder::default();
        for name in ["lockstep.toml", "webex-token", "finesse-password", "state/instance"] {
            let copy = folder.path().join(name);
            std::fs::create_dir_all(copy.parent().expect("it is in the folder")).expect("a folder");
            std::fs::copy(self.folder.path().join(name), copy).expect("a file of the site");
        }
        let (out, log) = (Log::default(), Log::default());
        let arguments = ["run", "--config", "lockstep.toml"];
        let process =
            Process::start(folder.path(), &arguments, &self.config.environment(), out, log.clone());
        let live = |line: &crate::Line| line.message() == "webex feed is live";
        let look = || log.find(0, live);
        eventually("the twin's feed is live", PATIENCE, look, || log.last(30)).await;
        Twin { _folder: folder, process, log }
    }
}

impl Twin {
    /// The lines that contain these words.
    pub fn lines(&self, words: &[&str]) -> usize {
        let lines = self.log.from(0);
        lines.iter().filter(|line| words.iter().all(|word| line.text.contains(word))).count()
    }

    /// Stops it in order.
    pub async fn end(self) {
        self.process.signal(Signal::Term);
        let exit = self.process.exit(STOPS_WITHIN).await;
        assert_eq!(exit.code, Some(0), "{}", self.log.last(30));
    }
}
