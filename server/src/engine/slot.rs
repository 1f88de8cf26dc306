use lockstep_core::Time;
use lockstep_core::agent::{Agent, LedgerEntry};
use lockstep_core::presence::{Person, PresenceSettings, Profile};

use super::decider::{Account, Decider};
use super::gadget::GRACE;
use super::tabs::Tabs;
use super::{Policy, Row, Watched};

/// One agent in the engine: the person, who decides, the gadgets, and when they want to be woken.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) watched: Watched,
    pub(super) person: Person,
    pub(super) decider: Decider,
    pub(super) tabs: Tabs,
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
        now: Time,
    ) -> Self {
        let by_gadget = !policy.gadget.mode.has_server();
        let decider = if by_gadget {
            Decider::Gadget(Box::new(Account { ledger, last_number, ..Account::default() }))
        } else {
            let agent = Agent::new(policy.agent.clone(), ledger);
            Decider::Server(Box::new(agent.numbered_after(last_number)))
        };
        Self {
            watched,
            person: Person::new(Profile::WEBEX),
            decider,
            tabs: Tabs::new(now, by_gadget),
            wake_at: None,
            why: String::new(),
        }
    }

    pub(super) fn next_wake(&self, presence: &PresenceSettings) -> Option<Time> {
        let own = self.decider.next_wake().into_iter().chain(self.person.next_wake(presence));
        own.chain(self.tabs.next_due(GRACE)).min()
    }

    pub(super) fn row(&self, now: Time, presence: &PresenceSettings) -> Row {
        Row {
            agent: self.watched.id.clone(),
            login_name: self.watched.login_name.clone(),
            name: self.watched.name.clone(),
            team: self.watched.team_name.clone(),
            in_webex: self.watched.person.is_some(),
            want: self.decider.want().cloned(),
            view: self.decider.view().cloned(),
            ledger: self.decider.ledger().clone(),
            lost_since: self.person.lost_since(),
            stale: self.person.is_stale(now, presence),
            decided: self.decider.last_code().map(lockstep_core::agent::Code::as_str),
            why: self.why.clone(),
            gadgets: self.tabs.len(),
            by_gadget: self.tabs.writer().is_some(),
        }
    }
}
