//! `lockstep check` with the outside world at hand, and without it.

use std::fs;
use std::process::Command;

use finesse_sim::{Config as FinesseConfig, Deployment, FinesseSim};
use serde_json::Value;
use tempfile::TempDir;
use webex_sim::{Config as WebexConfig, Fault, WebexSim};

/// Two simulators, and a configuration that leads to them.
struct Outside {
    webex: WebexSim,
    finesse: FinesseSim,
    folder: TempDir,
}

/// What the check said.
struct Checked {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Outside {
    async fn start() -> Self {
        let webex = WebexSim::start(WebexConfig { agents: 3, ..WebexConfig::default() });
        let webex = webex.await.expect("webex-sim starts");
        let finesse = FinesseSim::start(FinesseConfig::new(Deployment::Uccx, 3));
        let finesse = finesse.await.expect("finesse-sim starts");
        let folder = tempfile::tempdir().expect("a scratch folder");
        fs::write(folder.path().join("token"), webex.token()).expect("a token");
        Self { webex, finesse, folder }
    }

    fn configuration(&self) -> String {
        format!(
            r#"
            [webex]
            token_file = "token"
            u2c_url = "{}"
            api_url = "{}"
            trusted_domains = ["127.0.0.1"]
            [finesse]
            nodes = ["{}"]
            admin = {{ user = "administrator", password = "secret" }}
            supervisors = [{{ user = "supervisor1", password = "secret" }}]
            [agents]
            teams = ["Sales"]
            email_domains = ["example.com"]
            [sync]
            mode = "server"
            "#,
            self.webex.u2c_url(),
            self.webex.api_url(),
            self.finesse.base_url(),
        )
    }

    async fn check(&self, configuration: &str, arguments: &'static [&'static str]) -> Checked {
        let file = self.folder.path().join("lockstep.toml");
        fs::write(&file, configuration).expect("a configuration");
        let run = tokio::task::spawn_blocking(move || {
            Command::new(env!("CARGO_BIN_EXE_lockstep"))
                .args(["check", "--config"])
                .arg(file)
                .args(arguments)
                .env("LOCKSTEP_LOG", "warn")
                .output()
                .expect("the binary starts")
        });
        let output = run.await.expect("the check ends");
        let text = |bytes| String::from_utf8(bytes).expect("text");
        let checked = Checked {
            code: output.status.code().expect("exits by itself"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        };
        let said = format!("{}{}", checked.stdout, checked.stderr);
        let token = self.webex.token();
        assert!(!said.contains(token.as_str()), "the token is shown");
        checked
    }

    /// Nothing was asked that the documents do not allow, and no device is left behind.
    fn end(&self) {
        assert!(self.webex.violations().is_empty(), "{:?}", self.webex.violations());
        assert!(self.finesse.violations().is_empty(), "{:?}", self.finesse.violations());
        assert!(self.webex.devices().is_empty(), "a device is left behind");
        assert!(self.finesse.counters().writes.is_empty(), "somebody's state was touched");
    }
}

fn findings(json: &Value, status: &str) -> Vec<String> {
    let all = json["findings"].as_array().expect("findings");
    let of = all.iter().filter(|finding| finding["status"] == status);
    of.map(|finding| format!("{}: {}", finding["subject"], finding["text"])).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_at_hand_is_green() {
    let outside = Outside::start().await;
    let checked = outside.check(&outside.configuration(), &["--json"]).await;
    let json: Value = serde_json::from_str(&checked.stdout).expect("json");
    assert_eq!((checked.code, &json["status"]), (0, &"green".into()), "{json:#}");
    for subject in ["configuration", "finesse", "finesse.admin", "team Sales", "webex feed"] {
        let told = findings(&json, "green").iter().any(|told| told.contains(subject));
        assert!(told, "{subject} is missing in {json:#}");
    }
    outside.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_nobody_knows_are_amber_each_with_its_remedy() {
    let outside = Outside::start().await;
    outside.webex.remove_person("agent1002@example.com").expect("there is one");
    let configuration = outside
        .configuration()
        .replace("[\"Sales\"]", "[\"Sales\", \"Nowhere\"]\nusers = [\"ghost\"]");
    let checked = outside.check(&configuration, &[]).await;
    assert_eq!(checked.code, 0, "{}", checked.stdout);
    for line in ["Nowhere: finesse has no such team", "ghost: finesse has no such user"] {
        assert!(checked.stdout.contains(line), "{line} is missing in {}", checked.stdout);
    }
    let missing = "agent1002: webex knows none of agent1002@example.com";
    assert!(checked.stdout.contains(missing), "{}", checked.stdout);
    assert!(checked.stdout.contains("-> add the domain to agents.email_domains"));
    outside.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_red_and_tried_once() {
    let outside = Outside::start().await;
    let wrong = "{ user = \"supervisor1\", password = \"wrong\" }";
    let right = "{ user = \"supervisor1\", password = \"secret\" }";
    let configuration = outside.configuration().replace(right, wrong);
    let checked = outside.check(&configuration, &[]).await;
    assert_eq!(checked.code, 1, "{}", checked.stdout);
    assert!(checked.stdout.contains("red    team Sales"), "{}", checked.stdout);
    assert_eq!(outside.finesse.counters().unauthorized.values().sum::<u64>(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn subscriptions_that_are_refused_are_amber_because_presence_can_be_polled() {
    let outside = Outside::start().await;
    outside.webex.inject(Fault::SubscriptionsRefused { status: 403 }).expect("a fault");
    let checked = outside.check(&outside.configuration(), &[]).await;
    assert_eq!(checked.code, 0, "{}{}", checked.stdout, checked.stderr);
    assert!(checked.stdout.contains("amber  webex feed"), "{}", checked.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_there_is_red_with_a_remedy() {
    let outside = Outside::start().await;
    let configuration = outside.configuration();
    outside.finesse.shutdown().await;
    let checked = Outside { finesse: gone().await, ..outside }.check(&configuration, &[]).await;
    assert_eq!(checked.code, 1, "{}", checked.stdout);
    assert!(checked.stdout.contains("red    finesse "), "{}", checked.stdout);
    assert!(checked.stdout.contains("-> check finesse.nodes"), "{}", checked.stdout);
}

/// Nothing can be made in `/proc`, not even by root.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_state_dir_that_cannot_be_written_is_red() {
    let outside = Outside::start().await;
    let configuration = format!("{}\n[state]\ndir = \"/proc/lockstep\"", outside.configuration());
    let checked = outside.check(&configuration, &[]).await;
    assert_eq!(checked.code, 1, "{}", checked.stdout);
    assert!(checked.stdout.contains("red    state.dir"), "{}", checked.stdout);
    assert!(checked.stdout.contains("set state.dir to another folder"), "{}", checked.stdout);
    outside.end();
}

/// Another Finesse, which nobody asks.
async fn gone() -> FinesseSim {
    FinesseSim::start(FinesseConfig::new(Deployment::Uccx, 1)).await.expect("finesse-sim starts")
}
