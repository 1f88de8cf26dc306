//! What a simulated cloud is started with.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

/// Everything that can be chosen at start; [`Config::default`] suits a test: a free port on
/// 127.0.0.1 and two agents.
#[derive(Clone, Debug)]
pub struct Config {
    /// Loopback only; port 0 takes a free one.
    pub listen: SocketAddr,
    /// How many people `agent1001@<domain>`, `agent1002@<domain>`, … there are.
    pub agents: usize,
    /// The domain of those people.
    pub domain: String,
    /// Further people, with addresses of any form.
    pub people: Vec<PersonSpec>,
    /// Makes every id the same from run to run; without it none repeats.
    pub seed: Option<u64>,
    /// What its clock shows at the start; the machine's time when absent. From then on it goes with
    /// tokio's clock.
    pub epoch: Option<Timestamp>,
    /// How long an access token lives that the integration grant gives out.
    pub access_token_lifetime: Duration,
    /// Whether each refresh replaces the refresh token and the used one is refused afterwards.
    pub rotate_refresh_tokens: bool,
    /// A bot with this many devices is told that it has too many (wire notes 2.4 name 100).
    pub max_devices: usize,
    /// How long a Mercury socket may stay silent before it has proved itself
    /// (wire notes 3.6: 30 s).
    pub authorization_timeout: Duration,
    /// How often Mercury sends a WebSocket ping (wire notes 3.5: more often than every 20 s).
    pub ping_every: Duration,
}

/// One person that is not made by counting.
#[derive(Clone, Debug)]
pub struct PersonSpec {
    /// The mail address; compared without regard to case.
    pub address: String,
    /// The raw id; made from the address when absent.
    pub id: Option<Uuid>,
}

/// Why the simulated cloud did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Anybody who can reach the simulator may do anything in it.
    #[error(
        "refusing to listen on {0}: the simulator accepts every well-formed token, \
         so it listens on loopback addresses only (127.0.0.1 or [::1])"
    )]
    NotLoopback(SocketAddr),
    /// The port is taken, most likely.
    #[error("failed to listen on {address}")]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Two people cannot share an address or an id.
    #[error("failed to add {0}: somebody with this address or id is there already")]
    Taken(String),
    /// Not a mail address.
    #[error("failed to add {0:?}: a person's address looks like name@example.com")]
    NotAnAddress(String),
}

// === impl Config ===

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            agents: 2,
            domain: "example.com".to_owned(),
            people: Vec::new(),
            seed: None,
            epoch: None,
            access_token_lifetime: Duration::from_hours(14 * 24),
            rotate_refresh_tokens: true,
            max_devices: 100,
            authorization_timeout: Duration::from_secs(30),
            ping_every: Duration::from_secs(15),
        }
    }
}

// === impl PersonSpec ===

impl From<&str> for PersonSpec {
    fn from(address: &str) -> Self {
        Self { address: address.to_owned(), id: None }
    }
}
