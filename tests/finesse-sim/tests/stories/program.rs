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
