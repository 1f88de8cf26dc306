//! Whatever ends the demo, nothing of it stays behind.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

/// Building comes first, and there may be much to build.
const LINES: usize = 200;
/// How long the processes may take to go.
const GONE: Duration = Duration::from_secs(10);

/// `cargo xtask demo --once` in the middle of its day, with `folder` for its files.
fn playing(folder: &Path) -> Child {
    let mut demo = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["demo", "--once"])
        .env("TMPDIR", folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the demo starts");
    let mut lines = BufReader::new(demo.stdout.take().expect("piped")).lines();
    let second = lines.by_ref().take(LINES).flatten().find(|line| line.contains("Do not disturb"));
    assert!(second.is_some(), "the day did not begin");
    // Who reads no longer must not end what is to be interrupted.
    std::thread::spawn(move || lines.for_each(drop));
    demo
}

/// The processes that were started with `folder`, or one inside it, in their environment.
fn alive(folder: &Path) -> Vec<String> {
    let wanted = format!("TMPDIR={}", folder.display());
    let processes = fs::read_dir("/proc").expect("linux").flatten();
    let of_demo = processes.filter_map(|process| {
        let variables = fs::read(process.path().join("environ")).ok()?;
        let ours = variables.split(|byte| *byte == 0).any(|one| one.starts_with(wanted.as_bytes()));
        let name = fs::read_to_string(process.path().join("comm")).ok()?;
        ours.then(|| name.trim().to_owned())
    });
    of_demo.collect()
}

fn ends_without_a_trace(signal: Signal) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut demo = playing(folder.path());
    let running = alive(folder.path());
    for name in ["lockstep", "webex-sim", "finesse-sim", "chromedriver"] {
        assert!(running.iter().any(|one| one == name), "{name} is not among {running:?}");
    }
    // `chromium`, or `chrome`.
    let is_browser = |one: &String| one.starts_with("chrom") && one != "chromedriver";
    assert!(running.iter().any(is_browser), "no browser is among {running:?}");
    let pid = Pid::from_child(&demo);
    kill_process(pid, signal).expect("it runs");
    demo.wait().expect("it ends");
    let mut looks = 0;
    while !alive(folder.path()).is_empty() {
        assert!(looks < 200, "{signal:?} left {:?}", alive(folder.path()));
        looks += 1;
        std::thread::park_timeout(GONE / 200);
    }
    let left = fs::read_dir(folder.path()).expect("it is there").count();
    assert_eq!(left, usize::from(signal == Signal::KILL), "folders after {signal:?}");
}

#[test]
fn after_control_c_nothing_runs_any_more() {
    ends_without_a_trace(Signal::INT);
}

#[test]
fn after_a_termination_nothing_runs_any_more() {
    ends_without_a_trace(Signal::TERM);
}

#[test]
fn after_a_kill_nothing_runs_any_more() {
    ends_without_a_trace(Signal::KILL);
}
