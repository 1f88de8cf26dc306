//! `[finesse]`: whose states are set, and by whom.

use std::path::Path;
use std::time::Duration;

use lockstep_core::rules::Mode;
use secrecy::SecretString;
use url::Url;

use super::address::{self, Shape};
use super::duration::Range;
use super::file::{self, CaFile};
use super::item::{Item, Table};
use super::problem::Report;
use super::secret;

/// The keys of `[finesse]`.
pub(super) const KEYS: &[&str] = &["nodes", "admin", "supervisors", "ca_file", "poll_interval"];
const ACCOUNT_KEYS: &[&str] = &["user", "password", "password_file"];

/// Nodes of a Finesse cluster: two sides (Finesse notes 1.9).
const MAX_NODES: usize = 2;
/// Accounts that may be listed; one supervisor can supervise many teams.
const MAX_SUPERVISORS: usize = 100;

/// How often the teams' states are read.
pub const POLL_INTERVAL: Range = Range {
    default: Duration::from_secs(3),
    min: Duration::from_millis(500),
    max: Duration::from_mins(1),
    why: "Finesse publishes no limit and must not be flooded, and an older look misleads",
};

/// `[finesse]`, checked.
#[derive(Debug, Clone)]
pub struct Finesse {
    /// The cluster's nodes, one or two, without a path.
    pub nodes: Vec<Url>,
    /// Reads the users.
    pub admin: Account,
    /// Set states; each acts for the teams that it supervises. Not empty where the server sets
    /// states (modes `server` and `auto`).
    pub supervisors: Vec<Account>,
    /// Certificates to trust in addition.
    pub ca: Option<CaFile>,
    /// How often the teams' states are read.
    pub poll_interval: Duration,
}

/// A user of Finesse and the password.
#[derive(Debug, Clone)]
pub struct Account {
    /// The user's name; has no colon, which Basic authorization cannot carry.
    pub user: String,
    /// The password.
    pub password: SecretString,
}

pub(super) fn read(
    table: &mut Table,
    mode: Option<Mode>,
    base: &Path,
    report: &mut Report,
) -> Option<Finesse> {
    let nodes = nodes(table, report);
    let remedy = "add admin = { user = \"…\", password_file = \"path\" }";
    let admin = table.require("admin", remedy, report).and_then(|item| account(item, base, report));
    let supervisors = supervisors(table, mode, base, report);
    let ca = file::ca(table, base, report);
    let poll_interval = POLL_INTERVAL.take(table, "poll_interval", report);
    Some(Finesse { nodes: nodes?, admin: admin?, supervisors: supervisors?, ca, poll_interval })
}

fn nodes(table: &mut Table, report: &mut Report) -> Option<Vec<Url>> {
    let remedy = "add nodes = [\"https://finesse1.example.com:8445\"]";
    let item = table.require("nodes", remedy, report)?;
    let (key, place) = (item.key.clone(), item.place.clone());
    let items = item.list(report)?;
    if items.is_empty() || items.len() > MAX_NODES {
        let what = format!("lists {} addresses; a cluster has 1 or {MAX_NODES} nodes", items.len());
        report.error(&key, &place, what, "list the nodes of one cluster");
        return None;
    }
    let urls: Vec<_> =
        items.into_iter().filter_map(|item| address::read(item, Shape::Origin, report)).collect();
    if let [one, two] = urls.as_slice()
        && one == two
    {
        report.error(&key, &place, "lists the same node twice", "remove one of them");
    }
    Some(urls)
}

fn supervisors(
    table: &mut Table,
    mode: Option<Mode>,
    base: &Path,
    report: &mut Report,
) -> Option<Vec<Account>> {
    let remedy = "add supervisors = [{ user = \"…\", password_file = \"path\" }]";
    let (key, mut place) = (table.path("supervisors"), table.place.clone());
    let items = match table.take("supervisors") {
        Some(item) => {
            place = item.place.clone();
            item.list(report)?
        }
        None => Vec::new(),
    };
    if items.is_empty() && mode.is_some_and(Mode::has_server) {
        let what = "is missing: in the modes server and auto a supervisor sets the states";
        report.error(&key, &place, what, remedy);
    }
    if items.len() > MAX_SUPERVISORS {
        let what = format!("{} accounts are more than {MAX_SUPERVISORS}", items.len());
        report.error(&key, &place, what, "let one account supervise several teams");
        return None;
    }
    let accounts: Vec<_> =
        items.into_iter().filter_map(|item| account(item, base, report)).collect();
    for (at, one) in accounts.iter().enumerate() {
        if accounts[..at].iter().any(|other| other.user == one.user) {
            let what = format!("{:?} is listed twice", one.user);
            report.error(&key, &place, what, "remove one of them");
        }
    }
    Some(accounts)
}

fn account(item: Item, base: &Path, report: &mut Report) -> Option<Account> {
    let mut table = item.table(report)?;
    let user = table.require("user", "add user = \"…\"", report);
    let user = user.and_then(|item| user_name(item, report));
    let password = secret::take(&mut table, "password", base, report);
    let password = password.require(&table, "password", report);
    table.unknown(ACCOUNT_KEYS, report);
    Some(Account { user: user?, password: password? })
}

fn user_name(item: Item, report: &mut Report) -> Option<String> {
    let (key, place) = (item.key.clone(), item.place.clone());
    let user = item.word(report)?;
    if user.contains(':') {
        let what = "has a colon, which ends the name in Basic authorization";
        report.error(&key, &place, what, "give the name alone");
        return None;
    }
    Some(user)
}
