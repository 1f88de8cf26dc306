//! What others read while the server writes.

use lockstep_core::agent::Code;
use lockstep_core::why::Entry;

use super::*;

#[test]
fn people_are_found_by_id_by_login_by_name_and_by_part_of_it() {
    let disk = Disk::new();
    let mut book = disk.book();
    let named = |agent: &str, name: &str| {
        let one = Decided { who: who(agent, name), ..decided(agent, 1, Code::Taken) };
        Record::Decided(Box::new(one))
    };
    let records = [named("0001", "Anna Schmidt"), named("1", "Ben Schmidt"), named("7", "login1")];
    book.write(&records, None, at(1)).unwrap();
    let found = |whom: &str| {
        let people = disk.reader().people(whom).unwrap();
        people.into_iter().map(|person| person.agent).collect::<Vec<_>>()
    };
    assert_eq!(found("0001"), ["0001"], "text, not a number");
    assert_eq!(found("LOGIN1"), ["1"], "a login name goes before a name");
    assert_eq!(found("anna schmidt"), ["0001"]);
    assert_eq!(found("Schmidt"), ["0001", "1"]);
    assert!(found("%").is_empty() || found("%").len() == 3, "no pattern of the asker's own");
    assert!(found("nobody").is_empty());
}

#[test]
fn an_export_is_whole_and_in_order_however_many_fall_at_once() {
    let disk = Disk::new();
    let mut book = disk.book();
    let records: Vec<_> = (0..1_700).map(|n| record("1", n / 900, Code::Taken)).collect();
    book.write(&records, None, at(2)).unwrap();
    book.write(&[record("2", 2, Code::Taken)], None, at(2)).unwrap();
    let ids: Vec<String> = (1..=1_701).map(|id| id.to_string()).collect();
    assert_eq!(disk.column("id"), ids);
    let reader = disk.reader();
    let second = Span { from: at(1), to: at(2) };
    assert_eq!(column_of(&reader, second, None, "id"), ids[900..1_700], "the end is not in it");
    assert_eq!(column_of(&reader, EVER, Some("2"), "id"), ["1701"]);
}

#[test]
fn the_decisions_before_a_moment_come_back_as_they_were_told() {
    let disk = Disk::new();
    let mut book = disk.book();
    let taken = Decided { hold: Some(hold(7)), ..decided("1", 8, Code::Taken) };
    let later = record("1", 30, Code::Released);
    book.write(
        &[record("1", 5, Code::Taking), Record::Decided(Box::new(taken)), later],
        None,
        at(9),
    )
    .unwrap();
    let before: Vec<Entry> = disk.reader().before("1", at(20), 10).unwrap();
    let codes: Vec<_> = before.iter().map(|entry| entry.code).collect();
    assert_eq!(codes, [Some(Code::Taken), Some(Code::Taking)]);
    let held = before[0].held.as_ref().expect("a hold");
    assert_eq!((held.from, held.since), (AgentState::Ready, at(7)));
    let presence = before[1].presence.as_ref().expect("a presence");
    assert_eq!(presence.facts.get("meeting_type"), Some("online"));
    assert_eq!(before[1].effect_at, Some(at(8)));
    assert_eq!(disk.reader().begins_at().unwrap(), Some(at(5)));
}

/// Where the server was not there, nobody can tell what it would have decided.
#[test]
fn a_pause_between_two_lives_is_known() {
    let disk = Disk::new();
    let path = path_in(disk.0.path());
    Book::open(&path, Life::starting(at(100))).unwrap().write(&[], None, at(200)).unwrap();
    Book::open(&path, Life::starting(at(500))).unwrap().write(&[], None, at(600)).unwrap();
    let reader = disk.reader();
    assert_eq!(reader.pause_at(at(150)).unwrap(), None);
    assert_eq!(reader.pause_at(at(300)).unwrap(), Some((at(200), Some(at(500)))));
    assert_eq!(reader.pause_at(at(550)).unwrap(), None);
    assert_eq!(reader.pause_at(at(900)).unwrap(), Some((at(600), None)));
}

/// A reader who is somebody else must not leave files behind that shut the server out.
#[test]
fn reading_leaves_no_file_behind() {
    let disk = Disk::new();
    assert!(Reader::open(disk.0.path()).unwrap().is_none(), "nothing was ever written");
    let mut book = disk.book();
    book.write(&[record("1", 5, Code::Taking)], None, at(9)).unwrap();
    drop(book);
    assert_eq!(disk.column("code"), ["taking"]);
    let files: Vec<_> =
        std::fs::read_dir(disk.0.path()).unwrap().map(|f| f.unwrap().path()).collect();
    assert_eq!(files, [path_in(disk.0.path())]);
}

#[test]
fn another_programs_file_is_not_touched() {
    let disk = Disk::new();
    let path = path_in(disk.0.path());
    std::fs::write(
        &path,
        "not a journal, and longer than any header of SQLite would be".repeat(40),
    )
    .unwrap();
    let before = std::fs::read(&path).unwrap();
    for error in [
        Book::open(&path, Life::starting(at(0))).expect_err("refused").words(),
        Reader::open(disk.0.path()).expect_err("refused").words(),
    ] {
        assert!(error.contains("move it away"), "{error}");
    }
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn only_its_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let disk = Disk::new();
    let mut book = disk.book();
    book.write(&[record("1", 5, Code::Taking)], None, at(9)).unwrap();
    for file in std::fs::read_dir(disk.0.path()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", file.path().display());
    }
}

/// A disk that was away: with the same file its row of this start goes on; another file knows
/// nothing from before.
#[test]
fn after_a_disk_was_away_a_file_claims_no_time_that_another_one_has() {
    let disk = Disk::new();
    let path = path_in(disk.0.path());
    let life = Life::starting(at(100));
    let write = |life: Life, now: u64| {
        Book::open(&path, life)
            .unwrap()
            .write(&[record("1", now, Code::NothingToDo)], None, at(now))
            .unwrap();
    };
    write(life, 200);
    write(life.written_until(at(200)), 900);
    assert_eq!(disk.reader().pause_at(at(500)).unwrap(), None, "it followed");
    assert_eq!(lives(&path), [(at(100), at(900))]);
    std::fs::remove_file(&path).unwrap();
    write(life.written_until(at(900)), 1_500);
    assert_eq!(lives(&path), [(at(900), at(1_500))]);
    // A row that was let go as too old is no reason to tell nothing.
    let mut book = Book::open(&path, life.written_until(at(1_500))).unwrap();
    book.write(&[], None, at(1_600)).unwrap();
    book.connection.execute("DELETE FROM life", []).unwrap();
    book.write(&[], None, at(1_700)).unwrap();
    assert_eq!(lives(&path), [(at(1_500), at(1_700))]);
}
