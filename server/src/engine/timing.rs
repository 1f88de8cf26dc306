//! When what is due: the agents' own timers, the search for drift, the gauges.

use std::time::Duration;

use lockstep_core::agent::Input;
use lockstep_core::{AgentId, Time};

use super::report;
use super::slot::Slot;
use super::task::Engine;

/// Drift is looked for this often unless the configuration says otherwise (S0-21).
const RECONCILE_EVERY: Duration = Duration::from_mins(5);
/// Whoever was seen within this needs no look of their own; as long as the longest interval of
/// polling.
const SEEN_LATELY: Duration = Duration::from_mins(1);
/// How often the gauges are set; a walk over ten thousand agents takes less than a millisecond.
const MEASURE_EVERY: Duration = Duration::from_secs(1);

/// What is done at intervals.
#[derive(Debug)]
pub(super) struct Rounds {
    pub(super) reconcile_every: Duration,
    reconcile_at: Time,
    measure_at: Time,
    /// When a schedule opens or closes.
    pub(super) schedule_at: Option<Time>,
}

impl Rounds {
    pub(super) fn starting(now: Time, schedule_at: Option<Time>) -> Self {
        Self {
            reconcile_every: RECONCILE_EVERY,
            reconcile_at: now.after(RECONCILE_EVERY),
            measure_at: now.after(MEASURE_EVERY),
            schedule_at,
        }
    }

    pub(super) fn reconciling(&mut self, every: Duration, now: Time) {
        self.reconcile_every = every;
        self.reconcile_at = now.after(every);
    }
}

impl Engine {
    /// When something is due next.
    pub(super) fn next_due(&self) -> Time {
        let agents = self.wakes.first().map(|(at, _)| *at);
        let rounds = self.rounds.reconcile_at.min(self.rounds.measure_at);
        let pauses = self.paused.values().copied();
        agents.into_iter().chain(self.rounds.schedule_at).chain(pauses).fold(rounds, Time::min)
    }

    /// Does what is due.
    pub(super) fn wake(&mut self) {
        let now = self.clock.now();
        let due: Vec<AgentId> =
            self.wakes.iter().take_while(|(at, _)| *at <= now).map(|(_, id)| id.clone()).collect();
        for id in due {
            self.unschedule(&id);
            self.wake_person(&id);
            self.gadgets_due(&id);
            self.step(&id, Input::Wake);
        }
        self.end_pauses(now);
        if self.rounds.schedule_at.is_some_and(|at| now >= at) {
            self.keep_time(now);
        }
        if now >= self.rounds.reconcile_at {
            self.rounds.reconcile_at = now.after(self.rounds.reconcile_every);
            self.reconcile(now);
        }
        if now >= self.rounds.measure_at {
            self.rounds.measure_at = now.after(MEASURE_EVERY);
            self.measure(now);
        }
    }

    /// Everybody whom no poll has shown lately is looked at: moved to another team, deleted, or in
    /// a team that cannot be read (S0-15, S0-21).
    fn reconcile(&mut self, now: Time) {
        let since = now.before(SEEN_LATELY);
        let unseen = |slot: &Slot| slot.decider.seen_at().is_none_or(|at| at < since);
        let count = self.slots.values().filter(|slot| unseen(slot)).count();
        report::reconciled(self.slots.len(), count);
        self.step_all(&Input::Reconcile { since });
    }

    fn measure(&self, now: Time) {
        let held = self.slots.values().filter(|slot| slot.decider.ledger().hold.is_some()).count();
        let is_stale = |slot: &Slot| slot.person.is_stale(now, &slot.policy.presence);
        let stale = self.slots.values().filter(|slot| is_stale(slot)).count();
        report::gauges(held, stale);
        report::at_floor(self.staffing.teams_at_floor());
        let gadgets = self.slots.values().map(|slot| slot.tabs.len()).sum();
        let acting = self.slots.values().filter(|slot| slot.tabs.writer().is_some()).count();
        let since = now.before(SEEN_LATELY);
        let alone = self.slots.values().filter(|slot| slot.is_alone(since)).count();
        report::gadgets(gadgets, acting, alone);
    }

    pub(super) fn schedule(&mut self, id: &AgentId) {
        self.tell_loss(id);
        self.is_news(id);
        self.unschedule(id);
        let now = self.clock.now();
        if let Some(slot) = self.slots.get_mut(id) {
            slot.wake_at = slot.next_wake(now);
            if let Some(at) = slot.wake_at {
                self.wakes.insert((at, id.clone()));
            }
        }
    }

    pub(super) fn unschedule(&mut self, id: &AgentId) {
        if let Some(at) = self.slots.get_mut(id).and_then(|slot| slot.wake_at.take()) {
            self.wakes.remove(&(at, id.clone()));
        }
    }
}
