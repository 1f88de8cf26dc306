//! Who decides for one agent: the server's own machine, or a gadget whose account the server keeps.

use lockstep_core::Time;
use lockstep_core::agent::{Agent, AgentSettings, Code, Input, LedgerEntry, Output, Rehearsal};
use lockstep_core::finesse::AgentView;
use lockstep_core::presence::Want;
use lockstep_core::why::Side;

/// Who decides.
#[derive(Debug)]
pub(super) enum Decider {
    /// The server.
    Server(Box<Agent>),
    /// A gadget, or nobody while none is there.
    Gadget(Box<Account>),
    /// Nobody: the server only tells what it would do.
    Rehearsed(Box<Rehearsal>),
}

/// What is known of an agent for whom the server decides nothing.
#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) want: Option<Want>,
    pub(super) view: Option<AgentView>,
    /// When the view was asked for, or reported.
    pub(super) seen_at: Option<Time>,
    pub(super) ledger: LedgerEntry,
    pub(super) decided: Option<Code>,
    /// The number of the last request that the server's machine made, should it decide again.
    pub(super) last_number: u64,
    /// What the agent wished in another tab since a turn ended, which its last account cannot know.
    pub(super) wished: Option<Wish>,
}

/// To be left alone until then, or no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    Snooze(Time),
    Unsnooze,
}

impl Wish {
    pub(super) fn apply(self, ledger: &mut LedgerEntry) {
        match self {
            Self::Snooze(until) => ledger.snooze(until),
            Self::Unsnooze => ledger.unsnooze(None),
        }
    }
}

impl Account {
    /// What the server's machine knew when it handed over.
    fn of(agent: &Agent) -> Self {
        Self {
            want: agent.want().cloned(),
            view: agent.view().cloned(),
            seen_at: agent.seen_at(),
            ledger: agent.ledger().clone(),
            decided: agent.last_code(),
            last_number: agent.last_number(),
            wished: None,
        }
    }
}

impl Decider {
    /// Which side that is.
    pub(super) const fn side(&self) -> Side {
        match self {
            Self::Server(_) | Self::Rehearsed(_) => Side::Server,
            Self::Gadget(_) => Side::Gadget,
        }
    }

    /// The server's machine takes a step; `None` where a gadget decides.
    pub(super) fn step(&mut self, now: Time, input: Input) -> Option<Vec<Output>> {
        match self {
            Self::Server(agent) => Some(agent.step(now, input)),
            Self::Rehearsed(rehearsal) => Some(rehearsal.step(now, input)),
            Self::Gadget(_) => None,
        }
    }

    /// The server's machine, in earnest or not.
    pub(super) fn machine(&self) -> Option<&Agent> {
        match self {
            Self::Server(agent) => Some(agent),
            Self::Rehearsed(rehearsal) => Some(rehearsal.agent()),
            Self::Gadget(_) => None,
        }
    }

    pub(super) fn want(&self) -> Option<&Want> {
        match self {
            Self::Server(agent) => agent.want(),
            Self::Rehearsed(rehearsal) => rehearsal.agent().want(),
            Self::Gadget(account) => account.want.as_ref(),
        }
    }

    pub(super) fn view(&self) -> Option<&AgentView> {
        match self {
            Self::Server(agent) => agent.view(),
            Self::Rehearsed(rehearsal) => rehearsal.view(),
            Self::Gadget(account) => account.view.as_ref(),
        }
    }

    pub(super) fn seen_at(&self) -> Option<Time> {
        match self {
            Self::Server(agent) => agent.seen_at(),
            Self::Rehearsed(rehearsal) => rehearsal.agent().seen_at(),
            Self::Gadget(account) => account.seen_at,
        }
    }

    pub(super) fn ledger(&self) -> &LedgerEntry {
        match self {
            Self::Server(agent) => agent.ledger(),
            Self::Rehearsed(rehearsal) => rehearsal.ledger(),
            Self::Gadget(account) => &account.ledger,
        }
    }

    pub(super) fn last_code(&self) -> Option<Code> {
        match self {
            Self::Server(agent) => agent.last_code(),
            Self::Rehearsed(rehearsal) => rehearsal.agent().last_code(),
            Self::Gadget(account) => account.decided,
        }
    }

    pub(super) fn last_number(&self) -> u64 {
        match self {
            Self::Server(agent) => agent.last_number(),
            Self::Rehearsed(rehearsal) => rehearsal.agent().last_number(),
            Self::Gadget(account) => account.last_number,
        }
    }

    /// Has the server a request under way that is not answered?
    pub(super) fn is_asking(&self) -> bool {
        match self {
            Self::Server(agent) => agent.is_asking(),
            Self::Gadget(_) | Self::Rehearsed(_) => false,
        }
    }

    pub(super) fn next_wake(&self) -> Option<Time> {
        match self {
            Self::Server(agent) => agent.next_wake(),
            Self::Rehearsed(rehearsal) => rehearsal.agent().next_wake(),
            Self::Gadget(_) => None,
        }
    }

    pub(super) fn set_settings(&mut self, settings: AgentSettings) {
        match self {
            Self::Server(agent) => agent.set_settings(settings),
            Self::Rehearsed(rehearsal) => rehearsal.set_settings(settings),
            Self::Gadget(_) => {}
        }
    }

    /// From now on a gadget decides.
    pub(super) fn hand_over(&mut self) {
        if let Self::Server(agent) = self {
            *self = Self::Gadget(Box::new(Account::of(agent)));
        }
    }

    /// From now on the server decides, as after a restart: the ledger is what it knows. Tells what
    /// is wanted, which its machine must hear anew.
    pub(super) fn take_over(&mut self, settings: AgentSettings) -> Option<Want> {
        let Self::Gadget(account) = self else { return None };
        let account = std::mem::take(&mut **account);
        let agent = Agent::new(settings, account.ledger).numbered_after(account.last_number);
        *self = Self::Server(Box::new(agent));
        account.want
    }

    /// From now on it is only rehearsed: what is held and under way stays recorded as it is. Tells
    /// what is wanted, which the machine must hear anew; so does [`Decider::in_earnest`].
    pub(super) fn rehearse(&mut self, settings: AgentSettings) -> Option<Want> {
        if matches!(self, Self::Rehearsed(_)) {
            return None;
        }
        let (want, ledger) = (self.want().cloned(), self.ledger().clone());
        let rehearsal = Rehearsal::new(settings, ledger).numbered_after(self.last_number());
        *self = Self::Rehearsed(Box::new(rehearsal));
        want
    }

    /// The rehearsal is over, and the server acts: on what is really so.
    pub(super) fn in_earnest(&mut self, settings: AgentSettings) -> Option<Want> {
        let Self::Rehearsed(rehearsal) = self else { return None };
        let (want, ledger) = (rehearsal.agent().want().cloned(), rehearsal.ledger().clone());
        let number = rehearsal.agent().last_number();
        *self = Self::Server(Box::new(Agent::new(settings, ledger).numbered_after(number)));
        want
    }
}
