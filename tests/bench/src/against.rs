//! Two builds of lockstep in turns: what a change costs.

use std::time::Duration;

use crate::numbers::{Sample, Spread};
use crate::out::{say, table};
use crate::sides::Judge;

/// How much slower or dearer the newer build may be.
const ONE_TENTH_MORE: f64 = 1.1;

/// One of a run's figures.
type Pick = fn(&Figures) -> Duration;

/// What is compared of one run.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    /// Half of the events took at most this long.
    pub p50: Duration,
    /// All but one of a hundred.
    pub p99: Duration,
    /// Time on a processor per event.
    pub cpu: Duration,
}

impl Figures {
    /// Of what every event took.
    pub fn new(took: &Sample, cpu: Duration) -> Self {
        Self { p50: took.percentile(50), p99: took.percentile(99), cpu }
    }
}

/// The same load on both builds, run for run.
#[derive(Debug, Default)]
pub struct Comparison {
    before: Vec<Figures>,
    now: Vec<Figures>,
}

impl Comparison {
    /// Keeps a run of each.
    pub fn push(&mut self, before: Figures, now: Figures) {
        let number = self.now.len() + 1;
        let both = |one: Figures| {
            let [p50, p99, cpu] = [one.p50, one.p99, one.cpu].map(|span| span.as_secs_f64() * 1e6);
            format!("p50 {p50:.1} p99 {p99:.1} CPU {cpu:.1} µs")
        };
        say(&format!("run {number}: before {}, now {}", both(before), both(now)));
        self.before.push(before);
        self.now.push(now);
    }

    /// Prints both and fails where the median of the newer build is more than a tenth over the
    /// other's.
    pub fn end(self, what: &str) -> anyhow::Result<()> {
        let of =
            |runs: &[Figures], pick: fn(&Figures) -> Duration| Spread::of(runs.iter().map(pick));
        let row = |name: &str, runs: &[Figures]| {
            let cell = |pick| of(runs, pick).in_us();
            vec![name.to_owned(), cell(|run| run.p50), cell(|run| run.p99), cell(|run| run.cpu)]
        };
        let runs = self.now.len();
        say(&format!("\n{what}: two builds, {runs} runs of each in turns; µs, median (range)"));
        let rows = [row("the build before", &self.before), row("this build", &self.now)];
        table(&["", "p50", "p99", "CPU per event"], &rows);
        say("");
        let mut judge = Judge::default();
        let compared: [(&str, Pick); 3] =
            [("p50", |run| run.p50), ("p99", |run| run.p99), ("CPU per event", |run| run.cpu)];
        for (name, pick) in compared {
            let [before, now] =
                [&self.before, &self.now].map(|runs| of(runs, pick).median.as_secs_f64() * 1e6);
            judge.at_most(name, now, before * ONE_TENTH_MORE, "µs", "the build before + 10 %");
        }
        judge.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(before: u64, now: u64) -> anyhow::Result<()> {
        let [before, now] = [before, now].map(|micros| {
            let span = Duration::from_micros(micros);
            Figures { p50: span, p99: span, cpu: span }
        });
        let mut comparison = Comparison::default();
        comparison.push(before, now);
        comparison.end("a load")
    }

    #[test]
    fn a_tenth_more_is_as_promised_and_more_is_not() {
        compared(1_000, 1_100).expect("a tenth");
        let told = compared(1_000, 1_101).expect_err("more").to_string();
        assert!(told.contains("p50 is 1101.0 µs, over 1100.0 µs"), "{told}");
    }
}
