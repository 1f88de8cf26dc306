//! The module that ships to browsers and this build decide the same, word for word, on 10,000 random
//! histories. `cargo xtask test` builds the module and says where it is.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use lockstep_core::agent::history;

const HISTORIES: u64 = 10_000;

#[test]
fn module_and_server_agree_on_ten_thousand_histories() {
    let module = std::env::var_os("LOCKSTEP_AGREE").map(PathBuf::from);
    let module = module.expect("LOCKSTEP_AGREE names the module; `cargo xtask test` sets it");
    let script = "const {history} = require(process.argv[1]); const lines = []; \
                  for (let number = 0; number < process.argv[2]; number++) lines.push(history(number)); \
                  process.stdout.write(lines.join('\\n'));";
    let mut node = Command::new("node");
    node.args(["-e", script]).arg(&module).arg(HISTORIES.to_string());
    let node = node.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("node starts");
    let here: Vec<String> = (0..HISTORIES).map(history).collect();
    let told = node.wait_with_output().expect("node ends");
    assert!(told.status.success(), "node: {}", told.status);
    let told = String::from_utf8(told.stdout).expect("text");
    let there: Vec<&str> = told.lines().collect();
    assert_eq!(there.len(), here.len());
    for (here, there) in here.iter().zip(there) {
        assert_eq!(here, there, "number, decisions, requests and digest of one history");
    }
    let count = |place: usize| -> u64 {
        here.iter().filter_map(|line| line.split(' ').nth(place)?.parse::<u64>().ok()).sum()
    };
    assert!(count(1) > 10 * HISTORIES && count(2) > HISTORIES, "{} {}", count(1), count(2));
}
