//! Who is left READY because the team would fall below its floor: the engine tells
//! `lockstep_core::staffing` what it knows, and each agent's machine what follows.

use std::collections::BTreeSet;

use lockstep_core::agent::Input;
use lockstep_core::finesse::{AgentState, AgentView, Target};
use lockstep_core::presence::Want;
use lockstep_core::staffing::{Stage, Wish};
use lockstep_core::{AgentId, TeamId, Time};

use super::decider::Decider;
use super::report;
use super::slot::Slot;
use super::task::Engine;
use crate::finesse::Member;

impl Engine {
    /// Something else is wanted of the agent, who waits for the team's count before anything is done.
    pub(super) fn want(&mut self, id: &AgentId, want: Want) {
        let Some(slot) = self.slots.get(id).filter(|_| self.policies.have_floor()) else {
            return self.step(id, Input::Want(want));
        };
        let (team, wish) = (slot.watched.team.clone(), slot.wish(&want));
        let was = slot.decider.want().is_some_and(|want| want.spared);
        self.staffing.wish(&team, id, wish);
        let mut changed = self.staffing.decide(&team);
        let spared = self.staffing.is_spared(&team, id);
        changed.remove(id);
        if spared && !was {
            self.report_spared(id);
        }
        self.step(id, Input::Want(Want { spared, ..want }));
        self.tell_spared(&team, changed);
    }

    /// A whole team was read: it counts as a whole, before anybody of it moves.
    pub(super) fn read_team(&mut self, team: &TeamId, asked_at: Time, members: Vec<Member>) {
        if self.policies.have_floor() {
            let shown = members.iter().map(|member| {
                let state = match self.slots.get(&member.id) {
                    // A look that is older than what was seen says nothing.
                    Some(slot) if slot.decider.seen_at().is_some_and(|seen| seen > asked_at) => {
                        slot.counted()
                    }
                    Some(slot) => Some(slot.state_over(&member.view)),
                    None => Some(member.view.state),
                };
                (member.id.clone(), state.unwrap_or(AgentState::Unknown))
            });
            let shown: Vec<_> = shown.collect();
            self.staffing.read(team, shown);
            self.spare(team);
        }
        for member in members {
            self.seen(&member.id, asked_at, member.view);
        }
    }

    /// The agent's state, or what is to become of them, is another.
    pub(super) fn staff(&mut self, id: &AgentId) {
        let Some(slot) = self.slots.get(id) else { return };
        if !self.policies.have_floor() {
            // Who was left for a floor that is there no more.
            if slot.decider.want().is_some_and(|want| want.spared) {
                let team = slot.watched.team.clone();
                self.tell_spared(&team, BTreeSet::from([id.clone()]));
            }
            return;
        }
        let wish = slot.decider.want().and_then(|want| slot.wish(want));
        let team = slot.watched.team.clone();
        if let Some(state) = slot.counted() {
            self.staffing.saw(&team, id, state);
        }
        self.staffing.wish(&team, id, wish);
        let mut changed = self.staffing.decide(&team);
        // The wish itself may have decided about the one whose it is.
        changed.insert(id.clone());
        self.tell_spared(&team, changed);
    }

    /// The agent is about to be seen so: the count comes before what follows from it.
    pub(super) fn staff_before(&mut self, id: &AgentId, asked_at: Time, view: &AgentView) {
        let Some(slot) = self.slots.get(id).filter(|_| self.policies.have_floor()) else { return };
        if slot.decider.seen_at().is_some_and(|seen| seen > asked_at) {
            return;
        }
        let (team, state) = (slot.watched.team.clone(), slot.state_over(view));
        self.staffing.saw(&team, id, state);
        self.spare(&team);
    }

    /// Tells those for whom it has changed whether they may be taken.
    fn spare(&mut self, team: &TeamId) {
        let changed = self.staffing.decide(team);
        self.tell_spared(team, changed);
    }

    fn tell_spared(&mut self, team: &TeamId, changed: BTreeSet<AgentId>) {
        for id in changed {
            let spared = self.staffing.is_spared(team, &id);
            let want = self.slots.get(&id).and_then(|slot| slot.decider.want());
            let Some(want) = want.filter(|want| want.spared != spared).cloned() else { continue };
            if spared {
                self.report_spared(&id);
            }
            self.step(&id, Input::Want(Want { spared, ..want }));
        }
    }

    fn report_spared(&self, id: &AgentId) {
        if let Some(slot) = self.slots.get(id) {
            report::spared(&slot.watched, &slot.policy);
        }
    }
}

impl Slot {
    /// The state that counts: in a dry run the one that would be shown.
    fn counted(&self) -> Option<AgentState> {
        match &self.decider {
            Decider::Rehearsed(rehearsal) => rehearsal.agent().view().map(|view| view.state),
            decider => decider.view().map(|view| view.state),
        }
    }

    fn state_over(&self, view: &AgentView) -> AgentState {
        match &self.decider {
            Decider::Rehearsed(rehearsal) => rehearsal.state_over(view),
            _ => view.state,
        }
    }

    /// What `want` means to the team's count; nothing where it takes nobody.
    fn wish(&self, want: &Want) -> Option<Wish> {
        if !want.wanted.is_busy() {
            return None;
        }
        let ledger = match self.decider.machine() {
            Some(agent) => agent.ledger(),
            None => self.decider.ledger(),
        };
        let asks = self.decider.machine().is_some_and(|agent| agent.awaits(Target::NotReady));
        let stage = if ledger.hold.is_some() {
            Stage::Done
        } else if asks {
            Stage::UnderWay
        } else if ledger.quiet.is_some() {
            Stage::Dropped
        } else {
            Stage::Waiting
        };
        Some(Wish {
            floor: self.policy.staffing_floor,
            since: want.at,
            on_phone: want.may_be_contact_call,
            stage,
        })
    }
}
