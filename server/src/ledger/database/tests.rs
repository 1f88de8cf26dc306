use lockstep_core::Time;
use lockstep_core::agent::LedgerEntry;

use super::*;

fn snoozed(ms: u64) -> LedgerEntry {
    LedgerEntry { snoozed_until: Some(Time::from_millis(ms)), ..LedgerEntry::default() }
}

fn some() -> Entries {
    Entries::from([(AgentId::new("0001"), snoozed(7)), (AgentId::new("1"), snoozed(8))])
}

fn refused(dir: &Path) -> String {
    let opened = Database::in_dir(dir).unwrap().read().unwrap_err().to_string();
    assert_eq!(Database::look_into(dir).unwrap_err().to_string(), opened);
    opened
}

#[tokio::test]
async fn what_is_written_is_read_and_what_is_empty_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let dir = &dir.path().join("state");
    let mut database = Database::in_dir(dir).unwrap();
    assert!(database.read().unwrap().is_empty());
    database.write(&some()).await.unwrap();
    assert_eq!(Database::in_dir(dir).unwrap().read().unwrap(), some());
    let change = Entries::from([
        (AgentId::new("0001"), LedgerEntry::default()),
        (AgentId::new("1"), snoozed(9)),
    ]);
    database.write(&change).await.unwrap();
    let left = Entries::from([(AgentId::new("1"), snoozed(9))]);
    assert_eq!(Database::look_into(dir).unwrap(), left);
    assert_eq!(Database::in_dir(dir).unwrap().read().unwrap(), left);
}

/// As after `kill -9`: the files are what the kernel has, nothing was closed.
#[tokio::test]
async fn what_is_written_survives_a_process_that_ends_without_a_word() {
    let (dir, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut database = Database::in_dir(dir.path()).unwrap();
    database.read().unwrap();
    database.write(&some()).await.unwrap();
    for file in fs::read_dir(dir.path()).unwrap().flatten() {
        fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    assert_eq!(Database::in_dir(copy.path()).unwrap().read().unwrap(), some());
}

#[test]
fn looking_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    assert!(Database::look_into(dir.path()).unwrap().is_empty());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_file_that_is_no_ledger_of_ours_is_refused_by_name_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(NAME);
    fs::write(&path, "not a database, but longer than a header of a hundred bytes".repeat(20))
        .unwrap();
    let before = fs::read(&path).unwrap();
    assert!(refused(dir.path()).contains(NAME));
    assert_eq!(fs::read(&path).unwrap(), before);

    fs::remove_file(&path).unwrap();
    let foreign = Connection::open(&path).unwrap();
    foreign.execute_batch("CREATE TABLE theirs (x)").unwrap();
    drop(foreign);
    assert!(refused(dir.path()).contains("another program"));
}

#[test]
fn a_newer_version_is_refused_by_its_number() {
    let dir = tempfile::tempdir().unwrap();
    Database::in_dir(dir.path()).unwrap().read().unwrap();
    let connection = Connection::open(dir.path().join(NAME)).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let error = refused(dir.path());
    assert!(error.contains("version 99") && error.contains("move it away"), "{error}");
}

#[test]
fn an_entry_that_cannot_be_read_names_its_agent() {
    let dir = tempfile::tempdir().unwrap();
    Database::in_dir(dir.path()).unwrap().read().unwrap();
    let connection = Connection::open(dir.path().join(NAME)).unwrap();
    connection.execute("INSERT INTO ledger VALUES ('0007', '{')", []).unwrap();
    drop(connection);
    assert!(refused(dir.path()).contains("agent 0007"));
}

#[tokio::test]
async fn a_ledger_of_the_earlier_form_is_taken_over_once() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ledger.json");
    fs::write(&file, r#"{"form":1,"agents":{"0001":{"snoozed_until":7}}}"#).unwrap();
    let taken = Entries::from([(AgentId::new("0001"), snoozed(7))]);
    assert_eq!(Database::look_into(dir.path()).unwrap(), taken);
    let mut database = Database::in_dir(dir.path()).unwrap();
    assert_eq!(database.read().unwrap(), taken);
    let gone = Entries::from([(AgentId::new("0001"), LedgerEntry::default())]);
    database.write(&gone).await.unwrap();
    assert!(Database::in_dir(dir.path()).unwrap().read().unwrap().is_empty(), "not twice");
}

#[test]
fn an_earlier_ledger_that_cannot_be_read_is_named_and_no_database_takes_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ledger.json");
    for text in ["", "{", "{\"form\":2,\"agents\":{}}", "[]"] {
        fs::write(&file, text).unwrap();
        assert!(refused(dir.path()).contains("ledger.json"), "{text}");
    }
    fs::remove_file(&file).unwrap();
    assert!(Database::in_dir(dir.path()).unwrap().read().unwrap().is_empty());
}

/// Law 12: the log is moved into the database while writes go on.
#[tokio::test]
async fn the_log_stays_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let mut database = Database::in_dir(dir.path()).unwrap();
    database.read().unwrap();
    let log = dir.path().join(format!("{NAME}-wal"));
    let mut longest = 0;
    for number in 0..6 * MOVED_AFTER {
        let agent = AgentId::new((number % 50).to_string());
        database.write(&Entries::from([(agent, snoozed(number as u64))])).await.unwrap();
        longest = longest.max(fs::metadata(&log).unwrap().len());
    }
    let limit = u64::try_from(LOG_LIMIT).unwrap() * 4_200;
    assert!(longest > 0 && longest < limit, "{longest} bytes");
    // It is moved beside the writes, by a thread that a busy machine may keep waiting.
    let moved = async {
        while fs::metadata(dir.path().join(NAME)).unwrap().len() <= 4_096 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), moved).await.expect("the log is moved");
}

/// A person's shell may hold the database for a moment.
#[tokio::test]
async fn a_write_waits_for_another_that_is_under_way() {
    let dir = tempfile::tempdir().unwrap();
    let mut database = Database::in_dir(dir.path()).unwrap();
    database.read().unwrap();
    let other = Connection::open(dir.path().join(NAME)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let changes = some();
    let write = database.write(&changes);
    let release = async move {
        tokio::task::yield_now().await;
        other.execute_batch("COMMIT").unwrap();
    };
    let (written, ()) = tokio::join!(write, release);
    written.unwrap();
    assert_eq!(Database::look_into(dir.path()).unwrap(), changes);
}
