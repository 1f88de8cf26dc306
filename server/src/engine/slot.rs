use lockstep_core::Time;
use lockstep_core::agent::{Agent, LedgerEntry};
use lockstep_core::presence::{Person, PresenceSettings, Profile};

use super::{Policy, Row, Watched};

/// One agent in the engine: the person, the machine, and when they want to be woken.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) watched: Watched,
    pub(super) person: Person,
    pub(super) agent: Agent,
    pub(super) wake_at: Option<Time>,
    /// The last decision's sentence.
    pub(super) why: String,
}

impl Slot {
    /// Its requests are numbered after `last_number`.
    pub(super) fn new(
        watched: Watched,
        policy: &Policy,
        ledger: LedgerEntry,
        last_number: u64,
    ) -> Self {
        Self {
            watched,
            person: Person::new(Profile::WEBEX),
            agent: Agent::new(policy.agent.clone(), ledger).numbered_after(last_number),
            wake_at: None,
            why: String::new(),
        }
    }

    pub(super) fn next_wake(&self, presence: &PresenceSettings) -> Option<Time> {
        self.agent.next_wake().into_iter().chain(self.person.next_wake(presence)).min()
    }

    pub(super) fn row(&self, now: Time, presence: &PresenceSettings) -> Row {
        Row {
            agent: self.watched.id.clone(),
            login_name: self.watched.login_name.clone(),
            name: self.watched.name.clone(),
            team: self.watched.team_name.clone(),
            in_webex: self.watched.person.is_some(),
            want: self.agent.want().cloned(),
            view: self.agent.view().cloned(),
            ledger: self.agent.ledger().clone(),
            lost_since: self.person.lost_since(),
            stale: self.person.is_stale(now, presence),
            decided: self.agent.last_code().map(lockstep_core::agent::Code::as_str),
            why: self.why.clone(),
        }
    }
}
