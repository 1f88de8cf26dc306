//! What is due later: CTI answers and the ends of wrap-ups.

use std::time::Duration;

use jiff::Timestamp;

use super::Centre;
use super::state::Via;
use super::user::{Cause, CtiPlan, Order};

/// Requests that may wait for one user; more than any client of ours has in flight.
const QUEUE_LIMIT: usize = 256;

/// What a timer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timer {
    /// CTI answers the request at the head of the user's queue.
    Cti,
    /// The wrap-up with this mark ends.
    WrapUp(u64),
}

impl Centre {
    /// When something is due next.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.timers.first_key_value().map(|((at, _), _)| *at)
    }

    /// Lets everything happen that is due until `now`, in order and each at its own time.
    pub(crate) fn advance(&mut self, now: Timestamp) {
        while self.next_due().is_some_and(|due| due <= now) {
            let Some(((at, _), (login_id, timer))) = self.timers.pop_first() else { return };
            match timer {
                Timer::Cti => self.answer_cti(&login_id, at),
                Timer::WrapUp(mark) => self.end_wrap_up(&login_id, mark, at),
            }
        }
    }

    pub(super) fn set_timer(&mut self, at: Timestamp, login_id: &str, timer: Timer) {
        let seq = self.draw_seq();
        self.timers.insert((at, seq), (login_id.to_owned(), timer));
    }

    /// Puts an accepted request into the user's queue; the next one starts only after CTI answered
    /// the one before (Finesse notes 1.2). `false`: the queue is full.
    pub(crate) fn submit(
        &mut self,
        login_id: &str,
        order: Order,
        plan: CtiPlan,
        now: Timestamp,
    ) -> bool {
        let Some(user) = self.user_mut(login_id) else { return false };
        if user.queue.len() >= QUEUE_LIMIT {
            return false;
        }
        let delay = plan.delay;
        user.queue.push_back((order, plan));
        user.most_queued = user.most_queued.max(user.queue.len());
        if user.queue.len() == 1 {
            self.set_timer(later(now, delay), login_id, Timer::Cti);
        }
        true
    }

    fn answer_cti(&mut self, login_id: &str, at: Timestamp) {
        let Some(user) = self.user_mut(login_id) else { return };
        let Some((order, plan)) = user.queue.pop_front() else { return };
        let next = user.queue.front().map(|(_, next)| next.delay);
        self.finish(login_id, &order, &plan.ending, at);
        if let Some(delay) = next {
            self.set_timer(later(at, delay), login_id, Timer::Cti);
        }
    }

    fn end_wrap_up(&mut self, login_id: &str, mark: u64, at: Timestamp) {
        let Some(user) = self.user_mut(login_id) else { return };
        match &user.after_wrap_up {
            Some((standing, current)) if *current == mark => {
                let standing = standing.clone();
                self.enter(login_id, standing, &Cause::system(Via::Timer), at);
            }
            _ => {}
        }
    }

    /// Requests accepted and not yet answered, of all users.
    pub(super) fn forget_queues(&mut self) {
        self.timers.retain(|_, (_, timer)| *timer != Timer::Cti);
        let ids: Vec<String> = self.users.keys().cloned().collect();
        for id in ids {
            if let Some(user) = self.user_mut(&id) {
                user.queue.clear();
            }
        }
    }
}

/// `at` plus `delay`, or `at` where the calendar ends.
pub(crate) fn later(at: Timestamp, delay: Duration) -> Timestamp {
    at.checked_add(delay).unwrap_or(at)
}
