//! `[webex]`: how to read presence.

use std::path::Path;

use url::Url;

use super::address::{self, Shape, is_within};
use super::file::{self, CaFile};
use super::item::{Item, Table};
use super::problem::Report;
use super::secret::{self, Given};
use crate::webex::Token;

/// The keys of `[webex]`.
pub(super) const KEYS: &[&str] = &[
    "token",
    "token_file",
    "client_id",
    "client_secret",
    "client_secret_file",
    "refresh_token",
    "refresh_token_file",
    "u2c_url",
    "api_url",
    "trusted_domains",
    "ca_file",
    "people_per_minute",
];

/// Where the list of Webex' services is, unless told otherwise (Webex notes 1.3).
const U2C_URL: &str = "https://u2c.wbx2.com/u2c/api/v1";
/// The public API, unless told otherwise.
const API_URL: &str = "https://webexapis.com/v1";
/// Cisco's own domains that Webex services are in.
const TRUSTED_DOMAINS: [&str; 4] = ["wbx2.com", "webex.com", "ciscospark.com", "webexapis.com"];
/// Domains that may be listed: each is compared for each request.
const MAX_TRUSTED_DOMAINS: usize = 64;
/// Requests per minute while presence is polled: two per second.
const PEOPLE_PER_MINUTE: u32 = 120;
/// Above this Webex answers 429 in any case, which lowers the rate.
const MAX_PEOPLE_PER_MINUTE: u32 = 3_000;

/// `[webex]`, checked.
#[derive(Debug, Clone)]
pub struct Webex {
    /// How to prove oneself.
    pub token: Token,
    /// Base of the service catalog (U2C).
    pub u2c_url: Url,
    /// Base of the public API.
    pub api_url: Url,
    /// Hosts, and those below them, that may see the token; lower case.
    pub trusted_domains: Vec<String>,
    /// Certificates to trust in addition.
    pub ca: Option<CaFile>,
    /// Requests per minute that polling may spend; at least 1.
    pub people_per_minute: u32,
}

pub(super) fn read(table: &mut Table, base: &Path, report: &mut Report) -> Option<Webex> {
    let token = token(table, base, report);
    let trusted_domains = trusted_domains(table, report);
    let u2c_url = url(table, "u2c_url", U2C_URL, &trusted_domains, report);
    let api_url = url(table, "api_url", API_URL, &trusted_domains, report);
    let ca = file::ca(table, base, report);
    let people_per_minute = people_per_minute(table, report);
    Some(Webex {
        token: token?,
        u2c_url: u2c_url?,
        api_url: api_url?,
        trusted_domains,
        ca,
        people_per_minute,
    })
}

fn token(table: &mut Table, base: &Path, report: &mut Report) -> Option<Token> {
    let bot = secret::take(table, "token", base, report);
    let client_id = table.take("client_id");
    let client_secret = secret::take(table, "client_secret", base, report);
    let refresh_token = secret::take(table, "refresh_token", base, report);
    let given = |secret: &Given| !matches!(secret, Given::No);
    let integration = client_id.is_some() || given(&client_secret) || given(&refresh_token);
    let (key, place) = (table.path("token"), table.place.clone());
    match (given(&bot), integration) {
        (true, true) => {
            let what = "stands beside the keys of an integration";
            report.error(&key, &place, what, "keep either the bot's token or the integration");
            None
        }
        (false, false) => {
            let remedy = "add token_file = \"path\" with a bot's token; or client_id, \
                          client_secret_file and refresh_token_file of an integration";
            report.error(&key, &place, "is missing", remedy);
            None
        }
        (true, false) => bot.require(table, "token", report).map(Token::Bot),
        (false, true) => {
            let client_id = client_id
                .or_else(|| table.require("client_id", "add the integration's client id", report));
            let client_id = client_id.and_then(|item| item.word(report));
            let client_secret = client_secret.require(table, "client_secret", report);
            let refresh_token = refresh_token.require(table, "refresh_token", report);
            Some(Token::Integration {
                client_id: client_id?,
                client_secret: client_secret?,
                refresh_token: refresh_token?,
            })
        }
    }
}

fn trusted_domains(table: &mut Table, report: &mut Report) -> Vec<String> {
    let defaults = || TRUSTED_DOMAINS.map(str::to_owned).to_vec();
    let Some(item) = table.take("trusted_domains") else { return defaults() };
    let (key, place) = (item.key.clone(), item.place.clone());
    let Some(items) = item.list(report) else { return defaults() };
    if items.is_empty() || items.len() > MAX_TRUSTED_DOMAINS {
        let what = format!("lists {} hosts, not 1 to {MAX_TRUSTED_DOMAINS}", items.len());
        report.error(&key, &place, what, "list the domains of the Webex services");
        return defaults();
    }
    items.into_iter().filter_map(|item| domain(item, report)).collect()
}

/// A host name of two labels and more, `localhost`, or an address; a mere `com` would trust all.
fn domain(item: Item, report: &mut Report) -> Option<String> {
    let (key, place) = (item.key.clone(), item.place.clone());
    let text = item.word(report)?.to_ascii_lowercase();
    let is_address = text.parse::<std::net::IpAddr>().is_ok();
    let is_name = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.')
        && text.split('.').all(|label| !label.is_empty());
    if is_address || (is_name && (text.contains('.') || text == "localhost")) {
        return Some(text);
    }
    let remedy = "write a host alone: \"webex.com\" (covers what is below it) or \"127.0.0.1\"";
    report.error(&key, &place, format!("{text:?} is not a host that can be trusted"), remedy);
    None
}

/// The token is sent there, so the host must be one that may see it.
fn url(
    table: &mut Table,
    name: &str,
    default: &str,
    domains: &[String],
    report: &mut Report,
) -> Option<Url> {
    let (mut key, mut place) = (table.path(name), table.place.clone());
    let mut url = address::known(default);
    if let Some(item) = table.take(name) {
        (key, place) = (item.key.clone(), item.place.clone());
        url = address::read(item, Shape::Base, report)?;
    }
    if url.host().is_some_and(|host| is_within(&host, domains)) {
        return Some(url);
    }
    let host = url.host_str().unwrap_or_default();
    let what = format!("the host {host:?} is not in webex.trusted_domains");
    report.error(&key, &place, what, "add it there if it may see the token");
    None
}

fn people_per_minute(table: &mut Table, report: &mut Report) -> u32 {
    let Some(item) = table.take("people_per_minute") else { return PEOPLE_PER_MINUTE };
    let (key, place) = (item.key.clone(), item.place.clone());
    let Some(number) = item.number(report) else { return PEOPLE_PER_MINUTE };
    if let Ok(number @ 1..=MAX_PEOPLE_PER_MINUTE) = u32::try_from(number) {
        return number;
    }
    let what = format!("{number} is out of range, 1 to {MAX_PEOPLE_PER_MINUTE}");
    let remedy = format!("leave it out for {PEOPLE_PER_MINUTE}; Webex lowers it by 429");
    report.error(&key, &place, what, remedy);
    PEOPLE_PER_MINUTE
}
