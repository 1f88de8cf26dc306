//! The program: what it prints, what it refuses, how it ends.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::desk::{PATIENCE, answer, client};

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_finesse-sim"));
    command.kill_on_drop(true).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[tokio::test]
async fn it_says_where_it_listens_and_ends_with_0_when_told() {
    for signal in ["TERM", "INT"] {
        let mut child = program()
            .args(["--listen", "127.0.0.1:0", "--secondary", "127.0.0.1:0", "--agents", "2"])
            .args(["--deployment", "uccx"])
            .spawn()
            .expect("starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        for _ in 0..2 {
            let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("in time");
            let line = line.expect("readable").expect("a line per node");
            let url = line.strip_prefix("finesse-sim listening on ").expect("as announced");
            let info = answer(client().get(format!("{url}/finesse/api/SystemInfo"))).await;
            assert_eq!(info.status, 200);
        }
        let id = child.id().expect("runs").to_string();
        let sent = Command::new("kill").args(["-s", signal, &id]).status().await;
        assert!(sent.expect("a kill command").success());
        let ended = tokio::time::timeout(PATIENCE, child.wait()).await.expect("in time");
        assert_eq!(ended.expect("ended").code(), Some(0), "after SIG{signal}");
    }
}

#[tokio::test]
async fn it_refuses_to_be_reached_from_elsewhere() {
    let output = program()
        .args(["--listen", "0.0.0.0:0", "--deployment", "ucce"])
        .output()
        .await
        .expect("runs");
    assert_eq!(output.status.code(), Some(1));
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(complaint.contains("loopback addresses only"), "{complaint}");
}

/// Whoever has the vendor's own libraries may put them in the place of ours.
#[tokio::test]
async fn it_serves_other_libraries_in_the_place_of_its_own() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let put = |name: &str, text: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, text).expect("it can be written");
        file
    };
    let finesse = put("finesse.js", "window.finesse = {version: 'a stand-in'};");
    let jquery = put("jquery.js", "window.jQuery = 'another stand-in';");
    let mut child = program()
        .args(["--listen", "127.0.0.1:0", "--deployment", "ucce", "--finesse-js"])
        .arg(&finesse)
        .arg("--jquery")
        .arg(&jquery)
        .spawn()
        .expect("starts");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("in time");
    let line = line.expect("readable").expect("a line");
    let url = line.strip_prefix("finesse-sim listening on ").expect("as announced");
    for (names, file) in
        [(["finesse.js", "finesse.min.js"], &finesse), (["jquery.js", "jquery.min.js"], &jquery)]
    {
        let text = std::fs::read_to_string(file).expect("it was written");
        for name in names {
            let served = answer(client().get(format!("{url}/desktop/assets/js/{name}"))).await;
            assert_eq!((served.status, served.body.as_str()), (200, text.as_str()), "{name}");
        }
    }
}

#[tokio::test]
async fn a_library_that_is_not_there_is_named() {
    let output = program()
        .args(["--listen", "127.0.0.1:0", "--deployment", "ucce"])
        .args(["--finesse-js", "no-such-file.js"])
        .output()
        .await
        .expect("runs");
    assert_eq!(output.status.code(), Some(1));
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(complaint.contains("failed to read no-such-file.js"), "{complaint}");
}
