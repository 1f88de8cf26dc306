//! How the server is, as its parts report it; `/readyz` and `lockstep_…` gauges show it.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

/// The Webex feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Feed {
    /// Not connected yet.
    #[default]
    Starting,
    /// Changes are pushed.
    Live,
    /// Changes are polled: slower, and so degraded.
    Polling,
    /// Nothing is known.
    Lost,
}

/// A part that works or does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Does it?
    pub ok: bool,
    /// In words.
    pub detail: String,
}

impl Part {
    /// It works.
    pub fn good(detail: &str) -> Self {
        Self { ok: true, detail: detail.to_owned() }
    }

    /// It does not.
    pub fn bad(detail: String) -> Self {
        Self { ok: false, detail }
    }
}

impl Default for Part {
    fn default() -> Self {
        Self { ok: false, detail: "not tried yet".to_owned() }
    }
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct Snapshot {
    /// May work be sent here?
    pub ready: bool,
    /// Works, but slower than it should.
    pub degraded: bool,
    /// Finishes what is under way, and takes in nothing more.
    pub stopping: bool,
    /// The feed.
    pub webex: WebexPart,
    /// Finesse; worked out of `users` and `states`, for one may work while the other does not.
    pub finesse: Part,
    /// Who is watched.
    pub agents: AgentsPart,
    /// Accounts of Finesse whose password was refused: they are not tried again for now.
    pub stopped_accounts: Vec<String>,
    /// The ledger.
    pub ledger: Part,
    /// The journal, where one is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub journal: Option<Part>,
    /// Finesse's list of users, as the administrator; part of `finesse`.
    #[serde(skip)]
    pub users: Part,
    /// The teams' states, as their supervisors, once they were asked for; part of `finesse`.
    #[serde(skip)]
    pub states: Option<Part>,
}

/// The Webex part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct WebexPart {
    /// Live, polling, lost…
    pub feed: Feed,
    /// In words.
    pub detail: String,
}

/// Who is watched, in numbers: names are for the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct AgentsPart {
    /// Has the list been read once?
    pub read: bool,
    /// Watched.
    pub watched: usize,
    /// Of those, not found in Webex so far.
    pub not_in_webex: usize,
    /// Names in the configuration that Finesse does not know.
    pub unknown: usize,
    /// Teams that none of our supervisors supervises.
    pub unsupervised_teams: usize,
}

/// Shared by all parts; each reports its own.
#[derive(Debug, Clone, Default)]
pub struct Status(Arc<Mutex<Snapshot>>);

impl Status {
    /// Reports something, and works out what it means as a whole.
    pub fn report(&self, change: impl FnOnce(&mut Snapshot)) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut now);
        let states = now.states.as_ref().filter(|states| now.users.ok && !states.ok);
        now.finesse = states.unwrap_or(&now.users).clone();
        let fed = matches!(now.webex.feed, Feed::Live | Feed::Polling);
        now.ready = fed && now.finesse.ok && now.agents.read && !now.stopping;
        now.degraded = now.webex.feed == Feed::Polling
            || !now.ledger.ok
            || now.journal.as_ref().is_some_and(|journal| !journal.ok)
            || !now.stopped_accounts.is_empty();
    }

    /// How it is now.
    pub fn snapshot(&self) -> Snapshot {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finesse_is_in_service_only_while_both_lists_can_be_read() {
        let status = Status::default();
        status.report(|now| now.states = Some(Part::good("states")));
        assert!(!status.snapshot().finesse.ok, "the users were never read");
        status.report(|now| now.users = Part::bad("no administrator".to_owned()));
        status.report(|now| now.states = Some(Part::good("states")));
        assert_eq!(status.snapshot().finesse, Part::bad("no administrator".to_owned()));
        status.report(|now| now.states = Some(Part::bad("no supervisor".to_owned())));
        status.report(|now| now.users = Part::good("users"));
        assert_eq!(status.snapshot().finesse, Part::bad("no supervisor".to_owned()));
        status.report(|now| now.states = Some(Part::good("states")));
        assert!(status.snapshot().finesse.ok);
    }
}
