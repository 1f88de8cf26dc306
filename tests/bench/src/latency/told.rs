//! The tables, and what must hold.

use std::time::Duration;

use super::{Plan, Run};
use crate::load::Kind;
use crate::numbers::{Sample, Spread, mib, ms};
use crate::out::{say, table};
use crate::sides::DRIVER_MAY;

/// What is promised beside a multiple of the floor.
const MORE: Duration = Duration::from_millis(1);

/// Prints everything and judges it.
pub(super) fn tell(plan: &Plan, floors: &[Run], ours: &[Run]) -> anyhow::Result<()> {
    let Plan { agents, teams, runs, load, .. } = plan;
    say(&format!(
        "\nMercury frame due → PUT arrived: {agents} agents in {teams} teams, {} events/s for {} s, \
         {runs} runs of each in turns; ms, median over the runs (range)",
        load.rate,
        load.lasts.as_secs()
    ));
    latencies(floors, ours);
    say("");
    costs(floors, ours);
    say("");
    looks(ours);
    say("");
    judge(floors, ours)
}

fn latencies(floors: &[Run], ours: &[Run]) {
    let row = |name: &str, runs: &[Run], of: &dyn Fn(&Run) -> Sample| {
        let samples: Vec<Sample> = runs.iter().map(of).collect();
        let at = |percent| Spread::of(samples.iter().map(|s| s.percentile(percent))).to_string();
        vec![name.to_owned(), at(50), at(90), at(99), at(100)]
    };
    let all = |run: &Run| run.matched.all();
    let late = |run: &Run| run.late.clone();
    let rows = [
        row("floor: a bare relay", floors, &all),
        row("lockstep", ours, &all),
        row("- NOT_READY for a meeting or dnd", ours, &|run| run.matched.of(Kind::is_taken_unseen)),
        row("- NOT_READY for a call", ours, &|run| run.matched.of(|kind| kind == Kind::Call)),
        row("- READY", ours, &|run| run.matched.of(|kind| kind == Kind::Free)),
        row("the driver was late, floor", floors, &late),
        row("the driver was late, lockstep", ours, &late),
    ];
    table(&["", "p50", "p90", "p99", "max"], &rows);
}

fn costs(floors: &[Run], ours: &[Run]) {
    let row = |name: &str, runs: &[Run]| {
        vec![
            name.to_owned(),
            Spread::of(runs.iter().map(|run| run.cpu)).to_string(),
            mib(runs.iter().map(|run| run.memory.peak).max().unwrap_or(0)),
            format!("{:.0} %", most(runs) * 100.0),
        ]
    };
    let heading = ["", "CPU per event, ms", "most resident, MiB", "driver's share of a CPU"];
    table(&heading, &[row("floor: a bare relay", floors), row("lockstep", ours)]);
}

fn looks(ours: &[Run]) {
    let sum = |of: &dyn Fn(&Run) -> u64| ours.iter().map(of).sum::<u64>();
    let count = |of: &dyn Fn(&Run) -> usize| ours.iter().map(of).sum::<usize>();
    let why = |why: &'static str| sum(&|run| run.looks.get(why).copied().unwrap_or(0));
    let (events, writes) = (count(&|run| run.matched.events), count(&|run| run.matched.writes));
    say(&format!("lockstep, all runs: {events} changes of presence, {writes} writes"));
    let share = |asked: u64| {
        let [asked, writes] = [asked, writes as u64].map(|n| u32::try_from(n).unwrap_or(u32::MAX));
        format!("{:.2}", f64::from(asked) / f64::from(writes))
    };
    let meanings = [
        ("ready", "before READY (law 1)"),
        ("call", "before a call is honoured (law 6)"),
        ("outdated", "the last look is known to be out of date"),
        ("unseen", "nothing was seen yet"),
        ("effect", "after the write: has it had its effect (law 7)"),
    ];
    let row = |(name, meaning): (&'static str, &str)| {
        vec![meaning.to_owned(), why(name).to_string(), share(why(name))]
    };
    table(&["looks asked for", "looks", "per write"], &meanings.map(row));
    say(&format!(
        "carried out, with the polls, by {} looks at one agent and {} readings of a team",
        count(&|run| run.single_looks),
        count(&|run| run.team_readings)
    ));
}

fn judge(floors: &[Run], ours: &[Run]) -> anyhow::Result<()> {
    let mut broken = Vec::new();
    for (percent, factor) in [(50, 1.5), (99, 2.0)] {
        let middle = |runs: &[Run]| {
            Spread::of(runs.iter().map(|run| run.matched.all().percentile(percent))).median
        };
        let (floor, ours) = (middle(floors), middle(ours));
        let (strict, loose) = (floor.mul_f64(factor) + MORE, (floor + MORE).mul_f64(factor));
        let word = if ours <= strict { "met" } else { "NOT met" };
        say(&format!(
            "p{percent} {} ms: {word}; {factor} × floor + 1 ms = {} ms (and {factor} × (floor + 1 ms) = {} ms)",
            ms(ours),
            ms(strict),
            ms(loose)
        ));
        if ours > strict {
            broken.push(format!("p{percent} is {} ms, over {} ms", ms(ours), ms(strict)));
        }
    }
    broken.extend(ours.iter().flat_map(laws));
    let driver = most(floors).max(most(ours));
    if driver > DRIVER_MAY {
        broken.push(format!("the driver needed {:.0} % of a CPU", driver * 100.0));
    }
    anyhow::ensure!(broken.is_empty(), "not as promised: {}", broken.join("; "));
    Ok(())
}

/// One write per change, and a look first only where a law asks for one.
fn laws(run: &Run) -> Vec<String> {
    let super::Matched { events, writes, missing, surplus, .. } = run.matched;
    let mut broken = Vec::new();
    if missing + surplus > 0 {
        broken.push(format!(
            "{events} changes and {writes} writes: {missing} missing, {surplus} too many"
        ));
    }
    let asked = |why: &str| run.looks.get(why).copied().unwrap_or(0);
    let of = |kind: Kind| run.matched.of(|of| of == kind).len() as u64;
    let most =
        [("ready", of(Kind::Free)), ("call", of(Kind::Call)), ("outdated", 0), ("unseen", 0)];
    for (why, most) in most.into_iter().filter(|(why, most)| asked(why) > *most) {
        broken.push(format!("{} looks for {why}, where the laws ask for {most}", asked(why)));
    }
    broken
}

fn most(runs: &[Run]) -> f64 {
    runs.iter().map(|run| run.driver).fold(0.0, f64::max)
}
