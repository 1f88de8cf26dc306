//! What must survive a restart: can it be read, and could more be written?

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use crate::cli::Finding;
use crate::gadgets::Key;
use crate::ledger::Database;

const SUBJECT: &str = "state.dir";
/// Bytes written to find out: a page of the ledger.
const PAGE: usize = 4 * 1024;

/// Reads the ledger and the gadgets' key of an earlier run, where there are any, and tries whether another one could be
/// written. Nothing is left behind.
pub fn state(dir: &Path) -> Vec<Finding> {
    if !dir.exists() {
        return vec![match try_to_write(existing(dir)) {
            Ok(()) => Finding::green(SUBJECT, format!("{} will be made", dir.display())),
            Err(error) => cannot("make", dir, &error),
        }];
    }
    let held = match Database::look_into(dir) {
        Ok(entries) => entries.values().filter(|entry| entry.hold.is_some()).count(),
        Err(error) => {
            let remedy = "check the folder's owner and permissions, or move the file away";
            return vec![Finding::red(SUBJECT, error.to_string(), remedy)];
        }
    };
    vec![match try_to_write(dir).and_then(|()| try_to_open(&Database::path_in(dir))) {
        Ok(()) => match Key::kept_in(dir) {
            Ok(_) => Finding::green(SUBJECT, format!("{}: {held} agents are held", dir.display())),
            Err(error) => Finding::red(SUBJECT, error.to_string(), KEY_REMEDY),
        },
        Err(error) => cannot("write to", dir, &error),
    }]
}

const KEY_REMEDY: &str = "give the user that runs lockstep the right to read the file, or remove it: gadgets then sign in again by themselves";

fn cannot(what: &str, dir: &Path, error: &io::Error) -> Finding {
    let text = format!("failed to {what} {} ({error})", dir.display());
    let remedy = "give the user that runs lockstep the right to write there, free the disk, or set state.dir to another folder";
    Finding::red(SUBJECT, text, remedy)
}

/// The nearest folder above `dir` that there is.
fn existing(dir: &Path) -> &Path {
    let above = dir.ancestors().skip(1).find(|above| above.exists());
    // A relative path ends in nothing, which is the folder where we are.
    above.unwrap_or_else(|| Path::new("."))
}

/// Writes a page into a file of its own, and removes it.
fn try_to_write(dir: &Path) -> io::Result<()> {
    let path = dir.join(format!(".lockstep-check-{}", std::process::id()));
    let mut file = File::create_new(&path)?;
    let written = file.write_all(&[0; PAGE]).and_then(|()| file.sync_data());
    fs::remove_file(&path).and(written)
}

/// Opens a file as for writing, and writes nothing; that there is none is fine.
fn try_to_open(file: &Path) -> io::Result<()> {
    match OpenOptions::new().append(true).open(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Status;

    fn names(dir: &Path) -> Vec<String> {
        let entries = fs::read_dir(dir).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_folder_that_can_be_written_is_green_and_stays_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        for path in [dir.path().to_owned(), dir.path().join("a/b")] {
            let found = state(&path);
            assert_eq!(found[0].status, Status::Green, "{found:?}");
        }
        assert_eq!(names(dir.path()), <[&str; 0]>::default());
    }

    /// A file is in the way, and nothing can be made in `/proc` by anybody, root included.
    #[test]
    #[cfg(target_os = "linux")]
    fn a_folder_that_cannot_be_written_or_made_is_red_with_a_remedy() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, "x").unwrap();
        for path in [&file, &file.join("state"), Path::new("/proc"), Path::new("/proc/lockstep")] {
            let found = state(path);
            assert_eq!(found[0].status, Status::Red, "{}: {found:?}", path.display());
            assert!(
                found[0].remedy.as_ref().is_some_and(|remedy| remedy.contains("folder")),
                "{found:?}"
            );
        }
        assert_eq!(fs::read_to_string(&file).unwrap(), "x");
        assert_eq!(names(dir.path()), ["file"]);
    }

    /// The server would not start with it.
    #[test]
    fn a_key_that_is_none_is_red_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("gadget-key"), "not a key").unwrap();
        let found = state(dir.path());
        assert_eq!(found[0].status, Status::Red, "{found:?}");
        assert!(found[0].text.contains("gadget-key"), "{found:?}");
        assert_eq!(fs::read_to_string(dir.path().join("gadget-key")).unwrap(), "not a key");
    }

    #[test]
    fn a_database_that_cannot_be_written_is_red() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(Database::path_in(dir.path())).unwrap();
        assert!(try_to_open(&Database::path_in(dir.path())).is_err());
        assert_eq!(state(dir.path())[0].status, Status::Red);
    }
}
