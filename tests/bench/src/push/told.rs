//! The tables, and what must hold.

use std::time::Duration;

use super::joining::Joined;
use super::matching::Matched;
use super::run::{Run, Shape};
use crate::numbers::{Sample, Spread, mib};
use crate::out::{say, table};
use crate::placement::Seat;
use crate::process::Cpu;
use crate::sides::{DRIVER_MAY, Judge};

/// Promised of the time on a processor per event, in µs.
const CPU_PER_EVENT: f64 = 12.0;
/// Promised of the time on a processor to connect and join, in µs.
const CPU_PER_JOIN: f64 = 100.0;
/// Promised of the memory of a connected gadget, in KiB.
const RESIDENT: f64 = 22.0;

/// Latency with the processors mostly idle.
pub(super) fn calm(shape: Shape, seat: Seat, floors: &[Run], ours: &[Run], judge: &mut Judge) {
    heading("Mercury frame due → Socket.IO frame read", shape, seat, floors.len());
    latencies(floors, ours);
    say("");
    costs(floors, ours);
    say("");
    // On one processor a relay costs a fraction of what it costs across two, and so does not tell
    // what the network and the kernel need; nothing is promised there.
    let promised: &[_] = if seat.is_across() { &[(50, 1.5), (99, 2.0)] } else { &[] };
    for &(percent, factor) in promised {
        let middle = |runs: &[Run]| micros(spread(runs, percent).median);
        let what = format!("p{percent}");
        judge.at_most(
            &what,
            middle(ours),
            middle(floors) * factor,
            "µs",
            &format!("{factor} × floor"),
        );
    }
    complete(floors, ours, judge);
    let driver = most(floors).max(most(ours));
    if driver > DRIVER_MAY {
        judge.breaks(format!("the driver needed {:.0} % of a processor", driver * 100.0));
    }
}

/// What a message costs when there are many.
pub(super) fn busy(shape: Shape, seat: Seat, floors: &[Run], ours: &[Run], judge: &mut Judge) {
    heading("The same with very many", shape, seat, floors.len());
    latencies(floors, ours);
    say("");
    costs(floors, ours);
    say("");
    let mut per_event: Vec<f64> = ours.iter().map(|run| each(run, Cpu::total)).collect();
    per_event.sort_by(f64::total_cmp);
    let median = per_event.get((per_event.len().max(1) - 1) / 2).copied().unwrap_or_default();
    judge.at_most("CPU per event", median, CPU_PER_EVENT, "µs", "promised");
    complete(floors, ours, judge);
}

/// What a connection costs.
pub(super) fn joins(floor: &[Joined], ours: &[Joined], judge: &mut Judge) {
    say("\nGadgets connected, joined and at rest");
    let rows = |name: &str, rows: &[Joined]| -> Vec<Vec<String>> {
        let empty = rows[0];
        let row = |row: &Joined| {
            let (cpu, bytes) = if row.gadgets == 0 {
                (String::new(), String::new())
            } else {
                let cpu = micros(row.cpu) / count(row.gadgets);
                (format!("{cpu:.0}"), format!("{:.1}", kib_each(&empty, row)))
            };
            let took = format!("{:.1}", row.took.as_secs_f64());
            let at_rest = format!("{:.1} %", row.at_rest * 100.0);
            let (gadgets, resident) = (row.gadgets.to_string(), mib(row.resident));
            vec![name.to_owned(), gadgets, took, cpu, at_rest, resident, bytes]
        };
        rows.iter().map(row).collect()
    };
    let heading = [
        "",
        "gadgets",
        "connecting, s",
        "CPU each, µs",
        "CPU at rest",
        "resident, MiB",
        "KiB each",
    ];
    table(&heading, &[rows("floor: a bare relay", floor), rows("lockstep", ours)].concat());
    say("");
    let [empty, some, all] = ours else { return judge.breaks("not every size was measured") };
    let more = count(all.gadgets - some.gadgets);
    let marginal = micros(all.cpu.saturating_sub(some.cpu)) / more;
    judge.at_most("CPU to connect and join, marginal,", marginal, CPU_PER_JOIN, "µs", "promised");
    judge.at_most("resident per gadget", kib_each(empty, all), RESIDENT, "KiB", "promised");
    say(&format!("resident per gadget, marginal, {:.1} KiB", kib_each(some, all)));
}

fn heading(what: &str, shape: Shape, seat: Seat, runs: usize) {
    let place = if seat.is_across() { "across processors" } else { "on any processor" };
    let Shape { gadgets, teams, load } = shape;
    say(&format!(
        "\n{what}: {gadgets} gadgets in {teams} teams, {} events/s for {} s, {runs} runs of each in \
         turns, {place}; µs, median over the runs (range)",
        load.rate,
        load.lasts.as_secs()
    ));
}

fn latencies(floors: &[Run], ours: &[Run]) {
    let row = |name: &str, runs: &[Run], of: &dyn Fn(&Run) -> &Sample| {
        let at = |percent| Spread::of(runs.iter().map(|run| of(run).percentile(percent))).in_us();
        vec![name.to_owned(), at(50), at(90), at(99), at(100)]
    };
    let rows = [
        row("floor: a bare relay", floors, &|run| &run.matched.took),
        row("lockstep", ours, &|run| &run.matched.took),
        row("the driver was late, floor", floors, &|run| &run.late),
        row("the driver was late, lockstep", ours, &|run| &run.late),
    ];
    table(&["", "p50", "p90", "p99", "max"], &rows);
}

fn costs(floors: &[Run], ours: &[Run]) {
    let row = |name: &str, runs: &[Run]| {
        let cpu = |of: fn(Cpu) -> Duration| {
            Spread::of(runs.iter().map(|run| Duration::from_secs_f64(each(run, of) / 1e6))).in_us()
        };
        let sum =
            |of: fn(&Matched) -> usize| runs.iter().map(|run| of(&run.matched)).sum::<usize>();
        vec![
            name.to_owned(),
            cpu(Cpu::total),
            cpu(|cpu| cpu.user),
            cpu(|cpu| cpu.system),
            sum(|matched| matched.events).to_string(),
            sum(|matched| matched.took.len()).to_string(),
            sum(|matched| matched.conflated).to_string(),
            sum(|matched| matched.lost).to_string(),
            mib(runs.iter().map(|run| run.resident).max().unwrap_or(0)),
            format!("{:.0} %", most(runs) * 100.0),
        ]
    };
    let heading = [
        "",
        "CPU per event",
        "user",
        "system",
        "events",
        "told",
        "conflated",
        "lost",
        "most resident, MiB",
        "driver's share of a CPU",
    ];
    table(&heading, &[row("floor: a bare relay", floors), row("lockstep", ours)]);
}

/// Every last want arrives, and nothing that no event implies.
fn complete(floors: &[Run], ours: &[Run], judge: &mut Judge) {
    for (name, runs) in [("the floor", floors), ("lockstep", ours)] {
        for Run { matched: Matched { lost, wrong, .. }, over, .. } in runs {
            if lost + wrong + over > 0 {
                judge.breaks(format!(
                    "{name}: {lost} last wants lost, {wrong} wrong, {over} connections ended"
                ));
            }
        }
    }
}

fn spread(runs: &[Run], percent: usize) -> Spread {
    Spread::of(runs.iter().map(|run| run.matched.took.percentile(percent)))
}

/// µs per event.
fn each(run: &Run, of: impl Fn(Cpu) -> Duration) -> f64 {
    micros(of(run.cpu)) / count(run.matched.events)
}

fn kib_each(before: &Joined, after: &Joined) -> f64 {
    let more = after.resident.saturating_sub(before.resident);
    count(usize::try_from(more).unwrap_or(usize::MAX)) / count(after.gadgets - before.gadgets)
}

fn micros(span: Duration) -> f64 {
    span.as_secs_f64() * 1e6
}

/// Of things that are never as many as a float cannot count.
fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

fn most(runs: &[Run]) -> f64 {
    runs.iter().map(|run| run.driver).fold(0.0, f64::max)
}
