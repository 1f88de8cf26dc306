//! Two simulators, a configuration that leads to them, and the real binary.

use std::fs;
use std::process::Command;
use std::time::Duration;

use finesse_sim::{Config as FinesseConfig, Deployment, FinesseSim};
use serde_json::Value;
use tempfile::TempDir;
use tokio::time::Instant;
use toml::Table;
use webex_sim::{Config as WebexConfig, WebexSim};

/// Two simulators, and a configuration that leads to them.
pub(crate) struct Outside {
    pub(crate) webex: WebexSim,
    pub(crate) finesse: FinesseSim,
    pub(crate) folder: TempDir,
    pub(crate) toml: Table,
}

/// What a command said.
pub(crate) struct Checked {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) took: Duration,
}

impl Outside {
    /// UCCX with three agents in the team Sales; mode server.
    pub(crate) async fn start() -> Self {
        Self::with(FinesseConfig::new(Deployment::Uccx, 3)).await
    }

    pub(crate) async fn with(finesse: FinesseConfig) -> Self {
        let folder = tempfile::tempdir().expect("a scratch folder");
        Self::within(folder, finesse).await
    }

    pub(crate) async fn within(folder: TempDir, finesse: FinesseConfig) -> Self {
        let webex = WebexSim::start(WebexConfig { agents: 3, ..WebexConfig::default() });
        let webex = webex.await.expect("webex-sim starts");
        let finesse = FinesseSim::start(finesse).await.expect("finesse-sim starts");
        fs::write(folder.path().join("token"), webex.token()).expect("a token");
        let mut nodes = vec![finesse.base_url()];
        nodes.extend(finesse.secondary_url());
        let toml = configuration(&webex, &nodes);
        Self { webex, finesse, folder, toml }
    }

    /// Another value of a key.
    #[must_use]
    pub(crate) fn set(mut self, section: &str, key: &str, value: impl Into<toml::Value>) -> Self {
        let section = self.toml.entry(section).or_insert_with(|| Table::new().into());
        section.as_table_mut().expect("a section").insert(key.to_owned(), value.into());
        self
    }

    /// Mode gadget, with a server at `url` and the desktops of the simulated node.
    #[must_use]
    pub(crate) fn gadget(self, url: &str) -> Self {
        let origin = self.finesse.base_url();
        self.set("sync", "mode", "gadget").set("http", "public_url", url).set(
            "http",
            "finesse_origins",
            vec![origin],
        )
    }

    pub(crate) async fn check(&self, arguments: &'static [&'static str]) -> Checked {
        self.run(&["check"], arguments).await
    }

    /// Runs a command of the binary on the configuration.
    pub(crate) async fn run(
        &self,
        command: &'static [&'static str],
        arguments: &'static [&'static str],
    ) -> Checked {
        let file = self.folder.path().join("lockstep.toml");
        fs::write(&file, self.toml.to_string()).expect("a configuration");
        let run = tokio::task::spawn_blocking(move || {
            let began = Instant::now();
            let output = Command::new(env!("CARGO_BIN_EXE_lockstep"))
                .args(command)
                .arg("--config")
                .arg(file)
                .args(arguments)
                .env_remove("LOCKSTEP_LOG")
                .output()
                .expect("the binary starts");
            (output, began.elapsed())
        });
        let (output, took) = run.await.expect("the command ends");
        let text = |bytes| String::from_utf8(bytes).expect("text");
        let checked = Checked {
            code: output.status.code().expect("exits by itself"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
            took,
        };
        let said = format!("{}{}", checked.stdout, checked.stderr);
        let token = self.webex.token();
        assert!(!said.contains(token.as_str()), "the token is shown");
        assert!(!said.contains("secret"), "a password is shown: {said}");
        checked
    }

    /// Nothing was asked that the documents do not allow, and no device is left behind.
    pub(crate) fn end(&self) {
        assert!(self.webex.violations().is_empty(), "{:?}", self.webex.violations());
        assert!(self.finesse.violations().is_empty(), "{:?}", self.finesse.violations());
        assert!(self.webex.devices().is_empty(), "a device is left behind");
        assert!(self.finesse.counters().writes.is_empty(), "somebody's state was touched");
    }
}

impl Checked {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("no json ({error}): {}{}", self.stdout, self.stderr))
    }

    /// `subject: text` of the findings of this status.
    pub(crate) fn findings(&self, status: &str) -> Vec<String> {
        let json = self.json();
        let all = json["findings"].as_array().cloned().unwrap_or_default();
        let of = all.iter().filter(|finding| finding["status"] == status);
        of.map(|finding| format!("{}: {}", text(finding, "subject"), text(finding, "text")))
            .collect()
    }

    /// One of the findings of this status begins with `subject: ` and has `words`; its remedy.
    pub(crate) fn remedy(&self, status: &str, subject: &str, words: &str) -> String {
        let json = self.json();
        let all = json["findings"].as_array().cloned().unwrap_or_default();
        let found = all.iter().find(|finding| {
            finding["status"] == status
                && finding["subject"] == subject
                && text(finding, "text").contains(words)
        });
        let found =
            found.unwrap_or_else(|| panic!("no {status} {subject} with {words:?} in {json:#}"));
        text(found, "remedy").to_owned()
    }
}

fn text<'a>(finding: &'a Value, field: &str) -> &'a str {
    finding[field].as_str().unwrap_or_default()
}

fn configuration(webex: &WebexSim, nodes: &[String]) -> Table {
    let text = format!(
        r#"
        [webex]
        token_file = "token"
        u2c_url = "{}"
        api_url = "{}"
        trusted_domains = ["127.0.0.1"]
        [finesse]
        nodes = {nodes:?}
        admin = {{ user = "administrator", password = "secret" }}
        supervisors = [{{ user = "supervisor1", password = "secret" }}]
        [agents]
        teams = ["Sales"]
        email_domains = ["example.com"]
        [sync]
        mode = "server"
        "#,
        webex.u2c_url(),
        webex.api_url(),
    );
    text.parse().expect("the configuration is TOML")
}
