//! The same seed, the same journal.

use std::time::Duration;

use lockstep_dst::{Detail, Order, run};

fn journal(seed: u64) -> String {
    let order =
        Order { seed, span: Duration::from_mins(20), detail: Detail::Everything, whole: true };
    let run = std::thread::spawn(move || run(&order));
    let report = run.join().expect("a run");
    String::from_utf8(report.whole.expect("every line")).expect("text")
}

#[test]
fn the_same_seed_writes_the_same_journal_byte_for_byte() {
    for seed in [1, 2, 3] {
        let (one, two) = (journal(seed), journal(seed));
        for (number, (first, second)) in one.lines().zip(two.lines()).enumerate() {
            assert_eq!(first, second, "seed {seed}, line {}", number + 1);
        }
        let common = one.lines().count().min(two.lines().count());
        let rest = one.lines().skip(common).chain(two.lines().skip(common)).next();
        assert_eq!(rest, None, "seed {seed}: one is longer");
        assert!(one.lines().count() > 200, "seed {seed}: little happened");
    }
}

#[test]
fn another_seed_writes_another_journal() {
    assert_ne!(journal(4), journal(5));
}
