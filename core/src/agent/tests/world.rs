//! Simulated time: one person, one agent, one Finesse, and everything in between late.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::finesse_model::{Author, Model};
use super::laws::Laws;
use crate::agent::{
    Agent, AgentSettings, Answer, Code, Decision, Input, LedgerEntry, Output, Request,
};
use crate::finesse::{Actor, AgentState, AgentView, Deployment, Target};
use crate::presence::{
    Facts, Kind, Observation, Person, PresenceOutput, PresenceSettings, Profile, Version,
};
use crate::rules::{Rules, Wanted};
use crate::{AgentId, Time};

/// Team polls of server mode.
const POLL: Duration = Duration::from_secs(3);

#[derive(Debug, Clone)]
enum Event {
    Observe(Observation),
    Arrive { life: u32, request: Request, fault: Fault },
    Apply { request: Request },
    Answer { life: u32, number: u64, answer: Answer },
    Ask { life: u32, look: bool },
    View { life: u32, view: AgentView, author: Author, asked_at: Time, look: bool },
    LookFails { life: u32 },
    Poll,
    WakeAgent { life: u32, at: Time },
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

pub(super) struct World {
    pub(super) now: Time,
    pub(super) model: Model,
    pub(super) agent: Agent,
    pub(super) decisions: Vec<Decision>,
    pub(super) sent: Vec<(Time, Request)>,
    pub(super) next_fault: Fault,
    pub(super) looks_fail: u32,
    pub(super) laws: Laws,
    person: Person,
    rules: Rules,
    settings: AgentSettings,
    presence: PresenceSettings,
    ledger: LedgerEntry,
    said: Vec<Observation>,
    counter: u64,
    epoch: u64,
    life: u32,
    queue: BTreeMap<(Time, u64), Event>,
    order: u64,
    delays: Vec<u64>,
    drawn: usize,
    pub(super) id: AgentId,
}

impl World {
    pub(super) fn new(settings: AgentSettings, delays: &[u64]) -> Self {
        let now = Time::from_millis(1_000_000);
        let mut world = Self {
            now,
            model: Model::new(settings.deployment, settings.actor, now),
            agent: Agent::new(settings.clone(), LedgerEntry::default()),
            decisions: Vec::new(),
            sent: Vec::new(),
            next_fault: Fault::None,
            looks_fail: 0,
            laws: Laws::default(),
            person: Person::new(Profile::WEBEX),
            rules: Rules::builtin(),
            settings,
            presence: PresenceSettings::default(),
            ledger: LedgerEntry::default(),
            said: Vec::new(),
            counter: 0,
            epoch: 1,
            life: 0,
            queue: BTreeMap::new(),
            order: 0,
            delays: delays.to_vec(),
            drawn: 0,
            id: AgentId::new("1001001"),
        };
        world.push(Duration::ZERO, Event::Poll);
        world
    }

    /// Server mode on this platform, with everything 20 ms late.
    pub(super) fn server(deployment: Deployment) -> Self {
        Self::new(AgentSettings { deployment, ..AgentSettings::default() }, &[20])
    }

    /// The agent's own rights, as in the gadget: every change is seen soon.
    pub(super) fn gadget(deployment: Deployment) -> Self {
        Self::new(gadget_settings(deployment), &[20])
    }

    // === what happens ===

    pub(super) fn says(&mut self, status: &str) {
        self.says_with(status, if status == "meeting" { Some("online") } else { None });
    }

    pub(super) fn says_with(&mut self, status: &str, meeting_type: Option<&str>) {
        let mut facts = Facts::new().with("status", status);
        if let Some(meeting_type) = meeting_type {
            facts = facts.with("meeting_type", meeting_type);
        }
        if status == "unknown" {
            facts = facts.with("category", "unknown");
        }
        self.counter += 1;
        let observation = Observation {
            device: None,
            epoch: self.epoch,
            version: Version::from([("dc".to_owned(), self.counter)]),
            source_time: Some(self.now),
            kind: Kind::Delta,
            facts: Some(facts),
        };
        self.said.push(observation.clone());
        self.later(Event::Observe(observation));
    }

    /// Something said before arrives once more: a duplicate, or a latecomer.
    pub(super) fn repeats(&mut self, back: usize) {
        if let Some(place) = self.said.len().checked_sub(1 + back) {
            let again = self.said[place].clone();
            self.later(Event::Observe(again));
        }
    }

    /// The process dies and starts again with what the ledger holds; then a snapshot arrives.
    pub(super) fn restart(&mut self) {
        self.life += 1;
        self.epoch += 1;
        self.agent = Agent::new(self.settings.clone(), self.ledger.clone());
        self.person = Person::new(Profile::WEBEX);
        self.laws.restarted();
        if let Some(last) = self.said.last().cloned() {
            let snapshot = Observation { epoch: self.epoch, kind: Kind::Snapshot, ..last };
            self.later(Event::Observe(snapshot));
        }
    }

    pub(super) fn lose_source(&mut self) {
        self.person.lose_source(self.now);
    }

    pub(super) fn snooze(&mut self, span: Duration) {
        let until = self.now.after(span);
        self.step(Input::Snooze { until });
    }

    pub(super) fn human(&mut self, actor: Actor, target: Target) {
        let held = self.model.state == AgentState::NotReady && self.model.author == Author::Us;
        if self.model.human(self.now, actor, target, "Lunch") {
            let seen = self.agent.view().is_some_and(|view| view.state == AgentState::NotReady);
            // A READY of ours that may yet land looks just like the human's.
            let ours_may_land = self.agent.ledger().claim.is_some();
            let shown = seen && self.agent.ledger().hold.is_some() && !ours_may_land;
            if held && shown && target == Target::Ready {
                self.laws
                    .human_disagreed(self.now, self.agent.want().map(|want| want.wanted.clone()));
            }
            if actor == Actor::Supervisor && target == Target::NotReady {
                self.laws.supervisor_acted(self.now, self.agent.ledger().claim.is_some());
            }
        }
    }

    // === time ===

    pub(super) fn run(&mut self, span: Duration) {
        let until = self.now.after(span);
        while let Some((&(at, order), _)) = self.queue.first_key_value() {
            if at > until {
                break;
            }
            let Some(event) = self.queue.remove(&(at, order)) else { break };
            self.now = self.now.max(at);
            self.happen(event);
        }
        self.now = until;
    }

    pub(super) fn run_ms(&mut self, ms: u64) {
        self.run(Duration::from_millis(ms));
    }

    /// Runs until everything that is under way has had its effect.
    pub(super) fn settle(&mut self) {
        self.run(Duration::from_secs(120));
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Observe(observation) => self.observe(observation),
            Event::Arrive { life, request, fault } => self.arrive(life, request, fault),
            Event::Apply { request } => {
                let label = request.reason.as_deref().unwrap_or_default();
                self.model.apply(self.now, self.settings.actor, Author::Us, request.target, label);
            }
            Event::Answer { life, number, answer } if life == self.life => {
                self.laws.answered();
                self.step(Input::Answered { request: number, answer });
            }
            Event::Ask { life, look } => {
                let (view, author) = (self.model.view(), self.model.author);
                let asked_at = self.now;
                self.later(Event::View { life, view, author, asked_at, look });
            }
            Event::View { life, view, author, asked_at, .. } if life == self.life => {
                self.laws.shown(&view, author, asked_at);
                self.step(Input::Seen { view, asked_at, clock_ahead_ms: 0 });
            }
            Event::LookFails { life } if life == self.life => self.step(Input::LookFailed),
            Event::Poll => {
                let life = self.life;
                self.happen(Event::Ask { life, look: false });
                let every = if self.settings.actor == Actor::Agent {
                    Duration::from_millis(50)
                } else {
                    POLL
                };
                self.push(every, Event::Poll);
            }
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

    fn step(&mut self, input: Input) {
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
                Output::Look if self.looks_fail > 0 => {
                    self.looks_fail -= 1;
                    self.later(Event::LookFails { life: self.life });
                }
                Output::Look => self.happen_now(Event::Ask { life: self.life, look: true }),
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

    fn later(&mut self, event: Event) {
        let delay = self.delays[self.drawn % self.delays.len()];
        self.drawn += 1;
        self.push(Duration::from_millis(delay), event);
    }

    fn push(&mut self, delay: Duration, event: Event) {
        self.push_at(self.now.after(delay), event);
    }

    fn push_at(&mut self, at: Time, event: Event) {
        self.order += 1;
        self.queue.insert((at.max(self.now), self.order), event);
    }

    // === what became of it ===

    pub(super) fn state(&self) -> AgentState {
        self.model.state
    }

    pub(super) fn has_decided(&self, code: Code) -> bool {
        self.decisions.iter().any(|decision| decision.code == code)
    }

    pub(super) fn sent_targets(&self) -> Vec<Target> {
        self.sent.iter().map(|(_, request)| request.target).collect()
    }

    pub(super) fn last_wanted(&self) -> Option<Wanted> {
        self.agent.want().map(|want| want.wanted.clone())
    }
}

pub(super) fn gadget_settings(deployment: Deployment) -> AgentSettings {
    let labels = ["Webex Call", "Webex Meeting", "Webex DND", "Webex Unavailable"];
    AgentSettings {
        deployment,
        actor: Actor::Agent,
        look_lasts: None,
        adopt: true,
        labels: labels.into_iter().map(Arc::from).collect(),
        ..AgentSettings::default()
    }
}
