//! The simulator as a process.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;
use webex_sim::{Config, StartError, WebexSim};

use crate::client::within;

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_webex-sim"));
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

#[tokio::test]
async fn it_says_where_it_listens_and_leaves_when_told() {
    for signal in ["-TERM", "-INT"] {
        let arguments = ["--listen", "127.0.0.1:0", "--agents", "3", "--person", "a@b.example"];
        let mut child = command().args(arguments).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = within("the line", lines.next_line()).await.unwrap().unwrap();
        let base = line.strip_prefix("webex-sim listening on ").unwrap().to_owned();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let people = http.get(format!("{base}/sim/people")).send().await.unwrap();
        let people: serde_json::Value = people.json().await.unwrap();
        assert_eq!(people.as_array().unwrap().len(), 4);
        let id = child.id().unwrap().to_string();
        let kill = Command::new("kill").args([signal, &id]).status().await.unwrap();
        assert!(kill.success());
        assert!(within("the exit", child.wait()).await.unwrap().success(), "{signal}");
    }
}

#[tokio::test]
async fn it_listens_on_loopback_only_and_says_why() {
    let listen = "0.0.0.0:0".parse().unwrap();
    let error = WebexSim::start(Config { listen, ..Config::default() }).await.unwrap_err();
    assert!(matches!(error, StartError::NotLoopback(_)));
    let output = command().args(["--listen", "0.0.0.0:0"]).output().await.unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("loopback addresses only"), "{said}");
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let first = WebexSim::start(Config::default()).await.unwrap();
    let again = Config { listen: first.addr(), ..Config::default() };
    let error = WebexSim::start(again).await.unwrap_err();
    assert!(error.to_string().contains(&first.addr().to_string()), "{error}");
    first.shutdown().await;
}

#[tokio::test]
async fn help_is_worth_reading() {
    let output = command().arg("--help").output().await.unwrap();
    let help = String::from_utf8_lossy(&output.stdout);
    for part in ["/sim/faults", "_PF84_", "--listen", "--agents", "--person"] {
        assert!(help.contains(part), "{part}\n{help}");
    }
}
