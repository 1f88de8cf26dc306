//! What is let go, and nothing else.

use std::time::Duration;

use lockstep_core::agent::Code;
use proptest::prelude::*;

use super::super::Deed;
use super::super::retention::{Limits, Tidied, tidy};
use super::*;

/// Until nothing more is let go.
fn tidy_up(book: &Book, limits: Limits, now: Time) -> Tidied {
    for _ in 0..1_000 {
        let tidied = tidy(&book.connection, limits, now).unwrap();
        if tidied.gone == 0 {
            return tidied;
        }
    }
    panic!("it lets go for ever");
}

fn written(disk: &Disk, times: &[u64]) -> Book {
    let mut book = disk.book();
    let records: Vec<_> = times.iter().map(|ms| record("1", *ms, Code::NothingToDo)).collect();
    book.write(&records, None, at(0)).unwrap();
    book
}

fn ages(disk: &Disk) -> Vec<u64> {
    let times = disk.column("at");
    times.iter().map(|ms| ms.parse::<u64>().unwrap() - at(0).as_millis()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Everything that is older goes, and everything else stays, also where the clock went back.
    #[test]
    fn by_age_exactly_what_is_too_old_goes(
        times in prop::collection::vec(0_u64..100_000, 1..60),
        now in 0_u64..200_000,
        keep in 0_u64..100_000,
    ) {
        let disk = Disk::new();
        let book = written(&disk, &times);
        let limits = Limits { keep: Duration::from_millis(keep), max_bytes: None };
        tidy_up(&book, limits, at(now));
        let mut kept: Vec<u64> = times.iter().copied().filter(|ms| ms + keep >= now).collect();
        kept.sort_unstable();
        prop_assert_eq!(ages(&disk), kept);
    }
}

#[test]
fn by_size_the_oldest_go_until_it_fits_and_the_file_shrinks() {
    let disk = Disk::new();
    let times: Vec<u64> = (0..20_000).collect();
    let book = written(&disk, &times);
    let forever = Limits { keep: Duration::from_hours(24), max_bytes: None };
    let before = tidy_up(&book, forever, at(20_000)).bytes;
    let half = Limits { max_bytes: Some(before / 2), ..forever };
    tidy_up(&book, half, at(20_000));
    let kept = ages(&disk);
    assert!((5_000..12_000).contains(&kept.len()), "{} of 20,000", kept.len());
    assert_eq!(kept, (20_000 - kept.len() as u64..20_000).collect::<Vec<_>>(), "the newest");
    // What is given back to the disk is given back a little at a time, too.
    let shrunk = (0..100).map(|_| tidy_up(&book, half, at(20_000)).bytes).last();
    assert!(shrunk.is_some_and(|bytes| bytes < before * 8 / 10), "{shrunk:?} of {before}");
}

/// Law 12: however much is too old, one step lets go of a bounded number.
#[test]
fn law_12_one_step_lets_go_of_a_bounded_number() {
    let disk = Disk::new();
    let times: Vec<u64> = (0..10_000).collect();
    let book = written(&disk, &times);
    let none = Limits { keep: Duration::ZERO, max_bytes: Some(0) };
    let step = tidy(&book.connection, none, at(1_000_000)).unwrap();
    assert!((1..=2_000).contains(&step.gone), "{step:?}");
}

#[test]
fn gaps_lives_and_names_go_with_what_they_are_about() {
    let disk = Disk::new();
    let mut book = written(&disk, &[1]);
    let lost = super::super::sink::Lost { count: 3, since: at(5) };
    book.write(&[record("2", 90_000, Code::Taken)], Some(lost), at(10)).unwrap();
    assert_eq!(disk.reader().gaps(EVER).unwrap().len(), 1);
    let limits = Limits { keep: Duration::from_secs(20), max_bytes: None };
    tidy_up(&book, limits, at(100_000));
    assert!(disk.reader().gaps(EVER).unwrap().is_empty());
    assert!(super::super::retention::forget_people(&book.connection).unwrap());
    assert!(disk.reader().people("1").unwrap().is_empty());
    assert_eq!(disk.reader().people("2").unwrap().len(), 1);
}

#[test]
fn what_people_asked_for_is_kept_as_long_as_decisions_and_so_is_whom_it_is_about() {
    let deed = |agent, ms| {
        let (actor, what) = (Arc::from("boss"), "snooze");
        let (who, team, until) = (Some(who(agent, "Anna")), None, Some(at(ms + 5)));
        Record::Deed(Box::new(Deed { at: at(ms), actor, what, who, team, until }))
    };
    let disk = Disk::new();
    let mut book = disk.book();
    book.write(&[deed("1", 1_000), deed("2", 90_000)], None, at(90_000)).unwrap();
    let limits = Limits { keep: Duration::from_secs(20), max_bytes: None };
    tidy_up(&book, limits, at(100_000));
    super::super::retention::forget_people(&book.connection).unwrap();
    let asked = |agent| disk.reader().asked(agent, "none", EVER, 10).unwrap();
    assert!(asked("1").is_empty() && disk.reader().people("1").unwrap().is_empty());
    let kept = asked("2");
    assert_eq!((kept.len(), kept[0].actor.as_str(), kept[0].until), (1, "boss", Some(at(90_005))));
}
