use std::fs;
use std::path::Path;
use std::process::Command;

use super::super::*;
use super::{WASM, place, sample};

const SERVER: &str = "https://lockstep.example.com";
const ON_FINESSE: &str = "/3rdpartygadget/files/lockstep";

fn everything(bundle: &Bundle, dir: &Path) -> Result<Exported, ExportError> {
    export(bundle, &place(SERVER), Some(&place(ON_FINESSE)), dir)
}

fn text(dir: &Path, path: &str) -> String {
    fs::read_to_string(dir.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn everything_is_written_where_the_xml_says_it_will_be() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("new/upload");
    let exported = everything(&sample(), &out).unwrap();
    assert_eq!(exported.written.len(), 6, "{exported:?}");
    assert_eq!(text(&out, "loader.js"), "load()");
    assert_eq!(text(&out, WASM), "\0asm");
    let xml = text(&out, XML);
    assert!(xml.contains(&format!("'{ON_FINESSE}/loader.js?server=https%3A%2F%2F")), "{xml}");
}

#[test]
fn without_a_place_for_the_files_the_xml_is_all_there_is_and_the_server_has_the_rest() {
    let dir = tempfile::tempdir().unwrap();
    let exported = export(&sample(), &place(SERVER), None, dir.path()).unwrap();
    assert_eq!(exported.written, [XML]);
    assert_eq!(text(dir.path(), XML), served(&sample().xml, &place(SERVER)));
}

#[test]
fn an_export_replaces_an_earlier_one_and_keeps_what_open_desktops_still_load() {
    let dir = tempfile::tempdir().unwrap();
    everything(&sample(), dir.path()).unwrap();
    let again = everything(&sample(), dir.path()).unwrap();
    assert_eq!((again.written.len(), again.unchanged.len()), (0, 6));
    let mut newer = sample();
    newer.files[0].body = "load more".into();
    newer.files.remove(1);
    let exported = everything(&newer, dir.path()).unwrap();
    assert_eq!(exported.written, ["loader.js"]);
    assert_eq!(exported.outdated, [WASM]);
    assert_eq!(text(dir.path(), "loader.js"), "load more");
    assert_eq!(text(dir.path(), WASM), "\0asm");
    let back = everything(&sample(), dir.path()).unwrap();
    assert_eq!((back.written, back.outdated), (vec!["loader.js".to_owned()], vec![]));
}

#[test]
fn a_file_of_somebody_elses_stops_the_export_before_anything_is_written() {
    let cases: [(&str, &[u8]); 3] = [
        ("loader.js", b"mine"),
        ("assets/panel.89ef0123.css", b"mine"),
        (RECORD, b"my own list\n"),
    ];
    for (path, mine) in cases {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("assets")).unwrap();
        fs::write(dir.path().join(path), mine).unwrap();
        let error = everything(&sample(), dir.path()).expect_err(path).to_string();
        assert!(error.contains(path) && error.contains("nothing was written"), "{error}");
        assert_eq!(fs::read(dir.path().join(path)).unwrap(), mine);
        assert!(!dir.path().join(XML).exists(), "{path}");
    }
}

#[test]
fn a_file_that_was_changed_since_is_not_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    everything(&sample(), dir.path()).unwrap();
    fs::write(dir.path().join(XML), "edited").unwrap();
    assert!(everything(&sample(), dir.path()).is_err());
    assert_eq!(text(dir.path(), XML), "edited");
}

#[test]
fn a_file_of_ours_that_is_there_without_a_record_is_taken_for_what_it_is() {
    let dir = tempfile::tempdir().unwrap();
    everything(&sample(), dir.path()).unwrap();
    fs::remove_file(dir.path().join(RECORD)).unwrap();
    assert_eq!(everything(&sample(), dir.path()).unwrap().unchanged.len(), 6);
}

#[test]
fn the_record_proves_an_upload() {
    let dir = tempfile::tempdir().unwrap();
    everything(&sample(), dir.path()).unwrap();
    let check = || {
        let mut command = Command::new("sha256sum");
        command.args(["--check", "--strict", "--quiet", RECORD]).current_dir(dir.path());
        command.output().expect("sha256sum is there").status.success()
    };
    assert!(check());
    fs::write(dir.path().join("loader.js"), "cut o").unwrap();
    assert!(!check());
}

#[cfg(unix)]
#[test]
fn everybody_may_read_what_is_exported() {
    use std::os::unix::fs::PermissionsExt as _;

    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("upload");
    everything(&sample(), &out).unwrap();
    let mode = |path: &str| fs::metadata(out.join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(XML), mode(WASM), mode("assets"), mode("")), (0o644, 0o644, 0o755, 0o755));
}
