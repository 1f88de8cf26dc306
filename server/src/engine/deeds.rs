//! What supervisors ask for: an agent is left alone, or released, a team is paused.
//!
//! Nothing here overrides a law. A release is a Free that is wanted until Webex says something
//! else, so that only a hold is ever released (law 1); a pause is a schedule that is closed.

use std::sync::Arc;

use lockstep_core::agent::{Input, LedgerEntry, Snooze};
use lockstep_core::presence::{Facts, Want};
use lockstep_core::protocol::ToGadget;
use lockstep_core::rules::Wanted;
use lockstep_core::{AgentId, TeamId, Time};

use super::decider::Decider;
use super::task::Engine;
use super::{Policy, Watched};
use crate::journal::{Deed as Kept, Record};

/// The rule that stands for a supervisor's release.
const RELEASED: &str = "released by a supervisor";

/// What is asked for an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Leave the agent alone.
    Snooze(Snooze),
    /// No longer.
    Unsnooze,
    /// Make the agent Ready although Webex is busy, and leave that until it says something else.
    Release,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// It is done, or under way.
    Done,
    /// Nobody watches the agent, or anybody of the team.
    NotWatched,
    /// The agent is not held, so there is nothing to release.
    NotHeld,
    /// A dry run touches nobody.
    DryRun,
}

impl Deed {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Snooze(_) => "snooze",
            Self::Unsnooze => "unsnooze",
            Self::Release => "release",
        }
    }
}

impl Engine {
    /// Does what `actor` asks for an agent.
    pub(super) fn ask(&mut self, id: &AgentId, deed: Deed, actor: Arc<str>) -> Told {
        let Some(slot) = self.slots.get(id) else { return Told::NotWatched };
        let who = Arc::clone(&slot.watched);
        let until = match deed {
            Deed::Snooze(snooze) => {
                let until = snooze.as_time();
                self.wish(id, &ToGadget::Snooze { until }, Input::Snooze { until });
                Some(snooze).and_then(|snooze| match snooze {
                    Snooze::Until(until) => Some(until),
                    Snooze::UntilPresenceChanges | Snooze::UntilSignIn => None,
                })
            }
            Deed::Unsnooze => {
                self.wish(id, &ToGadget::Unsnooze, Input::Unsnooze);
                None
            }
            Deed::Release => match self.release(id) {
                Told::Done => None,
                refused => return refused,
            },
        };
        self.schedule(id);
        self.take_down(Kept {
            at: self.clock.now(),
            actor,
            what: deed.as_str(),
            who: Some(who),
            team: None,
            until,
        });
        Told::Done
    }

    /// Whoever acts is told; where nobody does, the ledger takes it.
    fn wish(&mut self, id: &AgentId, message: &ToGadget, input: Input) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        let mut stuck = Vec::new();
        match (slot.tabs.writer(), &mut slot.decider) {
            (Some(writer), _) => slot.tabs.send(writer, message.clone(), &mut stuck),
            (None, Decider::Server(_) | Decider::Rehearsed(_)) => self.step(id, input),
            (None, Decider::Gadget(account)) => {
                match input {
                    Input::Snooze { until } => account.ledger.snooze(until),
                    _ => account.ledger.unsnooze(None),
                }
                account.ledger.term = slot.tabs.writers.own_turn();
                let entry: LedgerEntry = account.ledger.clone();
                self.record_of_gadget(id, entry);
            }
        }
        self.drop_stuck(id, stuck);
    }

    fn release(&mut self, id: &AgentId) -> Told {
        let now = self.clock.now();
        let Some(slot) = self.slots.get(id) else { return Told::NotWatched };
        if matches!(slot.decider, Decider::Rehearsed(_)) {
            return Told::DryRun;
        }
        if slot.decider.ledger().hold.is_none() {
            return Told::NotHeld;
        }
        let free = Want {
            seq: 0,
            wanted: Wanted::Free,
            rule: Arc::from(RELEASED),
            facts: Facts::new(),
            since: now,
            at: now,
            may_be_contact_call: false,
            spared: false,
        };
        let want = slot.decider.want().map_or(free.clone(), |want| Want {
            seq: want.seq,
            facts: want.facts.clone(),
            since: want.since,
            ..free
        });
        self.want(id, want);
        Told::Done
    }

    /// Leaves a whole team alone until then, or no longer.
    pub(super) fn pause(&mut self, team: &TeamId, until: Option<Time>, actor: Arc<str>) -> Told {
        if !self.slots.values().any(|slot| slot.watched.team == *team) {
            return Told::NotWatched;
        }
        match until {
            Some(until) => self.paused.insert(team.clone(), until),
            None => self.paused.remove(team),
        };
        self.apply_to_team(team);
        let what = if until.is_some() { "pause" } else { "resume" };
        let (at, team) = (self.clock.now(), Some(team.clone()));
        self.take_down(Kept { at, actor, what, who: None, team, until });
        Told::Done
    }

    /// Pauses whose time is over.
    pub(super) fn end_pauses(&mut self, now: Time) {
        let over: Vec<TeamId> = self
            .paused
            .iter()
            .filter(|(_, until)| **until <= now)
            .map(|(team, _)| team.clone())
            .collect();
        for team in over {
            self.paused.remove(&team);
            self.apply_to_team(&team);
        }
    }

    fn apply_to_team(&mut self, team: &TeamId) {
        for id in self.ids() {
            if self.slots.get(&id).is_some_and(|slot| slot.watched.team == *team) {
                self.apply_policy(&id);
            }
        }
    }

    /// The policy of somebody, off duty while their team is paused; is it?
    pub(super) fn policy_of(&self, watched: &Watched) -> (Arc<Policy>, bool) {
        let policy = self.policies.of(watched);
        let is_paused = self.paused.contains_key(&watched.team);
        if !is_paused {
            return (Arc::clone(policy), false);
        }
        let mut off_duty = Policy::clone(policy);
        off_duty.presence.on_duty = false;
        (Arc::new(off_duty), true)
    }

    /// Somebody asked for something that no agent's machine decides.
    pub(super) fn take_down(&mut self, deed: Kept) {
        self.decided.push(Record::Deed(Box::new(deed)));
    }
}
