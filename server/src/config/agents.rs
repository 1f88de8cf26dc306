//! `[agents]`: who is watched, and who that is in Webex.

use std::collections::BTreeMap;

use super::item::{Item, Table};
use super::problem::Report;

/// The keys of `[agents]`.
pub(super) const KEYS: &[&str] = &["teams", "users", "email_domains", "overrides"];

/// Entries of one list or table: several times the agents of one Finesse cluster.
const MAX_ENTRIES: usize = 10_000;
/// Mail domains: each may cost a request per agent at start.
const MAX_DOMAINS: usize = 32;

/// `[agents]`, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agents {
    /// Names or ids of teams: everyone whose home team it is.
    pub teams: Vec<String>,
    /// Login names or login ids.
    pub users: Vec<String>,
    /// `loginName@domain`, the first that exists in Webex; lower case.
    pub email_domains: Vec<String>,
    /// Address in Webex by login name or login id.
    pub overrides: BTreeMap<String, String>,
}

pub(super) fn read(table: &mut Table, report: &mut Report) -> Agents {
    let place = table.place.clone();
    let (has_teams, has_users) = (given(table, "teams"), given(table, "users"));
    let teams = words(table, "teams", MAX_ENTRIES, report);
    let users = words(table, "users", MAX_ENTRIES, report);
    if teams.is_empty() && users.is_empty() && !has_teams && !has_users {
        let remedy = "add teams = [\"…\"] or users = [\"…\"]";
        report.error("agents.teams", &place, "nobody is watched", remedy);
    }
    let email_domains: Vec<_> = list(table, "email_domains", MAX_DOMAINS, report)
        .into_iter()
        .filter_map(|item| domain(item, report))
        .collect();
    let overrides = overrides(table, report);
    if email_domains.is_empty() && !users.iter().all(|user| resolves(user, &overrides)) {
        let what = "is empty: only a loginName that is an address, or that agents.overrides \
                    names, is found in Webex";
        report.warning("agents.email_domains", &place, what, "add the agents' mail domain");
    }
    Agents { teams, users, email_domains, overrides }
}

/// Was something written, right or wrong, other than an empty list?
fn given(table: &Table, name: &str) -> bool {
    table.entries.get(name).is_some_and(|item| !item.is_empty_list())
}

fn resolves(user: &str, overrides: &BTreeMap<String, String>) -> bool {
    user.contains('@') || overrides.contains_key(user)
}

fn list(table: &mut Table, name: &str, max: usize, report: &mut Report) -> Vec<Item> {
    let Some(item) = table.take(name) else { return Vec::new() };
    let (key, place) = (item.key.clone(), item.place.clone());
    let items = item.list(report).unwrap_or_default();
    if items.len() > max {
        let what = format!("{} entries are more than {max}", items.len());
        report.error(&key, &place, what, "list fewer");
        return Vec::new();
    }
    items
}

fn words(table: &mut Table, name: &str, max: usize, report: &mut Report) -> Vec<String> {
    list(table, name, max, report).into_iter().filter_map(|item| item.word(report)).collect()
}

fn domain(item: Item, report: &mut Report) -> Option<String> {
    let (key, place) = (item.key.clone(), item.place.clone());
    let domain = item.word(report)?.to_ascii_lowercase();
    if domain.contains(|c: char| c == '@' || c == '/' || c == ':' || c.is_whitespace()) {
        let what = format!("{domain:?} is not a mail domain");
        report.error(&key, &place, what, "write what follows the @: \"example.com\"");
        return None;
    }
    Some(domain)
}

fn overrides(table: &mut Table, report: &mut Report) -> BTreeMap<String, String> {
    let Some(item) = table.take("overrides") else { return BTreeMap::new() };
    let Some(table) = item.table(report) else { return BTreeMap::new() };
    if table.entries.len() > MAX_ENTRIES {
        let what = format!("{} entries are more than {MAX_ENTRIES}", table.entries.len());
        report.error(&table.key, &table.place, what, "list fewer");
        return BTreeMap::new();
    }
    let pair = |(login, item)| Some((login, mail_address(item, report)?));
    table.entries.into_iter().filter_map(pair).collect()
}

fn mail_address(item: Item, report: &mut Report) -> Option<String> {
    let (key, place) = (item.key.clone(), item.place.clone());
    let address = item.word(report)?;
    let parts: Vec<_> = address.split('@').collect();
    if parts.len() != 2 || parts.contains(&"") || address.contains(char::is_whitespace) {
        let what = format!("{address:?} is not a mail address");
        report.error(&key, &place, what, "write the person's address in Webex");
        return None;
    }
    Some(address)
}
