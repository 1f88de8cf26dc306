//! Waiting for decisions: each agent's are taken in their order.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::log::{Decision, Line};
use crate::site::Site;

/// Up to which line the decisions about an agent were taken in by the story.
#[derive(Debug, Default)]
pub(crate) struct Cursors(Mutex<HashMap<String, usize>>);

impl Cursors {
    fn of(&self, agent: &str) -> usize {
        let cursors = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cursors.get(agent).copied().unwrap_or_default()
    }

    fn set(&self, agent: &str, line: usize) {
        let mut cursors = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cursors.insert(agent.to_owned(), line);
    }
}

impl Site {
    /// What was decided before does not count any more.
    pub fn turn(&self, agent: &str) {
        self.cursors.set(agent, self.log.len());
    }

    /// Waits for the next decision of that code about the agent (by loginName); those in between
    /// are passed over.
    pub async fn decides(&self, agent: &str, code: &str) -> Decision {
        let start = self.cursors.of(agent);
        let about =
            |line: &Line| line.field("agent.login") == agent && line.field("decision.code") == code;
        let what = format!("{agent}: {code} is decided");
        let (at, line) = self.wait_for(&what, |site| site.log.find(start, about)).await;
        self.cursors.set(agent, at + 1);
        line.decision().expect("it has a code")
    }

    /// Every decision about the agent since the story's last word about them.
    pub fn decisions(&self, agent: &str) -> Vec<Decision> {
        let lines = self.log.from(self.cursors.of(agent));
        let all = lines.iter().filter_map(Line::decision);
        all.filter(|decision| decision.login == agent).collect()
    }

    /// Waits for a line of the present process that says this.
    pub async fn says(&self, what: &str, words: &[&str]) -> Line {
        let wanted = |line: &Line| words.iter().all(|word| line.text.contains(word));
        let look = |site: &Self| site.log.find(site.born, wanted).map(|(_, line)| line);
        self.wait_for(what, look).await
    }

    /// The lines of the present process that contain these words.
    pub fn lines(&self, words: &[&str]) -> Vec<Line> {
        let mut lines = self.log.from(self.born);
        lines.retain(|line| words.iter().all(|word| line.text.contains(word)));
        lines
    }
}
