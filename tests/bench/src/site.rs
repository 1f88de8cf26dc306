//! Both simulators and the files that a program under measurement is started with.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use finesse_sim::{AgentState, Deployment, FinesseSim, usual_teams, usual_users};
use tempfile::TempDir;
use webex_sim::WebexSim;

use crate::child::Program;

/// Ids and delays are the same in every run.
const SEED: u64 = 11;
/// How long the simulated CTI takes to act on a request: from, to.
const CTI: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(120));
/// The simulators' password of every account.
pub const PASSWORD: &str = "secret";
/// The page that gadgets are in.
pub const ORIGIN: &str = "https://finesse.example.com:8445";

/// A contact centre to measure against.
#[derive(Debug)]
pub struct Site {
    /// The simulated Webex.
    pub webex: WebexSim,
    /// The simulated Finesse.
    pub finesse: FinesseSim,
    /// Configuration, state and logs.
    pub folder: TempDir,
    teams: u32,
}

/// Who sets the states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// lockstep itself.
    Server,
    /// The agents' gadgets, which the driver plays.
    Gadget,
    /// The agents' gadgets, in desktops that reach the program here.
    Desk(SocketAddr),
}

/// One agent on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// `loginId` in Finesse.
    pub id: String,
    /// The address in Webex.
    pub address: String,
    /// The raw id in Webex.
    pub subject: String,
}

impl Site {
    /// Starts both simulators with this many READY agents, spread over the teams.
    pub async fn start(agents: usize, teams: u32) -> anyhow::Result<Self> {
        let webex = webex_sim::Config { agents, seed: Some(SEED), ..webex_sim::Config::default() };
        let mut finesse = finesse_sim::Config::new(Deployment::Uccx, 0);
        finesse.users = usual_users(agents, teams, AgentState::Ready);
        finesse.teams = usual_teams(teams);
        finesse.cti_delay = CTI;
        finesse.seed = Some(SEED);
        Ok(Self {
            webex: WebexSim::start(webex).await?,
            finesse: FinesseSim::start(finesse).await?,
            folder: tempfile::tempdir().context("failed to make a folder")?,
            teams,
        })
    }

    /// Everybody but the supervisor, in the order of their numbers.
    pub fn agents(&self) -> Vec<Agent> {
        let users = self.finesse.users();
        let agents = users.iter().filter_map(|user| {
            let person = self.webex.person(&format!("{}@example.com", user.login_name))?;
            let subject = person.id.to_string();
            Some(Agent { id: user.login_id.clone(), address: person.address, subject })
        });
        agents.collect()
    }

    /// Writes the configuration of `lockstep`: as a site would have it, but for the hold-down.
    fn configure_lockstep(&self, mode: Mode) -> anyhow::Result<()> {
        let teams: Vec<String> = usual_teams(self.teams)
            .into_iter()
            .take(self.teams as usize)
            .map(|(_, name)| name)
            .collect();
        let gadget = match mode {
            Mode::Server => String::new(),
            Mode::Gadget => format!(
                "public_url = \"https://lockstep.example.com\"\nfinesse_origins = [\"{ORIGIN}\"]"
            ),
            Mode::Desk(address) => format!(
                "public_url = \"http://{address}\"\nfinesse_origins = [\"{}\"]",
                self.finesse.base_url()
            ),
        };
        let listen = match mode {
            Mode::Desk(address) => address,
            Mode::Server | Mode::Gadget => (Ipv4Addr::LOCALHOST, 0).into(),
        };
        let config = format!(
            r#"
[webex]
token_file = "webex-token"
u2c_url = "{u2c}"
api_url = "{api}"
trusted_domains = ["127.0.0.1"]
[finesse]
nodes = ["{finesse}"]
admin = {{ user = "administrator", password_file = "finesse-password" }}
supervisors = [{{ user = "supervisor1", password_file = "finesse-password" }}]
[agents]
teams = {teams:?}
email_domains = ["example.com"]
[sync]
mode = "{mode}"
hold_down = "0ms"
[http]
listen = "{listen}"
{gadget}
[state]
dir = "state"
"#,
            mode = if mode == Mode::Server { "server" } else { "gadget" },
            u2c = self.webex.u2c_url(),
            api = self.webex.api_url(),
            finesse = self.finesse.base_url(),
        );
        self.write("lockstep.toml", &config)?;
        self.write("webex-token", &self.webex.token())?;
        self.write("finesse-password", PASSWORD)
    }

    /// Starts `lockstep` with that configuration.
    pub fn start_lockstep(&self, program: &Path, mode: Mode) -> anyhow::Result<Program> {
        self.configure_lockstep(mode)?;
        let arguments = ["run", "--config", "lockstep.toml"].map(OsStr::new);
        Program::start("lockstep", program, &arguments, self.folder.path())
    }

    /// Writes what the relay must know: who is who, one per line.
    pub fn configure_relay(&self) -> anyhow::Result<()> {
        let mut people = String::new();
        for agent in self.agents() {
            let _ = writeln!(people, "{} {}", agent.subject, agent.id);
        }
        self.write("people", &people)
    }

    fn write(&self, name: &str, text: &str) -> anyhow::Result<()> {
        fs::write(self.folder.path().join(name), text)
            .with_context(|| format!("failed to write {name}"))
    }

    /// Stops both simulators.
    pub async fn end(self) {
        self.webex.shutdown().await;
        self.finesse.shutdown().await;
    }
}
