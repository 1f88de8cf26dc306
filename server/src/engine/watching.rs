//! Who is watched: agents come, go, and turn out to be other humans.

use std::collections::BTreeSet;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use lockstep_core::agent::{Answer, Input};
use lockstep_core::presence::{Person, Profile};
use lockstep_core::{AgentId, PersonId};

use super::slot::Slot;
use super::task::Engine;
use super::{Policy, Roster, Watched, Way, report};
use crate::journal::{Answered, Record};

impl Engine {
    pub(super) fn set_roster(&mut self, roster: Roster) {
        let wanted: BTreeSet<&AgentId> = roster.agents.iter().map(|agent| &agent.id).collect();
        // While those who leave still have a name.
        self.tell();
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
        let mut other = false;
        let slot = match self.slots.entry(id.clone()) {
            Entry::Occupied(known) => {
                let slot = known.into_mut();
                let same = slot.watched.person == watched.person;
                other = !same && slot.watched.person.is_some();
                if *slot.watched != watched {
                    slot.watched = Arc::new(watched);
                }
                if same {
                    return;
                }
                slot
            }
            Entry::Vacant(new) => {
                let ledger = self.ledger.get(&id).cloned().unwrap_or_default();
                let now = self.clock.now();
                let slot = Slot::new(watched, &self.policy, ledger, self.last_number, now);
                new.insert(Box::new(slot))
            }
        };
        // Of another human what was known says nothing.
        slot.person = known.unwrap_or_else(|| Person::new(Profile::WEBEX));
        if self.feed_lost.is_some() {
            slot.person.lose_source(self.clock.now());
        }
        if other {
            report::other_person(&slot.watched);
            self.step(&id, Input::OtherPerson);
        }
        self.wake_person(&id);
    }

    /// What another agent's slot knows of this human: Webex tells it once, not once per agent.
    fn known_of(&self, person: Option<&PersonId>) -> Option<Person> {
        let person = person?;
        let mut known = self.by_person.get(person)?.iter().filter_map(|id| self.slots.get(id));
        let same = known.find(|slot| slot.watched.person.as_ref() == Some(person))?;
        Some(same.person.untold())
    }

    fn remove(&mut self, id: &AgentId) {
        self.unschedule(id);
        self.send_gadgets_away(id, "this agent is no longer watched");
        self.unschedule(id);
        let Some(slot) = self.slots.remove(id) else { return };
        // Whoever comes back is numbered on: an answer may still be under way.
        self.last_number = self.last_number.max(slot.decider.last_number());
        report::unwatched(&slot.watched, slot.decider.ledger().hold.is_some());
        // The intent of a request stays in the ledger for as long as that is under way.
        if !slot.decider.is_asking() {
            self.forget_claim(id);
        }
    }

    /// An answer; where nobody is watched any more, no more is to be had of the request.
    pub(super) fn answered(&mut self, id: &AgentId, request: u64, answer: Answer, way: Way) {
        // Before what follows from it.
        self.decided.push(Record::Answered(Box::new(Answered {
            agent: id.clone(),
            request,
            answer,
            sent_at: way.sent_at,
            answered_at: way.answered_at,
            detail: way.detail,
        })));
        if self.slots.contains_key(id) {
            self.step(id, Input::Answered { request, answer });
        } else {
            self.forget_claim(id);
        }
    }

    /// Whoever comes back may have been made anew in Finesse and have signed in meanwhile, which
    /// must not pass for the effect of a request from before (law 1). What that request still does
    /// is then left alone: the safe side.
    pub(super) fn forget_claim(&mut self, id: &AgentId) {
        let Some(mut entry) = self.ledger.get(id).cloned() else { return };
        if entry.claim.take().is_some() {
            self.record_own(id, entry);
        }
    }

    pub(super) fn set_policy(&mut self, policy: Policy) {
        for slot in self.slots.values_mut() {
            slot.decider.set_settings(policy.agent.clone());
        }
        let before = self.policy.for_gadget();
        // Who sets the states is read at start only.
        let mode = self.policy.gadget.mode;
        self.policy = policy;
        self.policy.gadget.mode = mode;
        let changed = before != self.policy.for_gadget();
        for id in self.ids() {
            if changed {
                self.send_gadgets_away(&id, "the configuration has changed");
            }
            self.wake_person(&id);
        }
    }
}
