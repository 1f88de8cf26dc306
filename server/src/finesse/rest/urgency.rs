//! What goes first where requests wait: for an account's turn, and for the pace.

use std::time::Duration;

use tokio::time::Instant;

/// Why a request is made, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Urgency {
    /// `NOT_READY`: a customer's call may reach somebody who is busy.
    MakeUnavailable,
    /// `READY`.
    MakeAvailable,
    /// A look that a decision waits for.
    Look,
    /// Polls, lists, the directory.
    Routine,
}

impl Urgency {
    #[cfg(test)]
    pub(super) const ALL: [Self; 4] =
        [Self::MakeUnavailable, Self::MakeAvailable, Self::Look, Self::Routine];

    /// For how long the more urgent may overtake it: nothing waits for ever, and each of them
    /// still gets its turn within the half of a call's time that waiting may take.
    const fn yields_for(self) -> Duration {
        match self {
            Self::MakeUnavailable => Duration::ZERO,
            Self::MakeAvailable => Duration::from_secs(1),
            Self::Look => Duration::from_millis(1_500),
            Self::Routine => Duration::from_secs(2),
        }
    }
}

/// A place in a queue: the earliest due goes first, and of two the one that came first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    due: Instant,
    number: u64,
}

/// Gives out places.
#[derive(Debug, Default)]
pub(super) struct Places {
    last: u64,
}

impl Places {
    pub(super) fn take(&mut self, now: Instant, urgency: Urgency) -> Place {
        self.last += 1;
        Place { due: now + urgency.yields_for(), number: self.last }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_more_urgent_goes_first_and_among_equals_the_first() {
        let now = Instant::now();
        let mut places = Places::default();
        let mut queue: Vec<(Place, Urgency)> = Vec::new();
        for urgency in Urgency::ALL.into_iter().rev().chain(Urgency::ALL) {
            queue.push((places.take(now, urgency), urgency));
        }
        queue.sort();
        let order: Vec<Urgency> = queue.iter().map(|(_, urgency)| *urgency).collect();
        assert!(order.is_sorted(), "{order:?}");
        assert!(queue.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_overtaken_for_ever() {
        let now = Instant::now();
        let mut places = Places::default();
        let poll = places.take(now, Urgency::Routine);
        let soon = places.take(now + Duration::from_secs(1), Urgency::MakeUnavailable);
        let late = places.take(now + Duration::from_secs(3), Urgency::MakeUnavailable);
        assert!(soon < poll && poll < late);
    }
}
