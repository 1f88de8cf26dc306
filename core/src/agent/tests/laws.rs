//! The twelve laws, watched at every step.

use std::time::Duration;

use super::finesse_model::Author;
use super::world::LUNCH;
use crate::Time;
use crate::agent::verify::CLOCK_TOLERANCE;
use crate::agent::{Agent, Code, LedgerEntry, Output, Request};
use crate::finesse::{Actor, AgentState, AgentView, Situation, Target, verdict};
use crate::rules::Wanted;

/// Outputs of one step: a record, a request, a look and a few decisions (law 12).
const MOST_OUTPUTS: usize = 8;

/// Looks within a second: four while an effect is awaited, and a few that presence asks for.
const MOST_LOOKS: usize = 12;

/// What the oracle remembers; the truth comes from the model, never from the agent.
#[derive(Debug, Default)]
pub(super) struct Laws {
    under_way: u32,
    shown: Option<(AgentView, Author, Time)>,
    busy_heard: Option<Time>,
    disagreed_with: Option<Wanted>,
    /// A human disagreed then; it counts from the first look that shows it.
    disagrees: Option<(Time, Wanted)>,
    supervisor_acted: Option<Time>,
    looks: Vec<Time>,
    /// Finesse failed over then.
    counts_from: Time,
    /// A human chose `NOT_READY` then.
    chosen_at: Option<Time>,
    /// A human chose `NOT_READY` while a request of ours was on its way: its effect looks the same
    /// (Finesse notes 6, 2), or lands on top of a choice that nobody has seen.
    pub(super) ambiguous: bool,
    /// A `NOT_READY` of ours was left to the agent for good: by a snooze, or with a lost ledger.
    pub(super) given_away: bool,
}

impl Laws {
    pub(super) fn restarted(&mut self) {
        self.under_way = 0;
        self.shown = None;
        // A READY agent who is found busy at start-up is taken, like any other (law 2).
        self.disagreed_with = None;
        self.disagrees = None;
    }

    /// What somebody else disagreed with is no word of this human's.
    pub(super) fn other_person(&mut self) {
        self.disagreed_with = None;
        self.disagrees = None;
        self.busy_heard = None;
    }

    /// What was shown before says nothing any more (law 2).
    pub(super) fn failed_over(&mut self, now: Time) {
        self.counts_from = now;
        self.shown = None;
        self.disagrees = None;
    }

    pub(super) fn answered(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    pub(super) fn shown(&mut self, view: &AgentView, author: Author, asked_at: Time) {
        if asked_at < self.counts_from {
            return;
        }
        if self.shown.as_ref().is_none_or(|(_, _, last)| asked_at >= *last) {
            self.shown = Some((view.clone(), author, asked_at));
        }
        if view.state != AgentState::NotReady
            && let Some((_, wanted)) = self.disagrees.take_if(|(at, _)| {
                // An event that comes after that may tell of what was before.
                *at <= asked_at && view.changed_at >= Some(*at)
            })
        {
            self.disagreed_with = Some(wanted);
        }
    }

    /// Was anything shown that still counts?
    pub(super) fn has_shown(&self) -> bool {
        self.shown.is_some()
    }

    pub(super) fn busy_heard(&mut self, now: Time) {
        self.busy_heard = Some(now);
    }

    pub(super) fn wanted(&mut self, wanted: &Wanted) {
        if self.disagreed_with.as_ref().is_some_and(|with| with != wanted) {
            self.disagreed_with = None;
        }
        if self.disagrees.as_ref().is_some_and(|(_, with)| with != wanted) {
            self.disagrees = None;
        }
    }

    pub(super) fn human_disagreed(&mut self, now: Time, wanted: Option<Wanted>) {
        self.disagrees = wanted.filter(Wanted::is_busy).map(|wanted| (now, wanted));
    }

    /// A later wish than whatever the agent did that nobody has seen yet.
    pub(super) fn snoozed(&mut self) {
        self.disagrees = None;
    }

    /// The `NOT_READY` of that time is ours again; a look that showed it stays true.
    pub(super) fn unsnoozed(&mut self, changed_at: Time) {
        if let Some((view, author, _)) = &mut self.shown
            && view.state == AgentState::NotReady
            && view.changed_at == Some(changed_at)
        {
            *author = Author::Us;
        }
    }

    pub(super) fn human_chose_not_ready(&mut self, now: Time, actor: Actor, while_claimed: bool) {
        self.chosen_at = Some(now);
        if actor == Actor::Supervisor {
            self.supervisor_acted = Some(now);
        }
        self.ambiguous |= while_claimed;
    }

    pub(super) fn human_has_the_last_word(&self) -> bool {
        self.disagreed_with.is_some()
    }

    pub(super) fn check_step(&mut self, now: Time, agent: &Agent, outputs: &[Output]) {
        assert!(outputs.len() <= MOST_OUTPUTS, "law 12: {} outputs in one step", outputs.len());
        let decided = |code: Code| {
            outputs.iter().any(|o| matches!(o, Output::Decided(d) if d.code == code && d.at == now))
        };
        for output in outputs {
            if let Output::Send(request) = output {
                let code = match request.target {
                    Target::Ready => Code::Releasing,
                    _ if request.reason.as_deref() == Some(LUNCH) => Code::Crossed,
                    _ => Code::Taking,
                };
                assert!(decided(code), "law 11: {request:?} is not explained");
            }
            if let Output::Decided(decision) = output {
                assert!(!decision.text.is_empty(), "law 11: {:?} has no sentence", decision.code);
            }
        }
        if outputs.iter().any(|output| matches!(output, Output::Look(_))) {
            self.looks.retain(|at| now.since(*at) < Duration::from_secs(1));
            self.looks.push(now);
            assert!(self.looks.len() <= MOST_LOOKS, "law 12: looks without a pause");
        }
        if let Some(wake) = agent.next_wake() {
            assert!(wake >= now.before(Duration::from_millis(1)), "asks to be woken in the past");
        }
    }

    pub(super) fn check_send(
        &mut self,
        now: Time,
        agent: &Agent,
        ledger: &LedgerEntry,
        request: &Request,
    ) {
        self.under_way += 1;
        if self.supervisor_acted.is_some_and(|at| now.since(at) <= CLOCK_TOLERANCE) {
            self.ambiguous = true;
        }
        assert!(self.under_way <= 1, "law 4: {} requests under way", self.under_way);
        let Some((view, author, asked_at)) = &self.shown else {
            panic!("sent without a look: {request:?}")
        };
        if request.reason.as_deref() == Some(LUNCH) {
            assert!(self.chosen_at.is_some(), "law 10: nobody chose what is put back");
            return Self::check_permitted(agent, view, request);
        }
        self.ambiguous |= self.chosen_at.is_some_and(|at| *asked_at <= at);
        assert!(
            ledger.claim.as_ref().is_some_and(|c| c.ready == (request.target == Target::Ready)),
            "law 1: the intent is not in the ledger before it is sent"
        );
        Self::check_permitted(agent, view, request);
        match request.target {
            Target::Ready => self.check_ready(now, agent, ledger, view, *author),
            Target::NotReady => self.check_not_ready(agent),
            Target::Logout => panic!("nobody is ever signed out"),
        }
    }

    fn check_permitted(agent: &Agent, view: &AgentView, request: &Request) {
        let situation = Situation {
            deployment: agent.settings.deployment,
            state: view.state,
            busy_elsewhere: view.busy_elsewhere == Some(true),
            pending_spent: view.pending.is_some(),
        };
        let verdict = verdict(agent.settings.actor, request.target, situation);
        assert!(verdict.may_send(), "law 8: {request:?} at {} would be {verdict:?}", view.state);
        assert!(!view.state.is_wrap_up(), "law 5: wrap-up is cut short");
        let calm = agent.settings.actor == Actor::Agent
            && matches!(view.state, AgentState::Talking | AgentState::Hold);
        let pends = view.pending == Some(AgentState::NotReady);
        assert!(!pends, "law 10: {request:?} while NOT_READY pends, which may be a choice");
        assert!(!view.state.is_on_call() || calm, "law 5: {} is disturbed", view.state);
    }

    fn check_ready(
        &self,
        now: Time,
        agent: &Agent,
        ledger: &LedgerEntry,
        view: &AgentView,
        author: Author,
    ) {
        assert!(ledger.hold.is_some(), "law 1: READY without a hold");
        assert_eq!(view.state, AgentState::NotReady, "law 1: READY from {}", view.state);
        assert!(
            author == Author::Us || self.ambiguous,
            "law 1: READY over the choice of {author:?}"
        );
        let seen = agent.seen.as_ref().expect("a look before READY");
        let age = now.since(seen.at);
        assert!(age <= agent.settings.look_lasts, "law 1: the look is {age:?} old");
        // Taking back what landed on a human's choice does not wait.
        if let Some(busy) = self.busy_heard
            && ledger.quiet.is_none()
            && ledger.snoozed_until.is_none()
        {
            assert!(now.since(busy) >= Duration::from_millis(500), "law 3: READY without a pause");
        }
    }

    fn check_not_ready(&self, agent: &Agent) {
        let wanted = agent.want().map(|want| &want.wanted);
        assert!(wanted.is_some_and(Wanted::is_busy), "law 4: NOT_READY while {wanted:?} is wanted");
        assert!(
            self.disagreed_with.is_none() || self.disagreed_with.as_ref() != wanted,
            "law 10: a human disagreed with {wanted:?}"
        );
    }
}
