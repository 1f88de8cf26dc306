use std::net::IpAddr;
use std::time::Duration;

use secrecy::SecretString;
use url::{Host, Url};

/// All that the client needs to know; checked by [`super::Rest::new`].
#[derive(Debug)]
pub struct Settings {
    /// One node or both, `https://host:8445` or without a port for 443; `http://` for loopback
    /// addresses only. Neither path nor credentials.
    pub nodes: Vec<Url>,
    /// Reads users, single agents and reason codes.
    pub admin: AccountSettings,
    /// Read their teams and change their agents' states; none in gadget mode.
    pub supervisors: Vec<AccountSettings>,
    /// Certificates (PEM, one or more) trusted beside the platform's; verification is never off.
    pub ca: Option<Vec<u8>>,
    /// How much is asked of Finesse, and for how long.
    pub limits: Limits,
}

/// A user and the password.
#[derive(Debug, Clone)]
pub struct AccountSettings {
    /// loginId or loginName.
    pub user: String,
    /// Never printed.
    pub password: SecretString,
}

/// Limits that we set ourselves: Finesse documents none, and no 429 (Finesse notes 1.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For the connection including TLS.
    pub connect: Duration,
    /// For a whole call: waiting for its turn, connecting, the answer and its body.
    pub total: Duration,
    /// For `SystemInfo` while nodes are compared.
    pub probe: Duration,
    /// How often every node is asked how it is.
    pub heartbeat: Duration,
    /// Requests in flight per account.
    pub in_flight_per_account: usize,
    /// Requests per second, all calls together, after the burst is used up.
    pub requests_per_second: u32,
    /// Requests that may go out at once after a quiet time.
    pub burst: u32,
}

impl Limits {
    /// A connection inside a data centre takes milliseconds; three seconds see one lost packet.
    pub const CONNECT: Duration = Duration::from_secs(3);
    /// Finesse answers a change before CTI has acted, so ten seconds mean that it is in trouble.
    pub const TOTAL: Duration = Duration::from_secs(10);
    /// `SystemInfo` is answered from memory; a node that needs longer is no node to move to.
    pub const PROBE: Duration = Duration::from_secs(2);
    /// As often as Finesse's own desktop asks (Finesse notes 1.9).
    pub const HEARTBEAT: Duration = Duration::from_secs(20);
    /// Fewer than the five failures that lock an account for five minutes (Finesse notes 1.8):
    /// when a password is changed, no more requests than this can carry the old one.
    pub const IN_FLIGHT_PER_ACCOUNT: usize = 4;
    /// After the burst: every one of 200 agents can change state each four seconds.
    pub const REQUESTS_PER_SECOND: u32 = 50;
    /// A meeting of 200 agents begins at once, and a look belongs to each change.
    pub const BURST: u32 = 400;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Self::CONNECT,
            total: Self::TOTAL,
            probe: Self::PROBE,
            heartbeat: Self::HEARTBEAT,
            in_flight_per_account: Self::IN_FLIGHT_PER_ACCOUNT,
            requests_per_second: Self::REQUESTS_PER_SECOND,
            burst: Self::BURST,
        }
    }
}

/// Settings that no client can be made of.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// Neither one node nor two.
    #[error("finesse.nodes names {0} nodes; Finesse has one or two")]
    NodeCount(usize),
    /// The same node twice.
    #[error("finesse.nodes names {0} twice")]
    SameNode(String),
    /// Plain HTTP to another machine, or another scheme.
    #[error("finesse.nodes: {0} must be https; http is for loopback addresses only")]
    NotHttps(String),
    /// A path, a query or credentials in the address.
    #[error("finesse.nodes: {0} must be only a scheme, a host and a port")]
    NotBare(String),
    /// An account without a user, or with a colon in it, which Basic authorization cannot carry.
    #[error("finesse account name {0:?} is empty or has a colon or control character in it")]
    Account(String),
    /// One user, two passwords.
    #[error("finesse account {0} is given twice with different passwords")]
    TwoPasswords(String),
    /// The CA file holds no certificate that can be read.
    #[error("finesse.ca_file holds no readable certificate")]
    Ca(#[source] Option<reqwest::Error>),
    /// A limit of zero.
    #[error("finesse limit {0} must be more than zero")]
    Zero(&'static str),
    /// The HTTP client cannot be made, for want of the platform's trusted roots for instance.
    #[error("failed to prepare the client for finesse")]
    Client(#[source] reqwest::Error),
}

impl Settings {
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        if !(1..=2).contains(&self.nodes.len()) {
            return Err(SettingsError::NodeCount(self.nodes.len()));
        }
        for node in &self.nodes {
            check_node(node)?;
        }
        if let [one, other] = &self.nodes[..]
            && one.origin() == other.origin()
        {
            return Err(SettingsError::SameNode(one.origin().ascii_serialization()));
        }
        let limits = &self.limits;
        for (name, zero) in [
            ("connect", limits.connect.is_zero()),
            ("total", limits.total.is_zero()),
            ("probe", limits.probe.is_zero()),
            ("heartbeat", limits.heartbeat.is_zero()),
            ("in_flight_per_account", limits.in_flight_per_account == 0),
            ("requests_per_second", limits.requests_per_second == 0),
            ("burst", limits.burst == 0),
        ] {
            if zero {
                return Err(SettingsError::Zero(name));
            }
        }
        Ok(())
    }
}

fn check_node(node: &Url) -> Result<(), SettingsError> {
    let shown = || node.origin().ascii_serialization();
    match node.scheme() {
        "https" => {}
        "http" if is_loopback(node) => {}
        _ => return Err(SettingsError::NotHttps(shown())),
    }
    let bare = node.username().is_empty()
        && node.password().is_none()
        && matches!(node.path(), "" | "/")
        && node.query().is_none()
        && node.fragment().is_none();
    if bare { Ok(()) } else { Err(SettingsError::NotBare(shown())) }
}

fn is_loopback(node: &Url) -> bool {
    match node.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(nodes: &[&str]) -> Result<(), SettingsError> {
        let password = SecretString::from("secret");
        let settings = Settings {
            nodes: nodes.iter().map(|node| node.parse().unwrap()).collect(),
            admin: AccountSettings { user: "administrator".into(), password },
            supervisors: vec![],
            ca: None,
            limits: Limits::default(),
        };
        settings.check()
    }

    #[test]
    fn one_node_or_two_different_ones() {
        assert!(with(&["https://f1:8445"]).is_ok());
        assert!(with(&["https://f1:8445", "https://f2:8445"]).is_ok());
        assert!(matches!(with(&[]), Err(SettingsError::NodeCount(0))));
        let same = with(&["https://f1", "https://f1:443/"]);
        assert!(matches!(same, Err(SettingsError::SameNode(_))));
    }

    #[test]
    fn plain_http_is_for_loopback_only() {
        for node in ["http://127.0.0.1:8082", "http://[::1]:1", "http://localhost:1"] {
            assert!(with(&[node]).is_ok(), "{node}");
        }
        for node in ["http://f1:8082", "http://10.0.0.1", "ftp://127.0.0.1"] {
            assert!(matches!(with(&[node]), Err(SettingsError::NotHttps(_))), "{node}");
        }
    }

    #[test]
    fn an_address_with_more_in_it_is_refused_without_repeating_the_secret() {
        for node in
            ["https://u:geheim@f1", "https://f1/finesse", "https://f1/?geheim", "https://f1/#x"]
        {
            let error = with(&[node]).unwrap_err();
            assert!(matches!(error, SettingsError::NotBare(_)), "{node}");
            assert!(!error.to_string().contains("geheim"));
        }
    }
}
