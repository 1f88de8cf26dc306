//! Who is watched: agents come, go, and turn out to be other humans.

use std::collections::BTreeSet;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use lockstep_core::agent::{Answer, Input};
use lockstep_core::presence::{Person, Profile};
use lockstep_core::rules::Mode;
use lockstep_core::staffing::Staffing;
use lockstep_core::{AgentId, PersonId, Time};

use super::decider::Decider;
use super::slot::Slot;
use super::task::Engine;
use super::{Policies, Roster, Watched, Way, report};
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
        let (mut other, mut moved) = (false, false);
        let policy = self.policy_of(&watched);
        let slot = match self.slots.entry(id.clone()) {
            Entry::Occupied(known) => {
                let slot = known.into_mut();
                let same = slot.watched.person == watched.person;
                moved = slot.watched.team != watched.team
                    || slot.watched.team_name != watched.team_name
                    || slot.watched.login_name != watched.login_name;
                if moved {
                    self.staffing.forget(&slot.watched.team, &id);
                }
                other = !same && slot.watched.person.is_some();
                let renamed = *slot.watched != watched;
                if renamed {
                    slot.watched = Arc::new(watched);
                }
                if same {
                    if renamed {
                        self.is_news(&id);
                    }
                    if moved {
                        self.apply_policy(&id);
                    }
                    return;
                }
                slot
            }
            Entry::Vacant(new) => {
                let ledger = self.ledger.get(&id).cloned().unwrap_or_default();
                let now = self.clock.now();
                let (policy, paused) = policy;
                let mut slot = Slot::new(watched, policy, ledger, self.last_number, now);
                slot.paused = paused;
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
        if moved {
            self.apply_policy(&id);
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
        self.is_gone(id);
        self.staffing.wish(&slot.watched.team, id, None);
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
        if let Some(slot) = self.slots.get_mut(id)
            && answer == Answer::Accepted
        {
            let took = slot.asked_at.take().map(|asked| way.answered_at.since(asked));
            slot.latency_ms = took.map(|took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
        }
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

    pub(super) fn set_policies(&mut self, policies: Policies) {
        self.policies = policies;
        if !self.policies.have_floor() {
            self.staffing = Staffing::default();
        }
        self.keep_time(self.clock.now());
    }

    /// Schedules open and close, and everybody hears of their policy as it is now.
    pub(super) fn keep_time(&mut self, now: Time) {
        self.policies.keep_time(now);
        self.rounds.schedule_at = self.policies.next_change(now);
        for id in self.ids() {
            self.apply_policy(&id);
        }
    }

    /// The agent's policy is another one, or is another than it was.
    pub(super) fn apply_policy(&mut self, id: &AgentId) {
        let Some(slot) = self.slots.get(id) else { return };
        let (policy, paused) = self.policy_of(&slot.watched);
        let Some(slot) = self.slots.get_mut(id) else { return };
        slot.paused = paused;
        let before = std::mem::replace(&mut slot.policy, Arc::clone(&policy));
        if !Arc::ptr_eq(&before, &policy) {
            slot.decider.set_settings(policy.agent.clone());
            if before.for_gadget() != policy.for_gadget()
                || before.gadget.mode != policy.gadget.mode
            {
                self.part_from_gadgets(id, "the configuration has changed");
            } else if slot.tabs.parting.is_none() {
                self.change_sides(id);
            }
        }
        self.wake_person(id);
        // A floor, or none, may change what was decided for the want that stands.
        self.staff(id);
    }

    /// The policy may ask for another side to decide. What the server itself has asked for is
    /// finished first (law 4): see [`Engine::hand_over`].
    pub(super) fn change_sides(&mut self, id: &AgentId) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        let (settings, mode) = (slot.policy.agent.clone(), slot.policy.gadget.mode);
        let want = match &mut slot.decider {
            decider if slot.policy.gadget.dry_run => {
                let begins = !matches!(decider, Decider::Rehearsed(_));
                if begins && decider.ledger().hold.is_some() {
                    report::rehearsed_while_held(&slot.watched);
                }
                slot.tabs.writers.set_open(false);
                decider.rehearse(settings)
            }
            decider @ Decider::Rehearsed(_) => decider.in_earnest(settings),
            decider @ Decider::Gadget(_) if mode == Mode::Server => {
                slot.tabs.writers.set_open(false);
                slot.tabs.shown = None;
                decider.take_over(settings)
            }
            _ => None,
        };
        if let Some(want) = want {
            self.step(id, Input::Want(want));
        }
        self.hand_over_when_idle(id);
        // Where nobody's gadget was ever to come, nobody counted how long it is away.
        let now = self.clock.now();
        if let Some(slot) = self.slots.get_mut(id)
            && mode.has_server()
            && matches!(slot.decider, Decider::Gadget(_))
            && !slot.tabs.writers.has_healthy()
        {
            slot.tabs.alone_since.get_or_insert(now);
        }
    }
}
