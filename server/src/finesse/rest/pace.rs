//! How fast we ask: a burst after quiet times, then an even rate, the most urgent first.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::urgency::{Place, Places, Urgency};

/// A leaky bucket with a queue before it. Bounded by the accounts' turns: whoever waits here has
/// one.
#[derive(Debug)]
pub(super) struct Pace {
    gap: Duration,
    burst: Duration,
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    /// When the bucket will be empty again.
    empty_at: Option<Instant>,
    waiting: BTreeSet<Place>,
    places: Places,
}

/// The turn would come after the deadline.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLate {
    /// When it would come.
    pub(super) at: Instant,
}

impl Pace {
    pub(super) fn new(per_second: u32, burst: u32) -> Self {
        let gap = Duration::from_secs(1) / per_second;
        Self { gap, burst: gap.saturating_mul(burst - 1), queue: Mutex::default() }
    }

    /// Waits for a turn, or tells at once that it comes too late. `held` is asked again and again:
    /// nobody gets a turn before that.
    pub(super) async fn turn(
        &self,
        urgency: Urgency,
        deadline: Instant,
        held: impl Fn() -> Option<Instant>,
    ) -> Result<(), TooLate> {
        let place = self.queue().join(urgency);
        let _leaves = Leaves { pace: self, place };
        loop {
            let Err(at) = self.try_now(place, held()) else { return Ok(()) };
            if at > deadline {
                return Err(TooLate { at });
            }
            sleep_until(at).await;
        }
    }

    /// Takes the turn if it has come, or tells when it comes.
    fn try_now(&self, place: Place, held: Option<Instant>) -> Result<(), Instant> {
        let mut queue = self.queue();
        let now = Instant::now();
        let at = queue.turn_of(place, now, self.gap, self.burst).max(held.unwrap_or(now));
        if at > now {
            return Err(at);
        }
        queue.take(now, self.gap);
        Ok(())
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn join(&mut self, urgency: Urgency) -> Place {
        let place = self.places.take(Instant::now(), urgency);
        self.waiting.insert(place);
        place
    }

    /// When it is the turn of `place`, should nobody more urgent come.
    fn turn_of(&self, place: Place, now: Instant, gap: Duration, burst: Duration) -> Instant {
        let before = u32::try_from(self.waiting.range(..place).count()).unwrap_or(u32::MAX);
        let level = self.level(now) + gap.saturating_mul(before);
        now + level.saturating_sub(burst)
    }

    fn take(&mut self, now: Instant, gap: Duration) {
        self.empty_at = Some(now + self.level(now) + gap);
    }

    fn level(&self, now: Instant) -> Duration {
        self.empty_at.map_or(Duration::ZERO, |at| at.saturating_duration_since(now))
    }
}

/// Leaves the queue when dropped, served or not.
struct Leaves<'a> {
    pace: &'a Pace,
    place: Place,
}

impl Drop for Leaves<'_> {
    fn drop(&mut self) {
        self.pace.queue().waiting.remove(&self.place);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;
    use tokio::time::advance;

    use super::*;
    use Urgency::{Look, MakeAvailable, MakeUnavailable, Routine};

    const LONG: Duration = Duration::from_mins(1);

    async fn turn(pace: &Pace, urgency: Urgency, within: Duration) -> Option<u128> {
        let began = Instant::now();
        let turn = pace.turn(urgency, began + within, || None).await;
        turn.is_ok().then(|| began.elapsed().as_millis())
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_goes_at_once_and_the_rest_evenly() {
        let pace = Pace::new(50, 3);
        let turns = (0..6).map(|_| turn(&pace, Routine, Duration::from_millis(50)));
        let waits = join_all(turns).await;
        assert_eq!(waits, [Some(0), Some(0), Some(0), Some(20), Some(40), None]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_quiet_time_fills_the_burst_again_and_no_more() {
        let pace = Pace::new(10, 2);
        for _ in 0..2 {
            for _ in 0..2 {
                assert_eq!(turn(&pace, Routine, Duration::ZERO).await, Some(0));
            }
            assert_eq!(turn(&pace, Routine, Duration::ZERO).await, None);
            advance(Duration::from_hours(1)).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_comes_later_and_is_more_urgent_goes_first() {
        let pace = Pace::new(10, 1);
        assert_eq!(turn(&pace, Routine, LONG).await, Some(0));
        let late = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            turn(&pace, MakeUnavailable, LONG).await
        };
        let (poll, look, ready, not_ready) = tokio::join!(
            turn(&pace, Routine, LONG),
            turn(&pace, Look, LONG),
            turn(&pace, MakeAvailable, LONG),
            late,
        );
        assert_eq!(
            [not_ready, ready, look, poll],
            [Some(50), Some(200), Some(300), Some(400)],
            "each 100 ms after the other"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_gets_a_turn_while_finesse_wants_to_be_left_alone() {
        let pace = Pace::new(10, 5);
        let began = Instant::now();
        let until = began + Duration::from_secs(2);
        let held = || Some(until);
        assert_eq!(pace.turn(Routine, began + LONG, held).await, Ok(()));
        assert_eq!(Instant::now(), until);
        let until = until + LONG;
        let late = pace.turn(Routine, began + LONG, || Some(until)).await;
        assert_eq!(late, Err(TooLate { at: until }));
        assert_eq!(turn(&pace, Routine, Duration::ZERO).await, Some(0), "nothing was taken");
    }
}
