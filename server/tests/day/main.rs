//! A day of flapping presence against the real engine and a fake Finesse, on paused time (S0-17).

mod naive;
mod recording;
mod replay;

use std::io::Write as _;

use naive::Naive;
use recording::{AGENTS, Recording};

/// S0-17: at least so many in a hundred writes are saved.
const SAVED: usize = 80;

#[tokio::test(start_paused = true)]
async fn s0_17_a_day_of_flapping_presence_needs_a_fifth_of_the_writes_with_the_same_final_states() {
    let recording = Recording::make();
    assert_eq!(recording.checksum(), recording::CHECKSUM, "the recorded day is another one");
    let mut naive = Naive::new();
    for event in &recording.events {
        naive.take(event);
    }
    let replayed = replay::replay(&recording).await;

    let events = recording.events.len();
    let saved = |of: usize| 100.0 * (1.0 - share(replayed.writes, of));
    let line = format!(
        "a day of {AGENTS} agents: {events} events; writes: {} for each mapped event, {} for each change \
         of what they map to, {} by lockstep with {} looks: {:.1} % fewer than events, {:.1} % fewer than \
         mapped events\n",
        naive.writes,
        naive.writes - naive.repeated,
        replayed.writes,
        replayed.looks,
        saved(events),
        saved(naive.writes)
    );
    // The macros' output is kept back by the test harness.
    let _ = std::io::stdout().write_all(line.as_bytes());
    let wrong: Vec<_> =
        (0..AGENTS).filter(|agent| replayed.not_ready[*agent] != naive.not_ready[*agent]).collect();
    assert_eq!(wrong, [0_usize; 0], "agents whose final state differs from the naive bridge's");
    for (what, count) in [("events", events), ("mapped events", naive.writes)] {
        let most = count * (100 - SAVED) / 100;
        assert!(replayed.writes <= most, "{} writes for {count} {what}", replayed.writes);
    }
    assert!(naive.not_ready.contains(&true), "somebody ends the day held, or nothing is compared");
}

fn share(part: usize, whole: usize) -> f64 {
    let number = |count: usize| u32::try_from(count).map_or(f64::MAX, f64::from);
    number(part) / number(whole)
}
