//! The journal: is it intact, could more be written, how large is it?

use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use super::tls::date;
use crate::cli::Finding;
use crate::config::Journal;
use crate::journal::{Condition, JournalError, Pages, condition, path_in};

const SUBJECT: &str = "journal";
/// A journal of the usual size is read through within seconds.
const WITHIN: Duration = Duration::from_secs(5);
const MIB: u64 = 1024 * 1024;
/// A journal that is tidied goes over its limit by its write-ahead log, and by what came since.
const OVER: u64 = 64 * MIB;

/// Looks at the journal of an earlier run in `dir`. Amber at most: no hold depends on it. Nothing is
/// said where there is none yet.
pub fn journal(dir: &Path, configured: Journal) -> Vec<Finding> {
    let seen = condition(dir, WITHIN);
    let finding = match seen {
        Ok(None) => return Vec::new(),
        Ok(Some(seen)) => match may_be_written(dir) {
            Ok(()) => of(&seen, configured),
            Err(error) => {
                let text = format!("{} cannot be written ({error})", path_in(dir).display());
                Finding::amber(SUBJECT, text, RIGHTS)
            }
        },
        Err(error) => {
            let remedy = match error {
                JournalError::Unreadable { .. } => AWAY,
                JournalError::Io { .. } | JournalError::Database { .. } => RIGHTS,
            };
            Finding::amber(SUBJECT, error.words(), remedy)
        }
    };
    vec![finding]
}

const RIGHTS: &str = "give the user that runs lockstep the right to read and to write the file; until then nobody can be told why";
const AWAY: &str = "move journal.db, journal.db-wal and journal.db-shm away while lockstep is stopped: a new one begins; sqlite3's .recover may save what is in the old one";

fn of(seen: &Condition, configured: Journal) -> Finding {
    let size = seen.bytes.div_ceil(MIB);
    let most = configured.max_size_mib;
    if let Pages::Damaged(how) = &seen.pages {
        return Finding::amber(SUBJECT, format!("it is damaged: {how}"), AWAY);
    }
    if most.is_some_and(|most| seen.bytes > most.saturating_mul(MIB).saturating_add(OVER)) {
        let most = most.unwrap_or_default();
        let text = format!("{size} MiB are more than journal.max_size_mib = {most}");
        let remedy = "a running lockstep lets the oldest go by itself, a few thousand per second; where it does not get smaller, see its log";
        return Finding::amber(SUBJECT, text, remedy);
    }
    let of = most.map_or_else(String::new, |most| format!(" of {most}"));
    let since = seen.begins_at.map_or_else(String::new, |at| format!(", since {}", date(at)));
    let read = match seen.pages {
        Pages::NotAllRead => "too large to be read through here",
        Pages::Good | Pages::Damaged(_) => "intact",
    };
    Finding::green(SUBJECT, format!("{size} MiB{of}{since}, {read}"))
}

/// Opens it as for writing, and writes nothing.
fn may_be_written(dir: &Path) -> std::io::Result<()> {
    OpenOptions::new().append(true).open(path_in(dir)).map(|_| ())
}

#[cfg(test)]
mod tests {
    use lockstep_core::Time;

    use super::*;
    use crate::cli::Status;

    const LIMIT: Journal = Journal { keep: Duration::from_hours(24), max_size_mib: Some(1_024) };

    fn seen(mib: u64, pages: Pages) -> Condition {
        Condition { bytes: mib * MIB, begins_at: Some(Time::from_millis(1_795_294_800_000)), pages }
    }

    #[test]
    fn it_is_amber_where_it_is_damaged_or_far_too_large() {
        let good = of(&seen(12, Pages::Good), LIMIT);
        assert_eq!(good.status, Status::Green);
        assert_eq!(good.text, "12 MiB of 1024, since 2026-11-21, intact");
        assert_eq!(of(&seen(1_080, Pages::Good), LIMIT).status, Status::Green, "it is tidied");
        for amber in [seen(1_100, Pages::Good), seen(1, Pages::Damaged("page 7".to_owned()))] {
            let found = of(&amber, LIMIT);
            assert_eq!(found.status, Status::Amber, "{found:?}");
            assert!(found.remedy.is_some());
        }
        let free = Journal { max_size_mib: None, ..LIMIT };
        assert_eq!(of(&seen(9_000, Pages::NotAllRead), free).status, Status::Green);
    }

    #[test]
    fn what_is_no_journal_or_is_damaged_is_told_and_left_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(journal(dir.path(), LIMIT), []);
        std::fs::write(path_in(dir.path()), "not a database, but a text of some length").unwrap();
        let found = journal(dir.path(), LIMIT);
        assert_eq!(found[0].status, Status::Amber, "{found:?}");
        assert!(
            found[0].remedy.as_ref().is_some_and(|remedy| remedy.contains("away")),
            "{found:?}"
        );
        let names = std::fs::read_dir(dir.path()).unwrap().count();
        assert_eq!(names, 1, "nothing was made");
    }
}
