//! A decision and what became of it are one story.

use lockstep_core::agent::{Answer, Code};

use super::*;

#[test]
fn a_request_its_answer_and_its_effect_are_one_row_and_the_outcome_names_it() {
    let disk = Disk::new();
    let mut book = disk.book();
    let taken = Decided { hold: Some(hold(300)), ..decided("1", 300, Code::Taken) };
    let records = [
        record("2", 90, Code::NothingToDo),
        record("1", 100, Code::Taking),
        answered("1", 110, Answer::Accepted),
        Record::Decided(Box::new(taken)),
        record("1", 400, Code::StaysHeld),
    ];
    book.write(&records, None, at(500)).unwrap();
    assert_eq!(disk.column("story"), ["-", "-", "2", "-"]);
    assert_eq!(disk.column("sent_at"), ["-", &at(110).as_millis().to_string(), "-", "-"]);
    assert_eq!(disk.column("answer"), ["-", "accepted", "-", "-"]);
    assert_eq!(disk.column("answer_ms"), ["-", "20", "-", "-"]);
    assert_eq!(disk.column("effect_ms"), ["-", "170", "-", "-"]);
    assert_eq!(disk.column("hold_from"), ["-", "-", "READY", "-"]);
    assert_eq!(disk.column("label"), ["Webex Meeting"; 4]);
    assert_eq!(disk.column("reason"), ["Lunch"; 4]);
    assert_eq!(disk.column("request"), ["-", "1", "-", "-"]);
}

#[test]
fn what_finesse_refused_says_so_in_its_own_words_on_one_line() {
    let disk = Disk::new();
    let mut book = disk.book();
    let records = [
        record("1", 100, Code::Taking),
        answered("1", 110, Answer::InvalidState),
        record("1", 131, Code::RefusedByState),
        record("1", 600, Code::Taking),
        answered("1", 610, Answer::DryRun),
        record("1", 640, Code::DryRun),
    ];
    book.write(&records, None, at(700)).unwrap();
    assert_eq!(disk.column("answer"), ["invalid_state", "-", "dry_run", "-"]);
    assert_eq!(disk.column("answer_detail"), ["400: InvalidState", "-", "400: InvalidState", "-"]);
    assert_eq!(disk.column("story"), ["-", "1", "-", "3"]);
    assert_eq!(disk.column("trial"), ["0", "0", "1", "0"], "a dry run marks its request");
}

/// An answer that comes late, or after another request, is nobody else's.
#[test]
fn an_answer_goes_to_its_own_request_only() {
    let disk = Disk::new();
    let mut book = disk.book();
    let second = Decided { request: Some(2), ..decided("1", 200, Code::Taking) };
    let records = [
        record("1", 100, Code::Taking),
        Record::Decided(Box::new(second)),
        answered("1", 110, Answer::Accepted),
        answered("3", 110, Answer::Accepted),
        record("1", 300, Code::Released),
    ];
    book.write(&records, None, at(500)).unwrap();
    assert_eq!(disk.column("answer"), ["-", "-", "-"]);
    assert_eq!(disk.column("story"), ["-", "-", "-"], "ready was not asked for");
    assert_eq!(disk.column("effect_at"), ["-", "-", "-"]);
}

/// The name that somebody had then is the name that is told.
#[test]
fn who_is_called_otherwise_later_was_called_so_then() {
    let disk = Disk::new();
    let mut book = disk.book();
    book.write(&[record("1", 1, Code::Taking)], None, at(1)).unwrap();
    let married = Decided { who: who("1", "Anna Meyer"), ..decided("1", 2, Code::Taken) };
    book.write(&[Record::Decided(Box::new(married))], None, at(2)).unwrap();
    assert_eq!(disk.column("name"), ["Anna Schmidt", "Anna Meyer"]);
    let people = disk.reader().people("anna meyer").unwrap();
    assert_eq!(people.len(), 1);
    assert!(disk.reader().people("Anna Schmidt").unwrap().is_empty(), "called so no longer");
}

/// A batch that fails leaves nothing behind, on the disk or in memory; the same batch then counts.
#[test]
fn a_batch_that_did_not_fit_is_written_whole_later() {
    let disk = Disk::new();
    let mut book = disk.book();
    book.write(&[record("1", 1, Code::Taking)], None, at(1)).unwrap();
    let pages: i64 =
        book.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    let limit = |book: &Book, pages: i64| {
        let set = format!("PRAGMA max_page_count = {pages}");
        book.connection.query_row(&set, [], |_| Ok(())).unwrap();
    };
    limit(&book, pages);
    let mut batch = vec![answered("1", 2, Answer::Accepted), record("1", 50, Code::Taken)];
    batch.extend((0..500).map(|ms| record("2", 100 + ms, Code::NothingToDo)));
    let error = book.write(&batch, None, at(700)).expect_err("the disk is full");
    assert!(error.words().contains("room on the disk"), "{}", error.words());
    assert_eq!(disk.column("code"), ["taking"]);

    limit(&book, 1_000_000);
    book.write(&batch, None, at(800)).unwrap();
    assert_eq!(disk.column("id").len(), 502);
    assert_eq!(disk.column("effect_ms")[0], "28", "the story goes on where it was");
    assert_eq!(disk.column("story")[1], "1");
}
