//! What a site is started with.

use std::time::Duration;

use finesse_sim::{Deployment, FinesseSim};
use toml::{Table, Value};
use webex_sim::WebexSim;

use crate::desktop::ORIGIN;

/// The password of every account of a site; a word that no sentence has by chance.
pub const PASSWORD: &str = "Pa55-of-every-account";

/// The secrets of an integration, before any was drawn.
pub const CLIENT_SECRET: &str = "Cl1ent-secret-of-the-integration";
/// The refresh token that the configuration names.
pub const REFRESH_TOKEN: &str = "Refr3sh-token-of-the-beginning";

/// Both simulators and the configuration of Lockstep, changed before the start.
#[derive(Debug)]
pub struct SiteConfig {
    /// The simulated Finesse.
    pub finesse: finesse_sim::Config,
    /// The simulated Webex.
    pub webex: webex_sim::Config,
    /// `LOCKSTEP_LOG`.
    pub filter: String,
    /// What else is in the process's environment.
    pub environment: Vec<(String, String)>,
    /// Faults of Webex in force from the start.
    pub webex_faults: Vec<webex_sim::Fault>,
    /// Whether a killed process may have left a request unanswered beside a new one.
    pub was_killed: bool,
    /// What the configuration says otherwise than [`SiteConfig::toml`] would.
    changes: Vec<(String, String, Option<Value>)>,
    /// Each a `[[policy]]`.
    policies: Vec<Table>,
}

impl SiteConfig {
    /// This many READY agents `agent1001`, `agent1002`, … in the team `Sales`, all of them in
    /// Webex, with quick polls.
    pub fn new(deployment: Deployment, agents: usize) -> Self {
        let mut finesse = finesse_sim::Config::new(deployment, agents);
        finesse.cti_delay = (Duration::from_millis(5), Duration::from_millis(30));
        let webex = webex_sim::Config { agents, ..webex_sim::Config::default() };
        Self {
            finesse,
            webex,
            filter: "info,lockstep=debug".to_owned(),
            environment: Vec::new(),
            webex_faults: Vec::new(),
            was_killed: false,
            changes: Vec::new(),
            policies: Vec::new(),
        }
    }

    /// A key of Lockstep's configuration.
    #[must_use]
    pub fn set(mut self, section: &str, key: &str, value: impl Into<Value>) -> Self {
        self.changes.push((section.to_owned(), key.to_owned(), Some(value.into())));
        self
    }

    /// A key that is left out.
    #[must_use]
    pub fn unset(mut self, section: &str, key: &str) -> Self {
        self.changes.push((section.to_owned(), key.to_owned(), None));
        self
    }

    /// Everything that is in the process's environment.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let filter = ("LOCKSTEP_LOG".to_owned(), self.filter.clone());
        self.environment.iter().cloned().chain([filter]).collect()
    }

    /// In this mode, with gadgets on the desktops.
    #[must_use]
    pub fn with_gadgets(self, mode: &str) -> Self {
        // Desktops find the process by its log: which port is free is not known before.
        self.set("sync", "mode", mode).set("http", "public_url", "http://127.0.0.1:1").set(
            "http",
            "finesse_origins",
            vec![ORIGIN.to_owned()],
        )
    }

    /// One more `[[policy]]`, as TOML.
    #[must_use]
    pub fn policy(mut self, text: &str) -> Self {
        self.policies.push(text.parse().expect("a policy is TOML"));
        self
    }

    /// An integration instead of a bot.
    #[must_use]
    pub fn with_integration(self) -> Self {
        self.unset("webex", "token_file")
            .set("webex", "client_id", "the-client")
            .set("webex", "client_secret_file", "client-secret")
            .set("webex", "refresh_token_file", "refresh-token")
    }

    /// A fault of Webex in force from the start.
    #[must_use]
    pub fn under(mut self, fault: webex_sim::Fault) -> Self {
        self.webex_faults.push(fault);
        self
    }

    /// The configuration as a file, for simulators that run.
    pub(crate) fn toml(&self, webex: &WebexSim, finesse: &FinesseSim) -> Table {
        let mut config = usual(webex, finesse);
        for (section, key, value) in &self.changes {
            let section = config.entry(section.clone()).or_insert_with(|| Table::new().into());
            let Value::Table(section) = section else { continue };
            match value {
                Some(value) => section.insert(key.clone(), value.clone()),
                None => section.remove(key),
            };
        }
        if !self.policies.is_empty() {
            let policies = self.policies.iter().cloned().map(Value::Table).collect();
            config.insert("policy".to_owned(), Value::Array(policies));
        }
        config
    }
}

fn usual(webex: &WebexSim, finesse: &FinesseSim) -> Table {
    let mut nodes = vec![finesse.base_url()];
    nodes.extend(finesse.secondary_url());
    let text = format!(
        r#"
[webex]
token_file = "webex-token"
u2c_url = "{u2c}"
api_url = "{api}"
trusted_domains = ["127.0.0.1"]
[finesse]
nodes = {nodes:?}
admin = {{ user = "administrator", password_file = "finesse-password" }}
supervisors = [{{ user = "supervisor1", password_file = "finesse-password" }}]
poll_interval = "500ms"
[agents]
teams = ["Sales"]
email_domains = ["example.com"]
[sync]
mode = "server"
call_grace = "1s"
[http]
listen = "127.0.0.1:0"
[state]
dir = "state"
"#,
        u2c = webex.u2c_url(),
        api = webex.api_url(),
    );
    text.parse().expect("the usual configuration is TOML")
}
