//! The binary itself: what it prints, where, and how it exits.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const SECRET: &str = "s3cret";
const GOOD: &str = r#"
[webex]
token_file = "token"
[finesse]
nodes = ["https://f1.example.com:8445"]
admin = { user = "administrator", password = "s3cret-admin" }
supervisors = [{ user = "boss", password_file = "boss" }]
[agents]
teams = ["Sales"]
email_domains = ["example.com"]
[sync]
mode = "server"
"#;

struct Run {
    code: i32,
    stdout: String,
    stderr: String,
}

fn folder(config: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect(name);
    write("lockstep.toml", config);
    write("token", "s3cret-token\n");
    write("boss", "s3cret-boss\n");
    folder
}

fn lockstep(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Run {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_lockstep"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .envs(environment.iter().copied())
        .output()
        .expect("the binary starts");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    let run = Run {
        code: status.code().expect("exits by itself"),
        stdout: text(stdout),
        stderr: text(stderr),
    };
    assert!(!run.stdout.contains(SECRET) && !run.stderr.contains(SECRET), "a secret is shown");
    run
}

const CHECK: [&str; 3] = ["check", "--config", "lockstep.toml"];
const RULES: [&str; 3] = ["rules", "--config", "lockstep.toml"];

#[test]
fn every_command_refuses_a_broken_configuration_with_2_and_every_problem() {
    let config = GOOD.replace("[sync]", "[sync]\nhold_dwon = \"1s\"\nstale_after = \"1s\"");
    let folder = folder(&config.replace("\"token\"", "\"nowhere\""));
    for command in ["run", "check", "rules"] {
        let run = lockstep(folder.path(), &[command, "--config", "lockstep.toml"], &[]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{command}");
        for expected in [
            "lockstep: the configuration is not valid: 3 problems\n",
            "lockstep.toml:3:14: webex.token_file: the file nowhere: does not exist; write the secret",
            "lockstep.toml:12:13: sync.hold_dwon: unknown key; did you mean \"hold_down\"?",
            "lockstep.toml:13:15: sync.stale_after: 1s is out of range",
        ] {
            assert!(run.stderr.contains(expected), "{command}: {expected}\n{}", run.stderr);
        }
    }
}

#[test]
fn check_json_says_what_is_not_valid() {
    let folder = folder(&GOOD.replace("\"server\"", "\"sever\""));
    let run = lockstep(folder.path(), &[&CHECK[..], &["--json"]].concat(), &[]);
    let json: serde_json::Value = serde_json::from_str(&run.stdout).expect("json");
    assert_eq!((run.code, &json["status"]), (2, &"red".into()));
    assert_eq!(json["findings"][0]["subject"], "sync.mode");
    assert_eq!(json["findings"][0]["remedy"], "did you mean \"server\"?");
}

#[test]
fn the_environment_overrides_and_is_named() {
    let folder = folder(GOOD);
    let run = lockstep(folder.path(), &CHECK, &[("LOCKSTEP_SYNC__HOLD_DOWN", "2m")]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("environment LOCKSTEP_SYNC__HOLD_DOWN: sync.hold_down: 2m"));
    let run = lockstep(folder.path(), &CHECK, &[("LOCKSTEP_LOG", "lockstep=loud")]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("environment LOCKSTEP_LOG: "), "{}", run.stderr);
}

#[test]
fn a_missing_file_and_a_missing_argument_exit_2() {
    let folder = folder(GOOD);
    let run = lockstep(folder.path(), &["run", "--config", "none.toml"], &[]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("none.toml: does not exist"), "{}", run.stderr);
    assert_eq!(lockstep(folder.path(), &["run"], &[]).code, 2);
}

#[test]
fn rules_shows_what_applies_and_what_each_presence_meets() {
    let run = lockstep(folder(GOOD).path(), &RULES, &[]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let lines: Vec<_> = run
        .stdout
        .lines()
        .map(|line| {
            line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect::<Vec<_>>()
        })
        .collect();
    for expected in [
        [
            "presenting",
            "status = presenting, meeting_type = online | none",
            "Not Ready: Webex Meeting",
        ],
        ["default", "no rule matches", "leave alone"],
        ["dnd", "dnd", "Not Ready: Webex DND"],
        ["meeting, meeting_type online", "meeting-online", "Not Ready: Webex Meeting"],
        ["meeting, no meeting_type", "meeting-other", "leave alone"],
        ["unknown, another category", "unknown-other", "leave alone"],
        ["ooo", "free", "free"],
        ["anything new", "default", "leave alone"],
    ] {
        assert!(lines.contains(&expected.to_vec()), "{expected:?}\n{}", run.stdout);
    }
    assert!(run.stdout.contains("mode server: Finesse shows its generic supervisor reason"));
}

#[test]
fn rules_of_a_file_are_named_with_their_warnings() {
    let folder = folder(&format!("{GOOD}[rules]\nfile = \"my.toml\"\n"));
    let rules = "[[rule]]\nid = \"quiet\"\nwhen = { status = \"dn\" }\nset = \"free\"\n[default]\nset = \"leave\"\n";
    fs::write(folder.path().join("my.toml"), rules).expect("write");
    let run = lockstep(folder.path(), &RULES, &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("(mode server, my.toml)"), "{}", run.stdout);
    assert!(
        run.stdout
            .contains("warning: my.toml:3:10: rule \"quiet\", when.status: \"dn\" is never sent")
    );
}

#[test]
fn help_says_how_it_exits_and_what_overrides() {
    let folder = folder(GOOD);
    let run = lockstep(folder.path(), &["--help"], &[]);
    assert_eq!(run.code, 0);
    for expected in ["Exit codes:", "LOCKSTEP_SECTION__KEY", "LOCKSTEP_LOG", "Example:", "rules"] {
        assert!(run.stdout.contains(expected), "{expected}\n{}", run.stdout);
    }
    let version = lockstep(folder.path(), &["--version"], &[]);
    assert_eq!(version.stdout, format!("lockstep {}\n", env!("CARGO_PKG_VERSION")));
}

/// A server that answers once, with these words; gives its address.
fn answers(words: &'static str) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("it has one");
    std::thread::spawn(move || {
        use std::io::{Read as _, Write as _};
        let (mut socket, _) = listener.accept().expect("somebody asks");
        let _ = socket.read(&mut [0; 4096]);
        let _ = socket.write_all(words.as_bytes());
    });
    format!("http://{address}/readyz")
}

#[test]
fn a_health_check_tells_by_its_exit_code_how_the_server_is() {
    let none = tempfile::tempdir().expect("a scratch folder");
    let ask = |url: &str| lockstep(none.path(), &["healthcheck", url], &[]);
    let good = ask(&answers("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwell\n"));
    assert_eq!((good.code, good.stdout.trim()), (0, "well"), "{}", good.stderr);
    let bad = ask(&answers("HTTP/1.1 503 No\r\ncontent-length: 4\r\n\r\nwhy\n"));
    assert_eq!((bad.code, bad.stdout.trim()), (1, "why"), "{}", bad.stderr);
    assert!(bad.stderr.contains("503"), "{}", bad.stderr);
    let named = ask(&answers("HTTP/1.1 200 OK\r\n").replace("http://", "http://user:s3cret@"));
    assert_eq!(named.code, 1, "half an answer is none");
    let nobody = ask("http://127.0.0.1:1/healthz");
    assert_eq!(nobody.code, 1);
    assert!(!nobody.stderr.is_empty());
}
