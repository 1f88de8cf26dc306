//! Simulated time: what is under way arrives late, and in an order of its own.

use std::time::Duration;

use super::finesse_model::Author;
use super::world::{LUNCH, World};
use crate::Time;
use crate::agent::{Answer, Input, Output, Request};
use crate::finesse::{Actor, AgentView};
use crate::presence::{Observation, PresenceOutput};

/// Team polls of server mode.
const POLL: Duration = Duration::from_secs(3);

#[derive(Debug, Clone)]
pub(super) enum Event {
    Observe(Observation),
    Arrive {
        life: u32,
        request: Request,
        fault: Fault,
    },
    Apply {
        request: Request,
    },
    Answer {
        life: u32,
        number: u64,
        answer: Answer,
    },
    Ask {
        life: u32,
    },
    View {
        life: u32,
        view: AgentView,
        author: Author,
        asked_at: Time,
    },
    LookFails {
        life: u32,
    },
    /// An event about a change: late, but in the order of the changes. When it was asked for is
    /// told as the time at which it comes, as the gadget does.
    Pushed {
        life: u32,
        view: AgentView,
        author: Author,
    },
    Poll,
    WakeAgent {
        life: u32,
        at: Time,
    },
    WakePerson,
}

/// What may befall the next request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Fault {
    #[default]
    None,
    /// A 500 although it was applied.
    AnswerLost,
    /// A 500, and nothing applied.
    Lost,
    /// No connection.
    NotSent,
    /// Accepted, then lost on the way to CTI.
    CtiDrops,
}

impl World {
    pub(super) fn run(&mut self, span: Duration) {
        let until = self.now.after(span);
        self.publish();
        while let Some((&(at, order), _)) = self.queue.first_key_value() {
            if at > until {
                break;
            }
            let Some(event) = self.queue.remove(&(at, order)) else { break };
            self.now = self.now.max(at);
            self.happen(event);
            self.publish();
        }
        self.now = until;
    }

    pub(super) fn run_secs(&mut self, secs: u64) {
        self.run(Duration::from_secs(secs));
    }

    pub(super) fn run_ms(&mut self, ms: u64) {
        self.run(Duration::from_millis(ms));
    }

    /// Runs until everything that is under way has had its effect.
    pub(super) fn settle(&mut self) {
        self.run(Duration::from_mins(2));
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Observe(observation) => self.observe(observation),
            Event::Arrive { life, request, fault } => self.arrive(life, request, fault),
            Event::Apply { request } => {
                let label = request.reason.as_deref().unwrap_or_default();
                let puts_back = label == LUNCH;
                let author = if puts_back { Author::Agent } else { Author::Us };
                self.model.apply(self.now, self.settings.actor, author, request.target, label);
            }
            Event::Answer { life, number, answer } if life == self.life => {
                self.laws.answered();
                self.step(Input::Answered { request: number, answer });
            }
            Event::Ask { life } => {
                let (mut view, author) = (self.model.view(), self.model.author);
                // Only the team's supervisor is told.
                view.busy_elsewhere.take_if(|_| self.settings.actor == Actor::Agent);
                let asked_at = self.now;
                // Unless a story makes events later, no look overtakes what they tell.
                let told = if self.events_late.is_zero() { self.pushed_until } else { asked_at };
                let at = told.max(asked_at.after(self.delay()));
                self.push_at(at, Event::View { life, view, author, asked_at });
            }
            Event::View { life, view, author, asked_at } if life == self.life => {
                self.laws.shown(&view, author, asked_at);
                self.step(Input::Seen { view, asked_at, clock_ahead_ms: 0 });
            }
            Event::Pushed { life, view, author } if life == self.life => {
                let asked_at = self.now;
                self.laws.shown(&view, author, asked_at);
                self.step(Input::Seen { view, asked_at, clock_ahead_ms: 0 });
            }
            Event::LookFails { life } if life == self.life => self.step(Input::LookFailed),
            Event::Poll => self.poll(),
            Event::WakeAgent { life, at }
                if life == self.life && self.agent.next_wake().is_some_and(|due| due <= at) =>
            {
                self.step(Input::Wake);
            }
            Event::WakePerson => {
                let want = self.person.wake(self.now, &self.rules, &self.presence);
                self.wanted(want.map(PresenceOutput::Want));
            }
            _ => {}
        }
        if let Some(at) = self.person.next_wake(&self.presence) {
            self.push_at(at, Event::WakePerson);
        }
    }

    /// The gadget looks once, when it begins; then events tell.
    fn poll(&mut self) {
        if self.settings.actor == Actor::Supervisor || self.agent.view().is_none() {
            self.happen_now(Event::Ask { life: self.life });
        }
        self.push(POLL, Event::Poll);
    }

    /// Sends an event of every change since the last time, to who has the agent's own rights.
    fn publish(&mut self) {
        for (mut view, author) in std::mem::take(&mut self.model.changes) {
            view.busy_elsewhere = None;
            if self.settings.actor == Actor::Agent {
                let at = self.pushed_until.max(self.now.after(self.delay() + self.events_late));
                self.pushed_until = at;
                self.push_at(at, Event::Pushed { life: self.life, view, author });
            }
        }
    }

    fn observe(&mut self, observation: Observation) {
        let busy =
            observation.facts.as_ref().is_some_and(|f| self.rules.evaluate(f).wanted.is_busy());
        let outputs = self.person.observe(self.now, observation, &self.rules, &self.presence);
        let used = !outputs.iter().any(|output| matches!(output, PresenceOutput::Anomaly(_)));
        if used && busy {
            self.laws.busy_heard(self.now);
        }
        self.wanted(outputs);
    }

    fn wanted(&mut self, outputs: impl IntoIterator<Item = PresenceOutput>) {
        for output in outputs {
            if let PresenceOutput::Want(want) = output {
                self.laws.wanted(&want.wanted);
                self.step(Input::Want(want));
            }
        }
    }

    fn arrive(&mut self, life: u32, request: Request, fault: Fault) {
        let admitted = self.model.admits(self.settings.actor, request.target);
        let number = request.number;
        if let Some(answer) = self.answers {
            return self.later(Event::Answer { life, number, answer });
        }
        let answer = match fault {
            Fault::NotSent => Answer::NotSent,
            Fault::Lost => Answer::Unknown,
            _ if !admitted => Answer::InvalidState,
            Fault::AnswerLost => Answer::Unknown,
            Fault::None | Fault::CtiDrops => Answer::Accepted,
        };
        if admitted && matches!(fault, Fault::None | Fault::AnswerLost) {
            self.later(Event::Apply { request });
        }
        self.later(Event::Answer { life, number, answer });
    }

    pub(super) fn step(&mut self, input: Input) {
        let outputs = self.agent.step(self.now, input);
        self.laws.check_step(self.now, &self.agent, &outputs);
        for output in outputs {
            match output {
                Output::Record(entry) => self.ledger = entry,
                Output::Send(request) => {
                    self.laws.check_send(self.now, &self.agent, &self.ledger, &request);
                    self.sent.push((self.now, request.clone()));
                    let fault = std::mem::take(&mut self.next_fault);
                    self.later(Event::Arrive { life: self.life, request, fault });
                }
                Output::Look(_) if self.looks_fail > 0 => {
                    self.looks_fail -= 1;
                    self.later(Event::LookFails { life: self.life });
                }
                Output::Look(_) => self.happen_now(Event::Ask { life: self.life }),
                Output::Decided(decision) => self.decisions.push(decision),
            }
        }
        if let Some(at) = self.agent.next_wake() {
            self.push_at(at, Event::WakeAgent { life: self.life, at: at.max(self.now) });
        }
    }

    fn happen_now(&mut self, event: Event) {
        self.push(Duration::ZERO, event);
    }

    pub(super) fn later(&mut self, event: Event) {
        let delay = self.delay();
        self.push(delay, event);
    }

    fn delay(&mut self) -> Duration {
        let delay = self.delays[self.drawn % self.delays.len()];
        self.drawn += 1;
        Duration::from_millis(delay)
    }

    pub(super) fn push(&mut self, delay: Duration, event: Event) {
        self.push_at(self.now.after(delay), event);
    }

    fn push_at(&mut self, at: Time, event: Event) {
        self.order += 1;
        self.queue.insert((at.max(self.now), self.order), event);
    }
}
