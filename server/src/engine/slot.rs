use std::sync::Arc;
use std::time::Duration;

use lockstep_core::Time;
use lockstep_core::agent::{Agent, LedgerEntry, Rehearsal};
use lockstep_core::board::Writer;
use lockstep_core::finesse::AgentState;
use lockstep_core::presence::{Person, PresenceOutput, Profile};
use lockstep_core::rules::Wanted;

use super::decider::{Account, Decider};
use super::gadget::GRACE;
use super::tabs::Tabs;
use super::{Policy, Row, Watched};
use crate::traces::Trace;

/// A request's effect is known, or missed, within 23 s; this allows for one that was repeated.
const CLAIM_WAITED_FOR: Duration = Duration::from_secs(30);

/// One agent in the engine: the person, who decides, the gadgets, and when they want to be woken.
#[derive(Debug)]
pub(super) struct Slot {
    /// Shared with what the journal is told of them.
    pub(super) watched: Arc<Watched>,
    /// What applies to this agent, and to no other by accident.
    pub(super) policy: Arc<Policy>,
    pub(super) person: Person,
    pub(super) decider: Decider,
    pub(super) tabs: Tabs,
    pub(super) wake_at: Option<Time>,
    /// The last decision's sentence.
    pub(super) why: String,
    /// Of what is wanted now, where anybody collects traces.
    pub(super) trace: Option<Box<Trace>>,
    /// When the decision fell that the server's last request followed from.
    pub(super) asked_at: Option<Time>,
    /// From that to Finesse's acceptance, in milliseconds.
    pub(super) latency_ms: Option<u64>,
    /// Does it wait to be told as news?
    pub(super) is_news: bool,
    /// Is the whole team left alone for a while?
    pub(super) paused: bool,
    /// When that was said from which something may follow yet; kept for traces.
    pub(super) heard_at: Option<Time>,
}

impl Slot {
    /// Its requests are numbered after `last_number`.
    pub(super) fn new(
        watched: Watched,
        policy: Arc<Policy>,
        ledger: LedgerEntry,
        last_number: u64,
        now: Time,
    ) -> Self {
        let term = ledger.term;
        let rehearsed = policy.gadget.dry_run;
        let by_gadget = !rehearsed && !policy.gadget.mode.has_server();
        let decider = if rehearsed {
            let rehearsal = Rehearsal::new(policy.agent.clone(), ledger);
            Decider::Rehearsed(Box::new(rehearsal.numbered_after(last_number)))
        } else if by_gadget {
            Decider::Gadget(Box::new(Account { ledger, last_number, ..Account::default() }))
        } else {
            let agent = Agent::new(policy.agent.clone(), ledger);
            Decider::Server(Box::new(agent.numbered_after(last_number)))
        };
        Self {
            watched: Arc::new(watched),
            policy,
            person: Person::new(Profile::WEBEX),
            decider,
            tabs: Tabs::new(now, by_gadget, term),
            wake_at: None,
            why: String::new(),
            trace: None,
            heard_at: None,
            asked_at: None,
            latency_ms: None,
            is_news: false,
            paused: false,
        }
    }

    /// Who acts.
    fn acts(&self) -> Writer {
        match &self.decider {
            Decider::Server(_) => Writer::Server,
            Decider::Gadget(_) if self.tabs.writer().is_some() => Writer::Gadget,
            Decider::Gadget(_) | Decider::Rehearsed(_) => Writer::Nobody,
        }
    }

    /// Something was said of the person now, and `outputs` is what follows at once. What is free
    /// waits for the hold-down, which begins with the first word of it.
    pub(super) fn heard(&mut self, now: Time, outputs: &[PresenceOutput]) {
        let want = outputs.iter().find_map(|output| match output {
            PresenceOutput::Want(want) => Some(want),
            PresenceOutput::Anomaly(_) => None,
        });
        let waits = self.person.next_wake(&self.policy.presence).is_some();
        self.heard_at = match want {
            Some(want) if want.wanted != Wanted::Free => Some(now),
            None if !waits => None,
            _ => self.heard_at.or(Some(now)),
        };
    }

    pub(super) fn next_wake(&self, now: Time) -> Option<Time> {
        let presence = self.person.next_wake(&self.policy.presence);
        let claim = self.own_claim_until(now).filter(|_| !self.tabs.is_empty());
        let own = self.decider.next_wake().into_iter().chain(presence).chain(claim);
        own.chain(self.tabs.next_due(GRACE)).min()
    }

    /// Until when something that the server itself asked for may yet have its effect; a request that
    /// is repeated again and again keeps no gadget waiting for longer than [`CLAIM_WAITED_FOR`].
    pub(super) fn own_claim_until(&self, now: Time) -> Option<Time> {
        let agent = match &self.decider {
            Decider::Server(agent) => agent,
            Decider::Gadget(_) | Decider::Rehearsed(_) => return None,
        };
        let claim = agent.ledger().claim.as_ref()?;
        let until = claim.until.min(claim.since.after(CLAIM_WAITED_FOR));
        (now < until).then_some(until)
    }

    /// Is the agent signed in, as was seen since then, and nobody there to act for them?
    pub(super) fn is_alone(&self, since: Time) -> bool {
        let seen = self.decider.seen_at().is_some_and(|at| at >= since);
        let signed_in = self.decider.view().is_some_and(|view| view.state != AgentState::Logout);
        let nobody = matches!(self.decider, Decider::Gadget(_)) && self.tabs.writer().is_none();
        seen && signed_in && nobody
    }

    pub(super) fn row(&self, now: Time, clock_ahead_ms: i64) -> Row {
        let settings = &self.policy.presence;
        let changed_at = self.decider.view().and_then(|view| view.changed_at);
        Row {
            agent: self.watched.id.clone(),
            login_name: self.watched.login_name.clone(),
            name: self.watched.name.clone(),
            team_id: self.watched.team.clone(),
            team: self.watched.team_name.clone(),
            in_webex: self.watched.person.is_some(),
            want: self.decider.want().cloned(),
            view: self.decider.view().cloned(),
            changed_at: changed_at.map(|at| at.shifted(clock_ahead_ms.saturating_neg())),
            ledger: self.decider.ledger().clone(),
            lost_since: self.person.lost_since(),
            stale: self.person.is_stale(now, settings),
            stale_at: self.person.lost_since().map(|since| since.after(settings.stale_after)),
            decided: self.decider.last_code().map(lockstep_core::agent::Code::as_str),
            why: self.why.clone(),
            gadgets: self.tabs.len(),
            by_gadget: self.tabs.writer().is_some(),
            writer: self.acts(),
            mode: self.policy.gadget.mode,
            dry_run: self.policy.gadget.dry_run,
            paused: self.paused,
            latency_ms: self.latency_ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use lockstep_core::rules::Mode;
    use lockstep_core::writer::Link;

    use super::super::tests::{policy_in, view_of, watched};
    use super::*;
    use crate::mailbox::mailbox;

    const NOW: Time = Time::from_millis(1_000_000);

    fn slot(mode: Mode, state: AgentState, seen_at: Time) -> Slot {
        let policy = Arc::new(policy_in(mode));
        let mut slot = Slot::new(watched("person", "0001"), policy, LedgerEntry::default(), 0, NOW);
        if let Decider::Gadget(account) = &mut slot.decider {
            (account.view, account.seen_at) = (Some(view_of(state)), Some(seen_at));
        }
        slot
    }

    #[test]
    fn who_is_signed_in_and_has_no_gadget_is_alone() {
        let mut ready = slot(Mode::Gadget, AgentState::Ready, NOW);
        assert!(ready.is_alone(NOW));
        ready.tabs.join(Link(1), mailbox(1).0).expect("there is room");
        assert!(!ready.is_alone(NOW), "their gadget acts");
        assert!(!slot(Mode::Gadget, AgentState::Logout, NOW).is_alone(NOW), "they went home");
        let long_ago = NOW.before(Duration::from_secs(1));
        assert!(!slot(Mode::Gadget, AgentState::Ready, long_ago).is_alone(NOW), "who knows");
        assert!(!slot(Mode::Server, AgentState::Ready, NOW).is_alone(NOW), "the server acts");
    }
}
