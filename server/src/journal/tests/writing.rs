//! The thread that writes, and the sink before it.

use std::sync::Mutex;
use std::time::Duration;

use lockstep_core::agent::Code;
use tokio::time::{Instant, timeout};

use super::super::sink::Lost;
use super::super::{CAPACITY, Limits, Sink, Writing, start};
use super::*;
use crate::clock::Clock;

const PATIENCE: Duration = Duration::from_secs(30);

fn forever() -> Limits {
    Limits { keep: Duration::from_hours(24 * 365), max_bytes: None }
}

type Told = Arc<Mutex<Vec<Result<(), String>>>>;

fn started(disk: &Disk) -> (Sink, Writing, Told) {
    let told = Told::default();
    let hears = Arc::clone(&told);
    let clock = Clock::starting_at(at(0));
    let healthy = move |health| hears.lock().unwrap().push(health);
    let (sink, writing) = start(disk.0.path(), clock, forever, healthy).unwrap();
    (sink, writing, told)
}

async fn until(what: &str, told: &Told, enough: impl Fn(&[Result<(), String>]) -> bool) {
    let began = Instant::now();
    while !enough(&told.lock().unwrap()) {
        assert!(began.elapsed() < PATIENCE, "{what} never came true: {told:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn everything_that_was_put_is_written_before_the_writer_ends() {
    let disk = Disk::new();
    let (sink, writing, _) = started(&disk);
    for ms in 0..10_000 {
        sink.put(record("1", ms, Code::NothingToDo));
    }
    drop(sink);
    timeout(PATIENCE, writing.ended()).await.expect("the writer ends");
    assert_eq!(disk.column("id").len(), 10_000);
    assert!(disk.reader().gaps(EVER).unwrap().is_empty());
}

/// Law 12: what does not fit is counted, and putting it takes no longer than putting anything.
#[test]
fn law_12_a_sink_that_is_full_loses_and_counts_and_never_waits() {
    let (sink, outlet, losses) = Sink::with_room_for(3);
    for ms in 0..10 {
        sink.put(record("1", ms, Code::Taken));
    }
    assert_eq!(losses.take(), Some(Lost { count: 7, since: at(3) }));
    assert_eq!(losses.take(), None, "accounted for");
    assert_eq!(outlet.try_iter().count(), 3);
    drop(outlet);
    sink.put(record("1", 20, Code::Taken));
    assert_eq!(losses.take(), Some(Lost { count: 1, since: at(20) }), "nobody writes any more");
    Sink::nowhere().put(record("1", 20, Code::Taken));
}

/// A folder where the file should be stands for any disk that cannot be written.
#[tokio::test]
async fn a_disk_that_fails_is_told_once_costs_what_does_not_fit_and_comes_back_by_itself() {
    let disk = Disk::new();
    let path = path_in(disk.0.path());
    std::fs::create_dir(&path).unwrap();
    let (sink, writing, told) = started(&disk);
    until("it is told", &told, |told| !told.is_empty()).await;
    assert!(told.lock().unwrap()[0].as_ref().is_err_and(|e| e.contains("journal.db")));
    for ms in 0..CAPACITY as u64 + 8_192 {
        sink.put(record("1", ms, Code::NothingToDo));
    }
    std::fs::remove_dir(&path).unwrap();
    until("it is written again", &told, |told| told.last() == Some(&Ok(()))).await;
    drop(sink);
    timeout(PATIENCE, writing.ended()).await.expect("the writer ends");
    let gaps = disk.reader().gaps(EVER).unwrap();
    let lost: u64 = gaps.iter().map(|gap| gap.lost).sum();
    assert!(lost >= 4_096, "{gaps:?}");
    let kept = disk.column("id").len() as u64;
    assert_eq!(kept + lost, CAPACITY as u64 + 8_192, "each is kept or accounted for");
    assert_eq!(told.lock().unwrap().iter().filter(|told| told.is_err()).count(), 1, "once");
}

/// The disk comes back without the file: the new one begins where the one before ended.
#[tokio::test]
async fn another_file_after_a_disk_failed_tells_from_when_on_it_knows() {
    let disk = Disk::new();
    let path = path_in(disk.0.path());
    let (sink, writing, told) = started(&disk);
    sink.put(record("1", 1, Code::NothingToDo));
    until("it is written", &told, |told| {
        told.last() == Some(&Ok(())) && disk.column("id").len() == 1
    })
    .await;
    // Somebody's shell holds the file for longer than is waited for, and takes it away then.
    let shell = rusqlite::Connection::open(&path).unwrap();
    shell.execute_batch("BEGIN IMMEDIATE").unwrap();
    sink.put(record("1", 2, Code::NothingToDo));
    until("it is told", &told, |told| told.last().is_some_and(Result::is_err)).await;
    let away = tempfile::tempdir().unwrap();
    for name in ["journal.db", "journal.db-wal", "journal.db-shm"] {
        std::fs::rename(disk.0.path().join(name), away.path().join(name)).unwrap();
    }
    drop(shell);
    until("it is written again", &told, |told| told.last() == Some(&Ok(()))).await;
    drop(sink);
    timeout(PATIENCE, writing.ended()).await.expect("the writer ends");
    let before = lives(&away.path().join("journal.db"));
    let (began, _) = lives(&path)[0];
    assert_eq!(before.len(), 1);
    assert_eq!(began, before[0].1, "where the other one ended");
    assert_eq!(disk.column("id").len(), 1);
}
