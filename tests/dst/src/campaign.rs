//! Many seeds, several at once, and the table at the end.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::journal::Detail;
use crate::laws::{Law, Violation};
use crate::run::{Order, Report, run};

/// How long a seed is at least, in simulated minutes: one storm and its quiet.
pub const DEFAULT_MINUTES: u64 = 20;
/// The same when hours are asked for: some storms after each other, each on what the last one left.
pub const LONG_MINUTES: u64 = 60;
/// How often the progress of a long campaign is told.
const TOLD_EVERY: Duration = Duration::from_secs(10);
/// Failing seeds that are told in full; one cause breaks many seeds.
const TOLD_IN_FULL: usize = 3;
/// Lines of the journal that are shown of a failing seed.
const SHOWN: usize = 60;

/// Which seeds.
#[derive(Clone, Copy, Debug)]
pub struct Campaign {
    /// The first.
    pub from: u64,
    /// How many.
    pub seeds: Option<u64>,
    /// Or: until so much was simulated.
    pub simulated: Option<Duration>,
    /// How long each one is.
    pub span: Duration,
    /// How many at once.
    pub jobs: usize,
    /// Runs each one twice and compares the journals.
    pub twice: bool,
    /// See [`Order::races`].
    pub races: bool,
}

/// What all seeds together did.
#[derive(Debug, Default)]
struct Sums {
    seeds: u64,
    simulated: Duration,
    /// Seeds of each mode, and how long they were.
    modes: BTreeMap<&'static str, (u64, Duration)>,
    agents: usize,
    presence: u64,
    requests: u64,
    lives: u64,
    broken: BTreeMap<Law, u64>,
    failing: Vec<u64>,
}

/// Runs them; false when a law was broken.
pub fn campaign(order: &Campaign) -> bool {
    let began = Instant::now();
    let next = Arc::new(Mutex::new(order.from));
    let (done, reports) = mpsc::channel();
    let workers: Vec<_> = (0..order.jobs.max(1))
        .map(|_| {
            let (next, done, order) = (Arc::clone(&next), done.clone(), *order);
            std::thread::spawn(move || work(&next, &done, &order))
        })
        .collect();
    drop(done);
    let mut sums = Sums::default();
    let mut told = began;
    for report in reports {
        sums.take(&report);
        if !report.violations.is_empty() {
            tell(&report, order.span, sums.failing.len() <= TOLD_IN_FULL);
        }
        if told.elapsed() >= TOLD_EVERY {
            told = Instant::now();
            say(&sums.progress(began.elapsed()));
        }
        if order.simulated.is_some_and(|wanted| sums.simulated >= wanted) {
            *next.lock().unwrap_or_else(PoisonError::into_inner) = u64::MAX;
        }
    }
    for worker in workers {
        let _ = worker.join();
    }
    say(&sums.table(began.elapsed()));
    sums.failing.is_empty()
}

fn work(next: &Mutex<u64>, done: &mpsc::Sender<Report>, order: &Campaign) {
    loop {
        let seed = {
            let mut next = next.lock().unwrap_or_else(PoisonError::into_inner);
            let seed = *next;
            let over = order.seeds.is_some_and(|seeds| seed - order.from >= seeds);
            if seed == u64::MAX || over {
                return;
            }
            *next += 1;
            seed
        };
        let mut report = alone(seed, order.span, order.races);
        if order.twice && alone(seed, order.span, order.races).digest != report.digest {
            let text = "the same seed wrote another journal".to_owned();
            report.violations.push(Violation { law: Law::Broken, text });
        }
        if done.send(report).is_err() {
            return;
        }
    }
}

/// A thread of its own: what a thread keeps must not make seeds depend on each other.
fn alone(seed: u64, span: Duration, races: bool) -> Report {
    let order = Order { seed, span, detail: Detail::Usual, whole: false, races };
    let ran = std::thread::spawn(move || run(&order)).join();
    ran.unwrap_or_else(|_| {
        let mut report = Report::of(seed, order.mode());
        let text = "the run ended with a panic".to_owned();
        report.violations.push(Violation { law: Law::Broken, text });
        report
    })
}

fn tell(report: &Report, span: Duration, in_full: bool) {
    let command = command(report.seed, span);
    if in_full {
        let from = report.tail.len().saturating_sub(SHOWN);
        say(&format!("--- seed {}: the last lines of its journal", report.seed));
        for line in &report.tail[from..] {
            say(line);
        }
    }
    for violation in &report.violations {
        say(&format!("--- seed {} broke a law: {violation}", report.seed));
    }
    say(&format!("--- replay it with: {command}"));
}

/// The one command that plays a seed again.
fn command(seed: u64, span: Duration) -> String {
    let minutes = span.as_secs() / 60;
    if minutes == DEFAULT_MINUTES {
        format!("cargo xtask dst --seed {seed}")
    } else {
        format!("cargo xtask dst --seed {seed} --minutes {minutes}")
    }
}

impl Sums {
    fn take(&mut self, report: &Report) {
        self.seeds += 1;
        self.simulated += report.simulated;
        let of_mode = self.modes.entry(report.mode.as_str()).or_default();
        *of_mode = (of_mode.0 + 1, of_mode.1 + report.simulated);
        self.agents += report.agents;
        self.presence += report.presence;
        self.requests += report.requests;
        self.lives += report.lives;
        for violation in &report.violations {
            *self.broken.entry(violation.law).or_default() += 1;
        }
        if !report.violations.is_empty() {
            self.failing.push(report.seed);
        }
    }

    fn hours(&self) -> f64 {
        self.simulated.as_secs_f64() / 3_600.0
    }

    fn progress(&self, took: Duration) -> String {
        format!(
            "{} seeds, {:.1} simulated hours in {:.0} s, {} failing",
            self.seeds,
            self.hours(),
            took.as_secs_f64(),
            self.failing.len()
        )
    }

    fn table(&self, took: Duration) -> String {
        let broken = |law: Law| self.broken.get(&law).copied().unwrap_or(0).to_string();
        let rows = [
            ("seeds", self.seeds.to_string()),
            ("simulated hours", format!("{:.1}", self.hours())),
            ("wall time", format!("{:.1} s", took.as_secs_f64())),
            ("agents", self.agents.to_string()),
            ("presence changes", self.presence.to_string()),
            ("requests to finesse", self.requests.to_string()),
            ("lives of the process", self.lives.to_string()),
            ("wrong final states", broken(Law::WrongFinalState)),
            ("READY without a hold", broken(Law::ReadyWithoutHold)),
            ("two requests in flight", broken(Law::TwoInFlight)),
            ("requests not recorded first", broken(Law::NotRecorded)),
            ("calls or others disturbed", broken(Law::Touched)),
            ("acted out of turn", broken(Law::OutOfTurn)),
            ("holds not in the ledger", broken(Law::NotInLedger)),
            ("moved on stale presence", broken(Law::Stale)),
            ("requests without bound", broken(Law::Unbounded)),
            ("other failures", broken(Law::Broken)),
        ];
        let rows = rows.map(|(name, value)| (name.to_owned(), value));
        let modes = self.modes.iter().map(|(mode, (seeds, simulated))| {
            let hours = simulated.as_secs_f64() / 3_600.0;
            (format!("mode {mode}: seeds, hours"), format!("{seeds}, {hours:.1}"))
        });
        let lines = modes.chain(rows).map(|(name, value)| format!("{name:<28} {value:>12}"));
        lines.collect::<Vec<String>>().join("\n")
    }
}

fn say(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}
