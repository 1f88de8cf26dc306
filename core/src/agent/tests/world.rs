//! One person, one agent and one Finesse: what may happen to them, and what became of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::clockwork::{Event, Fault};
use super::finesse_model::{Author, Model};
use super::laws::Laws;
use crate::Time;
use crate::agent::{Agent, AgentSettings, Answer, Code, Decision, Input, LedgerEntry, Request};
use crate::finesse::{Actor, AgentState, Deployment, Target};
use crate::presence::{Facts, Kind, Observation, Person, PresenceSettings, Profile, Version};
use crate::rules::{Rules, Wanted};

/// What the agent chooses by hand.
pub(super) const LUNCH: &str = "Lunch";

pub(super) struct World {
    pub(super) now: Time,
    pub(super) model: Model,
    pub(super) agent: Agent,
    pub(super) decisions: Vec<Decision>,
    pub(super) sent: Vec<(Time, Request)>,
    pub(super) next_fault: Fault,
    /// What Finesse answers to everything, without doing it.
    pub(super) answers: Option<Answer>,
    pub(super) looks_fail: u32,
    pub(super) laws: Laws,
    pub(super) person: Person,
    pub(super) rules: Rules,
    pub(super) settings: AgentSettings,
    pub(super) presence: PresenceSettings,
    pub(super) ledger: LedgerEntry,
    said: Vec<Observation>,
    counter: u64,
    epoch: u64,
    /// The feed is gone: what the person does is not heard.
    deaf: bool,
    /// When the `NOT_READY` of ours began that a snooze gave to the agent.
    lent: Option<Time>,
    pub(super) life: u32,
    pub(super) queue: BTreeMap<(Time, u64), Event>,
    pub(super) order: u64,
    pub(super) delays: Vec<u64>,
    pub(super) drawn: usize,
    /// No event about the agent comes before this one, which was sent last.
    pub(super) pushed_until: Time,
    /// How much later than everything else such an event is.
    pub(super) events_late: Duration,
}

impl World {
    pub(super) fn new(settings: AgentSettings, delays: &[u64]) -> Self {
        let now = Time::from_millis(1_000_000);
        let mut world = Self {
            now,
            model: Model::new(settings.deployment, now),
            agent: Agent::new(settings.clone(), LedgerEntry::default()),
            decisions: Vec::new(),
            sent: Vec::new(),
            next_fault: Fault::None,
            answers: None,
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
            deaf: false,
            lent: None,
            life: 0,
            queue: BTreeMap::new(),
            order: 0,
            delays: delays.to_vec(),
            drawn: 0,
            pushed_until: Time::default(),
            events_late: Duration::ZERO,
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

    /// Server mode and gadget mode, each on CCE and on CCX; READY and free.
    pub(super) fn every() -> [Self; 4] {
        let [one, two] = Self::servers();
        let [three, four] = Self::gadgets();
        [one, two, three, four]
    }

    /// Server mode on CCE and on CCX; READY and free.
    pub(super) fn servers() -> [Self; 2] {
        [Deployment::Cce, Deployment::Ccx].map(|deployment| Self::server(deployment).ready())
    }

    /// Gadget mode on CCE and on CCX; READY and free.
    pub(super) fn gadgets() -> [Self; 2] {
        [Deployment::Cce, Deployment::Ccx].map(|deployment| Self::gadget(deployment).ready())
    }

    /// The person is free, and the agent was seen to be READY.
    pub(super) fn ready(mut self) -> Self {
        self.says("active");
        self.run(Duration::from_secs(4));
        self
    }

    /// The same, held for DND.
    pub(super) fn held(mut self) -> Self {
        self.says("dnd");
        self.run(Duration::from_secs(4));
        assert!(self.agent.ledger().hold.is_some(), "not held: {:?}", self.agent.last_code());
        self
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
        if !self.deaf {
            self.later(Event::Observe(observation));
        }
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
        self.restart_with(AgentSettings { adopt: false, ..self.settings.clone() });
    }

    /// The ledger is gone as well.
    pub(super) fn restart_without_ledger(&mut self) {
        // What lies under one of our labels went with the ledger.
        let buried = self.model.author != Author::Us || self.ledger.claim.is_some();
        self.laws.ambiguous |= self.laws.given_away || buried;
        self.ledger = LedgerEntry::default();
        self.laws.given_away = true;
        self.restart_with(self.settings.clone());
    }

    fn restart_with(&mut self, settings: AgentSettings) {
        self.life += 1;
        self.agent = Agent::new(settings, self.ledger.clone());
        self.person = Person::new(Profile::WEBEX);
        self.laws.restarted();
        if self.settings.actor == Actor::Agent {
            self.push(Duration::ZERO, Event::Ask { life: self.life });
        }
        self.reconnect();
    }

    /// The feed is gone.
    pub(super) fn lose_source(&mut self) {
        self.deaf = true;
        self.person.lose_source(self.now);
    }

    /// The feed is back, and begins with a snapshot.
    pub(super) fn reconnect(&mut self) {
        self.deaf = false;
        self.epoch += 1;
        if let Some(last) = self.said.last().cloned() {
            let snapshot = Observation { epoch: self.epoch, kind: Kind::Snapshot, ..last };
            self.later(Event::Observe(snapshot));
        }
    }

    /// Finesse fails over: what pends is lost, and perhaps what CTI has not carried out yet; the
    /// agent's desktop may lose its connection, which moves the agent (Finesse notes 1.9).
    pub(super) fn fail_over(&mut self, loses_queue: bool, breaks_connection: bool) {
        if loses_queue {
            self.queue.retain(|_, event| !matches!(event, Event::Apply { .. }));
        }
        // The agent's own request may land on top of what the platform chose, as on a human's choice.
        let may_bury = self.settings.actor == Actor::Agent && self.agent.ledger().claim.is_some();
        self.laws.ambiguous |= breaks_connection && may_bury;
        // What was not published yet never is; what is there afterwards is read anew.
        self.queue.retain(|_, event| !matches!(event, Event::Pushed { .. }));
        self.model.fail_over(self.now, breaks_connection);
        self.laws.failed_over(self.now);
        self.step(Input::FailedOver { at: self.now });
    }

    /// The agent is found to be another human, who says this.
    pub(super) fn other_person(&mut self, status: &str) {
        self.person = Person::new(Profile::WEBEX);
        self.queue.retain(|_, event| !matches!(event, Event::Observe(_)));
        self.said.clear();
        self.laws.other_person();
        self.step(Input::OtherPerson);
        self.says(status);
    }

    pub(super) fn snooze(&mut self, span: Duration) {
        let held = self.agent.ledger().hold.as_ref().is_some_and(|hold| !hold.pending);
        if held && self.model.state == AgentState::NotReady && self.model.author == Author::Us {
            self.model.author = Author::Agent;
            self.laws.given_away = true;
            self.lent = Some(self.model.changed_at);
        }
        self.laws.snoozed();
        let until = self.now.after(span);
        self.step(Input::Snooze { until });
    }

    /// What the snooze gave away is ours again where nobody has touched it since.
    pub(super) fn unsnooze(&mut self) {
        let running = self.agent.ledger().snoozed_until.is_some();
        if let Some(changed_at) = self.lent.take()
            && running
            && self.model.state == AgentState::NotReady
            && self.model.changed_at == changed_at
        {
            self.model.author = Author::Us;
            self.laws.unsnoozed(changed_at);
            for event in self.queue.values_mut() {
                if let Event::View { view, author, .. } | Event::Pushed { view, author, .. } = event
                    && view.changed_at == Some(changed_at)
                {
                    *author = Author::Us;
                }
            }
        }
        self.step(Input::Unsnooze);
    }

    pub(super) fn lunch(&mut self) {
        self.human(Actor::Agent, Target::NotReady);
    }

    pub(super) fn ready_by_hand(&mut self) {
        self.human(Actor::Agent, Target::Ready);
    }

    pub(super) fn ring(&mut self) {
        assert!(self.model.ring(self.now, false), "no call for {}", self.model.state);
    }

    pub(super) fn ring_with_wrap_up(&mut self) {
        assert!(self.model.ring(self.now, true), "no call for {}", self.model.state);
    }

    pub(super) fn answer(&mut self) {
        self.model.answer(self.now);
    }

    /// The call, or the wrap-up, is over.
    pub(super) fn end(&mut self) {
        self.model.end(self.now);
    }

    pub(super) fn human(&mut self, actor: Actor, target: Target) {
        let held = self.model.state == AgentState::NotReady && self.model.author == Author::Us;
        if self.model.human(self.now, actor, target, LUNCH) {
            let seen = self.agent.view().is_some_and(|view| view.state == AgentState::NotReady);
            // A READY of ours that may yet land looks just like the human's.
            let ours_may_land = self.agent.ledger().claim.is_some();
            let shown = seen
                && self.laws.has_shown()
                && self.agent.ledger().hold.is_some()
                && !ours_may_land;
            if held && shown && target == Target::Ready {
                self.laws
                    .human_disagreed(self.now, self.agent.want().map(|want| want.wanted.clone()));
            }
            if target == Target::NotReady {
                self.laws.human_chose_not_ready(self.now, actor, ours_may_land);
            }
        }
    }

    // === what became of it ===

    pub(super) fn state(&self) -> AgentState {
        self.model.state
    }

    /// The label that Finesse shows.
    pub(super) fn label(&self) -> Option<&str> {
        self.model.reason.as_ref().and_then(|reason| reason.label.as_deref())
    }

    /// Forgets what was sent and told so far, so that a story sees what is new.
    pub(super) fn turn_page(&mut self) {
        self.sent.clear();
        self.decisions.clear();
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
        adopt: true,
        labels: labels.into_iter().map(Arc::from).collect(),
        ..AgentSettings::default()
    }
}
