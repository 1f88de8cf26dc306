use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use lockstep_core::agent::{Input, LedgerEntry, Output};
use lockstep_core::finesse::AgentView;
use lockstep_core::presence::{Person, PresenceOutput, Profile};
use lockstep_core::{AgentId, PersonId, Time};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::dispatch::{Job, Task};
use super::slot::Slot;
use super::{Message, Policy, Roster, Row, Watched, report};
use crate::clock::Clock;
use crate::ledger::Commit;
use crate::webex::FeedEvent;

/// Messages that may wait for the engine. A message takes microseconds; when this many wait,
/// senders wait too, and nothing is dropped.
pub const MESSAGES: usize = 4_096;
/// Messages taken in before what came out is handed on, so that one write of the ledger serves
/// a burst.
const BATCH: usize = 256;

/// Sends messages to the engine.
#[derive(Debug, Clone)]
pub struct Handle {
    messages: mpsc::Sender<Message>,
}

impl Handle {
    /// A handle over the engine's channel.
    pub const fn new(messages: mpsc::Sender<Message>) -> Self {
        Self { messages }
    }

    /// Sends one message; waits while the engine is behind, and gives up when it has stopped.
    pub async fn send(&self, message: Message) {
        if self.messages.send(message).await.is_err() {
            tracing::debug!("a message came after the engine had stopped");
        }
    }

    /// The rows as they are now; none when the engine has stopped.
    pub async fn rows(&self) -> Vec<Row> {
        let (answer, rows) = oneshot::channel();
        self.send(Message::Rows(answer)).await;
        rows.await.unwrap_or_default()
    }
}

/// Owns every agent.
#[derive(Debug)]
pub struct Engine {
    clock: Clock,
    policy: Policy,
    slots: HashMap<AgentId, Slot>,
    by_person: HashMap<PersonId, Vec<AgentId>>,
    wakes: BTreeSet<(Time, AgentId)>,
    /// Of agents who are not watched at present, too: a hold outlives a roster that lacks them.
    ledger: BTreeMap<AgentId, LedgerEntry>,
    clock_ahead_ms: i64,
    /// Persons of whom nothing is known, because the feed is down.
    feed_lost: bool,
    commit: Commit,
}

impl Engine {
    /// An engine that watches nobody yet and knows `ledger` from before.
    pub fn new(clock: Clock, policy: Policy, ledger: BTreeMap<AgentId, LedgerEntry>) -> Self {
        Self {
            clock,
            policy,
            slots: HashMap::new(),
            by_person: HashMap::new(),
            wakes: BTreeSet::new(),
            ledger,
            clock_ahead_ms: 0,
            feed_lost: false,
            commit: Commit::default(),
        }
    }

    /// Runs until `stop`; hands what is to be recorded and done to `commits`.
    pub async fn run(
        mut self,
        mut messages: mpsc::Receiver<Message>,
        commits: mpsc::Sender<Commit>,
        stop: CancellationToken,
    ) {
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let wake = self.wakes.first().map(|(at, _)| self.clock.instant_of(*at));
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                taken = messages.recv_many(&mut batch, BATCH) => {
                    if taken == 0 {
                        break;
                    }
                }
                () = sleep_until(wake) => {}
            }
            for message in batch.drain(..) {
                self.handle(message);
            }
            self.wake();
            let commit = std::mem::take(&mut self.commit);
            if !commit.is_empty() && commits.send(commit).await.is_err() {
                break;
            }
        }
    }

    fn handle(&mut self, message: Message) {
        match message {
            Message::Roster(roster) => self.set_roster(roster),
            Message::Policy(policy) => self.set_policy(policy),
            Message::Feed(event) => self.feed(event),
            Message::Team { asked_at, members } => {
                for member in members {
                    self.seen(&member.id, asked_at, member.view);
                }
            }
            Message::Looked { agent, asked_at, view: Some(view) } => {
                self.seen(&agent, asked_at, view);
            }
            Message::Looked { agent, view: None, .. } => self.step(&agent, Input::LookFailed),
            Message::Answered { agent, request, answer } => {
                self.step(&agent, Input::Answered { request, answer });
            }
            Message::FailedOver { at } => {
                for agent in self.ids() {
                    self.step(&agent, Input::FailedOver { at });
                }
            }
            Message::Clock(ahead) => self.clock_ahead_ms = ahead,
            Message::TryAgain => {
                for agent in self.ids() {
                    self.step(&agent, Input::TryAgain);
                }
            }
            Message::Rows(answer) => {
                let _ = answer.send(self.rows());
            }
        }
    }

    // === who ===

    fn set_roster(&mut self, roster: Roster) {
        let wanted: BTreeSet<&AgentId> = roster.agents.iter().map(|agent| &agent.id).collect();
        for gone in self.ids().into_iter().filter(|id| !wanted.contains(id)) {
            self.remove(&gone);
        }
        for watched in roster.agents {
            self.watch(watched);
        }
        self.by_person.clear();
        for slot in self.slots.values() {
            if let Some(person) = &slot.watched.person {
                let agents = self.by_person.entry(person.clone()).or_default();
                agents.push(slot.watched.id.clone());
            }
        }
        report::watched(self.slots.len());
    }

    fn watch(&mut self, watched: Watched) {
        let id = watched.id.clone();
        let known = self.known_of(watched.person.as_ref());
        let slot = match self.slots.entry(id.clone()) {
            Entry::Occupied(known) => {
                let slot = known.into_mut();
                let same = slot.watched.person == watched.person;
                slot.watched = watched;
                if same {
                    return;
                }
                slot
            }
            Entry::Vacant(new) => {
                let ledger = self.ledger.get(&id).cloned().unwrap_or_default();
                new.insert(Slot::new(watched, &self.policy, ledger))
            }
        };
        // Of another human what was known says nothing.
        slot.person = known.unwrap_or_else(|| Person::new(Profile::WEBEX));
        if self.feed_lost {
            slot.person.lose_source(self.clock.now());
        }
        self.wake_person(&id);
    }

    /// What another agent's slot knows of this human: Webex tells it once, not once per agent.
    fn known_of(&self, person: Option<&PersonId>) -> Option<Person> {
        let person = person?;
        let same = |slot: &&Slot| slot.watched.person.as_ref() == Some(person);
        let known = self.by_person.get(person)?.iter().filter_map(|id| self.slots.get(id));
        known.filter(same).map(|slot| slot.person.untold()).next()
    }

    fn remove(&mut self, id: &AgentId) {
        self.unschedule(id);
        if let Some(slot) = self.slots.remove(id) {
            report::unwatched(&slot.watched, slot.agent.ledger().hold.is_some());
        }
    }

    fn set_policy(&mut self, policy: Policy) {
        for slot in self.slots.values_mut() {
            slot.agent.set_settings(policy.agent.clone());
        }
        self.policy = policy;
        for id in self.ids() {
            self.wake_person(&id);
        }
    }

    // === what happens ===

    fn feed(&mut self, event: FeedEvent) {
        report::feed(&event);
        match event {
            FeedEvent::Live { .. } | FeedEvent::Polling { .. } => self.feed_lost = false,
            FeedEvent::Lost { .. } => self.lose_feed(),
            FeedEvent::Refused { person, .. } => {
                let now = self.clock.now();
                for id in self.by_person.get(&person).cloned().unwrap_or_default() {
                    if let Some(slot) = self.slots.get_mut(&id) {
                        slot.person.lose_source(now);
                    }
                    self.schedule(&id);
                }
            }
            FeedEvent::Observed { person, observation } => {
                let now = self.clock.now();
                for id in self.by_person.get(&person).cloned().unwrap_or_default() {
                    let Some(slot) = self.slots.get_mut(&id) else { continue };
                    let (rules, settings) = (&self.policy.rules, &self.policy.presence);
                    let outputs = slot.person.observe(now, observation.clone(), rules, settings);
                    self.take_presence(&id, outputs);
                }
            }
        }
    }

    fn lose_feed(&mut self) {
        self.feed_lost = true;
        let now = self.clock.now();
        for id in self.ids() {
            if let Some(slot) = self.slots.get_mut(&id) {
                slot.person.lose_source(now);
            }
            self.schedule(&id);
        }
    }

    fn take_presence(&mut self, id: &AgentId, outputs: Vec<PresenceOutput>) {
        for output in outputs {
            match output {
                PresenceOutput::Want(want) => self.step(id, Input::Want(want)),
                PresenceOutput::Anomaly(anomaly) => report::anomaly(id, anomaly),
            }
        }
        self.schedule(id);
    }

    fn seen(&mut self, id: &AgentId, asked_at: Time, view: AgentView) {
        let clock_ahead_ms = self.clock_ahead_ms;
        self.step(id, Input::Seen { view, asked_at, clock_ahead_ms });
    }

    fn step(&mut self, id: &AgentId, input: Input) {
        let now = self.clock.now();
        let Some(slot) = self.slots.get_mut(id) else { return };
        let outputs = slot.agent.step(now, input);
        for output in outputs {
            self.carry_out(id, output);
        }
        self.schedule(id);
    }

    fn carry_out(&mut self, id: &AgentId, output: Output) {
        match output {
            Output::Record(entry) => self.record(id, entry),
            Output::Send(request) => {
                let seen_at = self.slots.get(id).and_then(|slot| slot.agent.seen_at());
                let seen_at = seen_at.unwrap_or_default();
                self.push(id, Task::Change { request, seen_at });
            }
            Output::Look(why) => {
                report::look(why);
                self.push(id, Task::Look);
            }
            Output::Decided(decision) => {
                if let Some(slot) = self.slots.get_mut(id) {
                    report::decision(&slot.watched, &decision);
                    slot.why = decision.text;
                }
            }
        }
    }

    fn record(&mut self, id: &AgentId, entry: LedgerEntry) {
        self.commit.entries.push((id.clone(), entry.clone()));
        if entry.is_empty() {
            self.ledger.remove(id);
        } else {
            self.ledger.insert(id.clone(), entry);
        }
    }

    fn push(&mut self, id: &AgentId, task: Task) {
        if let Some(slot) = self.slots.get(id) {
            let team = slot.watched.team.clone();
            self.commit.jobs.push(Job { agent: id.clone(), team, task });
        }
    }

    // === time ===

    fn wake(&mut self) {
        let now = self.clock.now();
        let due: Vec<AgentId> =
            self.wakes.iter().take_while(|(at, _)| *at <= now).map(|(_, id)| id.clone()).collect();
        for id in due {
            self.unschedule(&id);
            self.wake_person(&id);
            self.step(&id, Input::Wake);
        }
    }

    fn wake_person(&mut self, id: &AgentId) {
        let now = self.clock.now();
        let Some(slot) = self.slots.get_mut(id) else { return };
        let want = slot.person.wake(now, &self.policy.rules, &self.policy.presence);
        self.take_presence(id, want.map(PresenceOutput::Want).into_iter().collect());
    }

    fn schedule(&mut self, id: &AgentId) {
        self.unschedule(id);
        if let Some(slot) = self.slots.get_mut(id) {
            slot.wake_at = slot.next_wake(&self.policy.presence);
            if let Some(at) = slot.wake_at {
                self.wakes.insert((at, id.clone()));
            }
        }
    }

    fn unschedule(&mut self, id: &AgentId) {
        if let Some(at) = self.slots.get_mut(id).and_then(|slot| slot.wake_at.take()) {
            self.wakes.remove(&(at, id.clone()));
        }
    }

    // === for people ===

    fn ids(&self) -> Vec<AgentId> {
        let mut ids: Vec<AgentId> = self.slots.keys().cloned().collect();
        ids.sort();
        ids
    }

    fn rows(&self) -> Vec<Row> {
        let now = self.clock.now();
        let slots = self.ids().into_iter().filter_map(|id| self.slots.get(&id));
        slots.map(|slot| slot.row(now, &self.policy.presence)).collect()
    }
}

async fn sleep_until(instant: Option<tokio::time::Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant).await,
        None => std::future::pending().await,
    }
}
