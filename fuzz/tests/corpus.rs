//! Every input that was kept, through its target: what once broke a parser stays mended, with an
//! ordinary compiler and without libFuzzer.

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use lockstep_fuzz::TARGETS;

/// Bytes of all corpora together: they are kept in the repository.
const MOST: u64 = 1024 * 1024;

fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target)
}

/// One test for all: memory is counted for the whole process.
#[test]
fn every_input_that_was_kept_keeps_its_promise() {
    for target in TARGETS {
        let files = fs::read_dir(folder(target.name)).expect("every target has a corpus");
        let mut paths: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
        paths.sort();
        assert!(paths.len() > 1, "{} has a corpus", target.name);
        target.run(&[]);
        for path in paths {
            let input = fs::read(&path).expect("an input can be read");
            let kept = catch_unwind(|| target.run(&input));
            assert!(kept.is_ok(), "{} broke a promise; it is told above", path.display());
        }
    }
}

#[test]
fn the_corpora_are_small_and_each_belongs_to_a_target() {
    let mut bytes = 0;
    for entry in fs::read_dir(folder("")).expect("the corpora") {
        let entry = entry.expect("a folder");
        let name = entry.file_name();
        let known = TARGETS.iter().any(|target| name == target.name);
        assert!(known, "{} is the corpus of no target", entry.path().display());
        for file in fs::read_dir(entry.path()).expect("a folder") {
            bytes += file.and_then(|file| file.metadata()).expect("a file").len();
        }
    }
    assert!(bytes <= MOST, "the corpora have {bytes} bytes");
}
