//! Dry run: an agent's machine that decides as it would, on what Finesse would show had we acted.
//!
//! What the machine asks for is not sent. Its effect is assumed at once, laid over what Finesse really
//! shows, and stays until somebody does something that would have undone it: chooses Not Ready, signs
//! out. A call that is routed to an agent who would have been Not Ready is passed over, and so is its
//! wrap-up, because neither would have been.
//!
//! What this cannot know: a human's READY over a Not Ready that was never there, or out of a wrap-up
//! that would have ended in Not Ready; an unanswered call
//! (it makes the agent Not Ready) that would not have been routed; what Finesse would have refused.

use super::{Agent, AgentSettings, Answer, Decision, Input, LedgerEntry, Output, Request};
use crate::Time;
use crate::finesse::{Actor, AgentState, AgentView, ReasonSeen, Target, supervisor_code};

/// `Wrap Up Timer Expiry` on CCX.
const WRAP_UP_OVER: i64 = 32_758;

/// An agent who is left alone, and what would become of them.
#[derive(Debug, Clone)]
pub struct Rehearsal {
    agent: Agent,
    settings: AgentSettings,
    /// What Finesse shows.
    real: Option<AgentView>,
    clock_ahead_ms: i64,
    assumed: Option<Assumed>,
    /// What is really held, asked for and wished: what is rehearsed stays out of it.
    ledger: LedgerEntry,
}

/// What Finesse would show.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Assumed {
    view: AgentView,
    /// As long as Finesse shows this, nobody has done anything.
    over: Option<AgentView>,
}

impl Rehearsal {
    /// An agent of whom `ledger` is known: what is held there stays so.
    pub fn new(settings: AgentSettings, ledger: LedgerEntry) -> Self {
        let agent = Agent::new(settings.clone(), ledger.clone());
        Self { agent, settings, real: None, clock_ahead_ms: 0, assumed: None, ledger }
    }

    /// The same agent whose requests are numbered on from here.
    #[must_use]
    pub fn numbered_after(mut self, last: u64) -> Self {
        self.agent = self.agent.numbered_after(last);
        self
    }

    /// Takes in one input; what it yields never asks Finesse for a change.
    pub fn step(&mut self, now: Time, input: Input) -> Vec<Output> {
        let input = match input {
            Input::Seen { view, asked_at, clock_ahead_ms } => {
                self.clock_ahead_ms = clock_ahead_ms;
                let view = self.take_in(view);
                Input::Seen { view, asked_at, clock_ahead_ms }
            }
            input => input,
        };
        let mut outputs = Vec::new();
        let mut next = self.agent.step(now, input);
        // An answer leads to no further request: its effect is yet to be seen.
        while !next.is_empty() {
            let mut asked = None;
            for output in next {
                match output {
                    Output::Send(request) => asked = Some(request),
                    Output::Record(entry) => outputs.extend(self.keep(entry)),
                    Output::Decided(decision) => outputs.push(Output::Decided(told(decision))),
                    Output::Look(why) => outputs.push(Output::Look(why)),
                }
            }
            next = asked.map_or_else(Vec::new, |request| {
                self.assume(now, &request);
                let answer = Answer::Accepted;
                self.agent.step(now, Input::Answered { request: request.number, answer })
            });
        }
        outputs
    }

    /// The machine, as things would be.
    pub const fn agent(&self) -> &Agent {
        &self.agent
    }

    /// What Finesse shows.
    pub const fn view(&self) -> Option<&AgentView> {
        self.real.as_ref()
    }

    /// What is really so, and must survive a restart.
    pub const fn ledger(&self) -> &LedgerEntry {
        &self.ledger
    }

    /// The state that Finesse would show where it really shows `view`.
    pub fn state_over(&self, view: &AgentView) -> AgentState {
        self.laid_over(view).map_or(view.state, |view| view.state)
    }

    /// Other rules of the platform or of the site apply from now on.
    pub fn set_settings(&mut self, settings: AgentSettings) {
        self.settings = settings.clone();
        self.agent.set_settings(settings);
    }

    fn take_in(&mut self, view: AgentView) -> AgentView {
        let shown = self.laid_over(&view);
        match (&shown, &mut self.assumed) {
            (None, assumed) => *assumed = None,
            (Some(shown), Some(assumed)) => {
                assumed.view = shown.clone();
                assumed.over = Some(view.clone());
            }
            (Some(_), None) => {}
        }
        self.real = Some(view.clone());
        shown.unwrap_or(view)
    }

    /// What Finesse would show; `None` where it is what it shows.
    fn laid_over(&self, view: &AgentView) -> Option<AgentView> {
        let Assumed { view: shown, over } = self.assumed.as_ref()?;
        let untouched = over
            .as_ref()
            .is_none_or(|over| over.state == view.state && over.changed_at == view.changed_at);
        if untouched {
            return Some(AgentView { busy_elsewhere: view.busy_elsewhere, ..shown.clone() });
        }
        let at_work = view.state == AgentState::Ready
            || view.state.is_on_call()
            || view.state.is_wrap_up()
            || is_wrap_up_over(view);
        if !at_work {
            return None;
        }
        // Out of a real Not Ready only somebody's own choice leads.
        let chosen = over.as_ref().is_some_and(|over| over.state == AgentState::NotReady);
        if chosen && view.state == AgentState::Ready {
            return None;
        }
        match shown.state {
            // Nobody who is Not Ready is given a call.
            AgentState::NotReady => {
                Some(AgentView { busy_elsewhere: view.busy_elsewhere, ..shown.clone() })
            }
            _ if shown.pending == Some(AgentState::NotReady) => Some(pended(shown, view)),
            _ => None,
        }
    }

    /// What `request` would lead to, at once.
    fn assume(&mut self, now: Time, request: &Request) {
        let Some(seen) = self.agent.view() else { return };
        let changed_at = Some(now.shifted(self.clock_ahead_ms));
        let pends = seen.state.is_on_call();
        let view = match request.target {
            Target::NotReady if pends => AgentView {
                pending: Some(AgentState::NotReady),
                reason: Some(self.reason(request)),
                ..seen.clone()
            },
            target => AgentView {
                state: match target {
                    Target::Ready => AgentState::Ready,
                    Target::NotReady => AgentState::NotReady,
                    Target::Logout => AgentState::Logout,
                },
                pending: None,
                reason: (target == Target::NotReady).then(|| self.reason(request)),
                changed_at,
                busy_elsewhere: seen.busy_elsewhere,
            },
        };
        self.assumed = Some(Assumed { view, over: self.real.clone() });
    }

    fn reason(&self, request: &Request) -> ReasonSeen {
        match self.settings.actor {
            Actor::Supervisor => ReasonSeen {
                id: None,
                code: Some(supervisor_code(self.settings.deployment)),
                label: Some("Supervisor Initiated".to_owned()),
            },
            Actor::Agent => ReasonSeen {
                label: request.reason.as_deref().map(str::to_owned),
                ..ReasonSeen::default()
            },
        }
    }

    /// Until something is assumed what is recorded is so; after that only what humans wish is.
    fn keep(&mut self, entry: LedgerEntry) -> Option<Output> {
        let rehearsed = self.assumed.is_some() || entry.claim.is_some();
        let kept = if rehearsed {
            let mut kept = LedgerEntry { quiet: entry.quiet, ..self.ledger.clone() };
            // What is really held is lent to a snooze as well, or the end of the dry run would take
            // it for a request that came too late. When it ends, what was lent stays the agent's.
            match entry.snoozed_until {
                same if same == kept.snoozed_until => {}
                Some(until) => kept.snooze(until),
                None => kept.end_snooze(),
            }
            kept
        } else {
            entry
        };
        (kept != self.ledger).then(|| {
            self.ledger = kept.clone();
            Output::Record(kept)
        })
    }
}

/// CCX itself sets Not Ready when the time for wrap-up is over (Finesse notes 1.10).
fn is_wrap_up_over(view: &AgentView) -> bool {
    let code = view.reason.as_ref().and_then(|reason| reason.code);
    view.state == AgentState::NotReady && code == Some(WRAP_UP_OVER)
}

/// A call after which the agent would be Not Ready, as it goes on.
fn pended(shown: &AgentView, view: &AgentView) -> AgentView {
    let (state, pending, reason) = match view.state {
        AgentState::Ready | AgentState::NotReady => {
            (AgentState::NotReady, None, shown.reason.clone())
        }
        state if state.is_wrap_up() => {
            (AgentState::Work, Some(AgentState::NotReady), shown.reason.clone())
        }
        state => (state, Some(AgentState::NotReady), shown.reason.clone()),
    };
    AgentView { state, pending, reason, ..view.clone() }
}

fn told(mut decision: Decision) -> Decision {
    decision.text = format!("Dry run, nothing is changed. {}", decision.text);
    decision
}
