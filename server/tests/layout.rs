//! `lockstep layout` and `lockstep gadget`, the binary itself: files, stdin, stdout, exit codes.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const URL: &str = "https://lockstep.example.com/gadget/lockstep.xml";

struct Run {
    code: i32,
    stdout: Vec<u8>,
    stderr: String,
}

fn lockstep(folder: &Path, arguments: &[&str], stdin: &[u8]) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_lockstep"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    // It may end before it has read everything, or anything.
    let _ = child.stdin.take().expect("piped").write_all(stdin);
    let output = child.wait_with_output().expect("it ends");
    Run {
        code: output.status.code().expect("exits by itself"),
        stdout: output.stdout,
        stderr: String::from_utf8(output.stderr).expect("text"),
    }
}

fn layouts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../layout")
}

#[test]
fn a_layout_goes_in_and_comes_out_by_file_or_by_pipe() {
    let folder = tempfile::tempdir().unwrap();
    let base = fs::read(layouts().join("base/12.5.xml")).unwrap();
    let expected = fs::read(layouts().join("12.5/page.xml")).unwrap();
    fs::write(folder.path().join("current.xml"), &base).unwrap();
    let add = ["layout", "add", "--url", URL];
    let by_file = [&add[..], &["--in", "current.xml", "--out", "new.xml"]].concat();
    let run = lockstep(folder.path(), &by_file, b"");
    assert_eq!((run.code, &run.stdout[..]), (0, &b""[..]), "{}", run.stderr);
    assert_eq!(fs::read(folder.path().join("new.xml")).unwrap(), expected);
    assert!(run.stderr.contains("Agent: added, line 51, column 13"), "{}", run.stderr);

    let by_pipe = [&add[..], &["--in", "-", "--out", "-"]].concat();
    let run = lockstep(folder.path(), &by_pipe, &base);
    assert_eq!((run.code, run.stdout), (0, expected.clone()), "{}", run.stderr);
    let run = lockstep(folder.path(), &by_pipe, &expected);
    assert_eq!((run.code, run.stdout), (0, expected), "{}", run.stderr);
    assert!(run.stderr.contains("nothing to do"), "{}", run.stderr);
}

#[test]
fn a_layout_may_be_replaced_by_its_outcome() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(layouts().join("base/15.xml"), folder.path().join("l.xml")).unwrap();
    let add = ["layout", "add", "--url", URL, "--in", "l.xml", "--out", "l.xml", "--place", "tab"];
    assert_eq!(lockstep(folder.path(), &add, b"").code, 0);
    let expected = fs::read(layouts().join("15/tab.xml")).unwrap();
    assert_eq!(fs::read(folder.path().join("l.xml")).unwrap(), expected);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left behind");
}

#[test]
fn a_refused_layout_writes_nothing_and_exits_1() {
    let folder = tempfile::tempdir().unwrap();
    let add = ["layout", "add", "--url", URL, "--in", "-", "--out", "new.xml"];
    let run = lockstep(folder.path(), &add, b"<finesseLayout>\n<layout>");
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("-: line 2, column"), "{}", run.stderr);
    assert!(!folder.path().join("new.xml").exists());
    let run = lockstep(folder.path(), &["layout", "check", "-"], b"<finesseLayout/>");
    assert_eq!(run.code, 1);
    assert!(String::from_utf8(run.stdout).unwrap().starts_with("red "));
    let example = layouts().join("12.6/headless.xml");
    let run = lockstep(folder.path(), &["layout", "check", example.to_str().unwrap()], b"");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(String::from_utf8(run.stdout).unwrap().starts_with("green "));
}

#[test]
fn a_command_line_that_does_not_say_where_things_are_exits_2() {
    let folder = tempfile::tempdir().unwrap();
    let cases: &[(&[&str], &str)] = &[
        (&["layout", "add", "--in", "-", "--out", "-"], "--url"),
        (&["layout", "add", "--url", "l.example.com", "--in", "-", "--out", "-"], "not an address"),
        (&["layout", "add", "--config", "none.toml", "--in", "-", "--out", "-"], "none.toml"),
        (&["gadget", "export", "--out", "out"], "--url"),
        (
            &["gadget", "export", "--url", "/3rdpartygadget/files/l", "--out", "out"],
            "by --server https://… or --config FILE",
        ),
        (&["gadget", "export", "--server", "/l", "--out", "out"], "as the agents' browsers see it"),
    ];
    for (arguments, expected) in cases {
        let run = lockstep(folder.path(), arguments, b"");
        assert_eq!(run.code, 2, "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains(expected), "{}", run.stderr);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
