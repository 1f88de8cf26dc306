//! The same seed, the same journal: in another thread, and in another process.

use std::process::Command;
use std::time::Duration;

use lockstep_dst::campaign::DEFAULT_MINUTES;
use lockstep_dst::{Detail, Order, run};

/// The journal of a run in a thread of its own.
fn here(seed: u64) -> String {
    let span = Duration::from_mins(DEFAULT_MINUTES);
    let order = Order { seed, span, detail: Detail::Everything, whole: true, races: false };
    let run = std::thread::spawn(move || run(&order));
    let report = run.join().expect("a run");
    assert!(report.violations.is_empty(), "seed {seed}: {:?}", report.violations);
    String::from_utf8(report.whole.expect("every line")).expect("text")
}

/// The journal as the program prints it, without the verdict in its last line.
fn elsewhere(seed: u64) -> String {
    let program = env!("CARGO_BIN_EXE_lockstep-dst");
    let seed = seed.to_string();
    let ran = Command::new(program).args(["--seed", &seed, "--everything"]).output();
    let printed = String::from_utf8(ran.expect("the program runs").stdout).expect("text");
    let (journal, _) = printed.trim_end().rsplit_once('\n').expect("lines");
    format!("{journal}\n")
}

fn assert_same(seed: u64, one: &str, two: &str) {
    for (number, (first, second)) in one.lines().zip(two.lines()).enumerate() {
        assert_eq!(first, second, "seed {seed}, line {}", number + 1);
    }
    let common = one.lines().count().min(two.lines().count());
    let rest = one.lines().skip(common).chain(two.lines().skip(common)).next();
    assert_eq!(rest, None, "seed {seed}: one is longer");
    assert!(common > 200, "seed {seed}: little happened");
}

#[test]
fn the_same_seed_writes_the_same_journal_byte_for_byte() {
    // The last ones once differed: a real thread, and a channel that wakes whom it likes.
    // 1 and 4 are of gadget mode, 3 and 6 of auto (see `Order::mode`).
    for seed in [1, 2, 4, 6, 65, 95, 143] {
        assert_same(seed, &here(seed), &here(seed));
    }
}

#[test]
fn another_process_writes_the_same_journal_too() {
    assert_same(3, &here(3), &elsewhere(3));
}

#[test]
fn another_seed_writes_another_journal() {
    assert_ne!(here(4), here(5));
}
