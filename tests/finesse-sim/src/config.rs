//! What a simulator is started with.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use crate::clock::Clock;
use crate::faults::{Fault, Scope};
use crate::model::reasons::ReasonSpec;
use crate::model::state::{AgentState, Deployment};
use crate::model::user::UserSpec;

/// What is written into the nodes' certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Host names and addresses that it is for; loopback by default.
    pub names: Vec<String>,
    /// Days from the start until it ends; below 0 it has ended.
    pub days: i32,
}

impl Default for Certificate {
    fn default() -> Self {
        let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
        Self { names, days: 365 }
    }
}

/// A whole contact centre in one value; [`Config::new`] gives the usual one.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the primary node listens; loopback only, port 0 for any.
    pub listen: SocketAddr,
    /// Where the secondary node listens, if there is one.
    pub secondary: Option<SocketAddr>,
    /// UCCX or UCCE.
    pub deployment: Deployment,
    /// Team id and name.
    pub teams: Vec<(u32, String)>,
    /// Everybody, supervisors included.
    pub users: Vec<UserSpec>,
    /// The administrator: name and password. Not a user.
    pub admin: (String, String),
    /// Tokens of single sign-on, each with the name of the user whose it is; none: a system without
    /// it, in which a token is a violation.
    pub tokens: Vec<(String, String)>,
    /// The reason codes that are configured.
    pub reasons: Vec<ReasonSpec>,
    /// How long CTI takes to answer a state change: from, to.
    pub cti_delay: (Duration, Duration),
    /// How long wrap-up lasts.
    pub wrap_up_for: Duration,
    /// Faults in force from the start.
    pub faults: Vec<(Fault, Scope)>,
    /// A folder for `ca.pem`; makes both nodes speak TLS.
    pub tls: Option<PathBuf>,
    /// What the nodes show at a TLS handshake, where they speak TLS.
    pub certificate: Certificate,
    /// The desktop's layout, as XML; none: one without gadgets.
    pub layout: Option<String>,
    /// The vendor's `finesse.js`, in place of the simulator's own.
    pub finesse_js: Option<String>,
    /// The vendor's jQuery, in place of the simulator's own.
    pub jquery: Option<String>,
    /// Draws database ids, delays and chances; none: another one at every start.
    pub seed: Option<u64>,
    /// What time it is.
    pub clock: Clock,
}

impl Config {
    /// One node on any port, this many READY agents in the team `Sales`, `supervisor1`, and the usual
    /// reason codes.
    pub fn new(deployment: Deployment, agents: usize) -> Self {
        let mut config = Self::empty(deployment);
        config.users = usual_users(agents, 1, AgentState::Ready);
        config.teams = usual_teams(1);
        config
    }

    /// One node on any port, the team `Sales` and nobody in it.
    pub fn empty(deployment: Deployment) -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            secondary: None,
            deployment,
            teams: vec![(1, "Sales".to_owned())],
            users: Vec::new(),
            admin: ("administrator".to_owned(), "secret".to_owned()),
            tokens: Vec::new(),
            reasons: usual_reasons(),
            cti_delay: (Duration::from_millis(20), Duration::from_millis(120)),
            wrap_up_for: Duration::from_secs(10),
            faults: Vec::new(),
            tls: None,
            certificate: Certificate::default(),
            layout: None,
            finesse_js: None,
            jquery: None,
            seed: None,
            clock: Clock::System,
        }
    }

    /// The same with a secondary node on any port.
    #[must_use]
    pub fn with_secondary(mut self) -> Self {
        self.secondary = Some(SocketAddr::new(self.listen.ip(), 0));
        self
    }
}

/// Agents `1001001`, `1001002`, … with the loginNames `agent1001`, `agent1002`, …, spread over the
/// teams, and `supervisor1` who supervises every team and is at home in a team of their own.
pub fn usual_users(agents: usize, teams: u32, state: AgentState) -> Vec<UserSpec> {
    let teams = teams.max(1);
    let mut users: Vec<UserSpec> = (1..=agents)
        .map(|number| {
            let spread = u32::try_from((number - 1) % teams as usize).unwrap_or(0);
            usual_agent(number).in_team(spread + 1).starting(state)
        })
        .collect();
    let all: Vec<u32> = (1..=teams + 1).collect();
    users.push(UserSpec {
        first_name: "Sam".to_owned(),
        last_name: "Supervisor".to_owned(),
        extension: "39999".to_owned(),
        ..UserSpec::supervisor("supervisor1", &all).in_team(teams + 1)
    });
    users
}

fn usual_agent(number: usize) -> UserSpec {
    const FIRST: [&str; 8] = ["Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gia", "Hugo"];
    const LAST: [&str; 7] = ["Adler", "Brandt", "Castro", "Dubois", "Eriksen", "Fischer", "Gallo"];
    UserSpec {
        first_name: FIRST[(number - 1) % FIRST.len()].to_owned(),
        last_name: LAST[(number - 1) % LAST.len()].to_owned(),
        extension: (40_000 + number).to_string(),
        ..UserSpec::agent(&(1_001_000 + number).to_string(), &format!("agent{}", 1000 + number))
    }
}

/// `Sales`, then `Support`, `Billing` and numbered ones; the last is where `supervisor1` is at home.
pub fn usual_teams(teams: u32) -> Vec<(u32, String)> {
    let teams = teams.max(1);
    let name = |id: u32| match id {
        1 => "Sales".to_owned(),
        2 => "Support".to_owned(),
        3 => "Billing".to_owned(),
        id => format!("Team {id}"),
    };
    let mut named: Vec<(u32, String)> = (1..=teams).map(|id| (id, name(id))).collect();
    named.push((teams + 1, "Supervision".to_owned()));
    named
}

/// The four of the product, and those people choose by hand.
pub fn usual_reasons() -> Vec<ReasonSpec> {
    vec![
        ReasonSpec::not_ready(1, "Lunch"),
        ReasonSpec::not_ready(2, "Break"),
        ReasonSpec::not_ready(3, "Training"),
        ReasonSpec::not_ready(4, "Back Office"),
        ReasonSpec::not_ready(11, "Webex Call"),
        ReasonSpec::not_ready(12, "Webex Meeting"),
        ReasonSpec::not_ready(13, "Webex DND"),
        ReasonSpec::not_ready(14, "Webex Unavailable"),
    ]
}
