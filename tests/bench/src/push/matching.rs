//! Which frame out answers which frame in.

use crate::load::Event;
use crate::numbers::Sample;

use super::crowd::Arrival;

/// Events with what the gadgets were told of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Matched {
    /// Changes of presence, each of which changes what is wanted.
    pub(super) events: usize,
    /// How long until each was read by its gadget.
    pub(super) took: Sample,
    /// Not told, because something later of the same agent was.
    pub(super) conflated: usize,
    /// Agents whose gadget was left with something else than the last of theirs implies.
    pub(super) lost: usize,
    /// Told what no event implies.
    pub(super) wrong: usize,
}

/// The sequence on a link grows by one with each change, told or not: the agent's first event is
/// the one after `before`. Where the program did not see every change, as after a connection to
/// Webex was lost, it grows by less; then the last of what was told decides what is lost.
pub(super) fn matched(before: &[u64], events: &[Event], arrivals: &[Vec<Arrival>]) -> Matched {
    let mut sequences = before.to_vec();
    let mut told: Vec<_> = arrivals.iter().map(|of_agent| of_agent.iter().peekable()).collect();
    let mut left: Vec<usize> = vec![0; before.len()];
    for event in events {
        left[event.agent] += 1;
    }
    let mut matched = Matched { events: events.len(), ..Matched::default() };
    let mut took = Vec::with_capacity(events.len());
    for event in events {
        let agent = event.agent;
        sequences[agent] += 1;
        left[agent] -= 1;
        let sequence = sequences[agent];
        while told[agent].next_if(|arrival| arrival.wanted.sequence < sequence).is_some() {
            matched.wrong += 1;
        }
        match told[agent].next_if(|arrival| arrival.wanted.sequence == sequence) {
            Some(arrival) if arrival.wanted.busy != event.kind.is_busy() => matched.wrong += 1,
            Some(arrival) => took.push(arrival.at.saturating_duration_since(event.due)),
            None if left[agent] == 0 && !ends_with(&arrivals[agent], event) => matched.lost += 1,
            None => matched.conflated += 1,
        }
    }
    matched.wrong += told.into_iter().map(Iterator::count).sum::<usize>();
    matched.took = Sample::new(took);
    matched
}

fn ends_with(arrivals: &[Arrival], event: &Event) -> bool {
    arrivals.last().is_some_and(|last| last.wanted.busy == event.kind.is_busy())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::super::client::Wanted;
    use super::*;
    use crate::load::Kind;

    #[test]
    fn what_was_told_is_matched_and_what_was_not_is_counted() {
        let due = Instant::now();
        let event = |agent, kind| Event { agent, kind, due };
        let events = [
            event(0, Kind::Dnd),
            event(1, Kind::Call),
            event(0, Kind::Free),
            event(1, Kind::Free),
            event(0, Kind::Dnd),
        ];
        let told = |sequence, busy, ms| Arrival {
            wanted: Wanted { sequence, busy },
            at: due + Duration::from_millis(ms),
        };
        let all = [
            vec![told(8, true, 1), told(9, false, 2), told(10, true, 3)],
            vec![told(4, true, 4), told(5, false, 5)],
        ];
        let found = matched(&[7, 3], &events, &all);
        assert_eq!((found.took.len(), found.conflated, found.lost, found.wrong), (5, 0, 0, 0));
        assert_eq!(found.took.max(), Duration::from_millis(5));

        // One overtaken, one's last never told, one of the wrong kind, one too many.
        let some =
            [vec![told(9, true, 2), told(10, true, 3), told(11, false, 4)], vec![told(4, true, 4)]];
        let found = matched(&[7, 3], &events, &some);
        assert_eq!((found.took.len(), found.conflated, found.lost, found.wrong), (2, 1, 1, 2));

        // One change was never seen, and the last of what was told is right.
        let short = [vec![told(8, true, 3)], vec![told(4, true, 4), told(5, false, 5)]];
        let found = matched(&[7, 3], &events, &short);
        assert_eq!((found.took.len(), found.conflated, found.lost, found.wrong), (3, 2, 0, 0));
    }
}
