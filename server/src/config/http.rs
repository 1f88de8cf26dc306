//! `[http]`: what Lockstep itself serves.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use lockstep_core::rules::Mode;
use url::Url;

use super::address::{self, Shape};
use super::file;
use super::item::{Item, Table};
use super::network::Network;
use super::problem::Report;
use crate::http::security::{self, PairError};

/// The keys of `[http]`.
pub(super) const KEYS: &[&str] = &[
    "listen",
    "public_url",
    "finesse_origins",
    "tls_cert_file",
    "tls_key_file",
    "trusted_proxies",
];

/// Where to listen, unless told otherwise: on this machine only.
const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8480);
/// Origins that may be listed: two nodes, with and without a port, and their aliases.
const MAX_ORIGINS: usize = 32;
/// Networks that may be listed; each request from one of them looks through all.
const MAX_PROXIES: usize = 32;

/// A certificate with its key, both in PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The server's own certificate first, then those that lead to its root.
    pub certificate: PathBuf,
    /// Its private key, without a password.
    pub key: PathBuf,
}

/// `[http]`, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Http {
    /// Where to listen.
    pub listen: SocketAddr,
    /// How desktops reach us; always there in the modes `gadget` and `auto`.
    pub public_url: Option<Url>,
    /// Origins of Finesse desktops, as a browser writes them: `https://finesse1.example.com`,
    /// with the port unless it is the scheme's own. Not empty in the modes `gadget` and `auto`.
    pub finesse_origins: Vec<String>,
    /// What connections are secured by; without it they are in the clear.
    pub tls: Option<TlsFiles>,
    /// Proxies whose word on who calls is believed.
    pub trusted_proxies: Vec<Network>,
}

pub(super) fn read(
    table: &mut Table,
    mode: Option<Mode>,
    base: &Path,
    report: &mut Report,
) -> Http {
    let listen = table.take("listen").map_or(Some(LISTEN), |item| {
        let (key, place) = (item.key.clone(), item.place.clone());
        let text = item.word(report)?;
        let listen = text.parse().ok();
        if listen.is_none() {
            let what = format!("{text:?} is not an address with a port");
            report.error(&key, &place, what, "write an IP address and a port: \"127.0.0.1:8480\"");
        }
        listen
    });
    let gadget = mode.is_some_and(Mode::has_gadget);
    let public_url = match table.take("public_url") {
        Some(item) => address::read(item, Shape::Base, report),
        None if gadget => {
            let what = "is missing: in the modes gadget and auto desktops must reach this server";
            let remedy = "add public_url = \"https://…\", as the agents' browsers see it";
            report.error("http.public_url", &table.place, what, remedy);
            None
        }
        None => None,
    };
    let finesse_origins = finesse_origins(table, gadget, report);
    let listen = listen.unwrap_or(LISTEN);
    let tls = tls(table, base, report);
    let trusted_proxies = trusted_proxies(table, report);
    Http { listen, public_url, finesse_origins, tls, trusted_proxies }
}

/// Both files or none; they are read here too, so that a broken pair is told before it is used.
fn tls(table: &mut Table, base: &Path, report: &mut Report) -> Option<TlsFiles> {
    let places = ["tls_cert_file", "tls_key_file"].map(|name| {
        let place = table.entries.get(name).map(|item| item.place.clone());
        (table.path(name), place)
    });
    let certificate = file::path(table, "tls_cert_file", base, report);
    let key = file::path(table, "tls_key_file", base, report);
    let [(certificate_key, certificate_place), (key_key, key_place)] = places;
    match (certificate_place, key_place) {
        (None, None) => None,
        (Some(place), None) => {
            report.error(&key_key, &place, "is missing", "add tls_key_file, the certificate's key");
            None
        }
        (None, Some(place)) => {
            let remedy = "add tls_cert_file, the key's certificate";
            report.error(&certificate_key, &place, "is missing", remedy);
            None
        }
        (Some(certificate_place), Some(key_place)) => {
            let files = TlsFiles { certificate: certificate?, key: key? };
            if let Err(error) = security::read(&files) {
                let (key, place, remedy) = match error {
                    PairError::Certificate { .. } => {
                        (certificate_key, certificate_place, "give certificates in PEM")
                    }
                    PairError::Key { .. } => {
                        (key_key, key_place, "give a private key in PEM, without a password")
                    }
                    PairError::Pair(_) => {
                        (key_key, key_place, "give the key that the certificate was made for")
                    }
                };
                report.error(&key, &place, error.to_string(), remedy);
                return None;
            }
            Some(files)
        }
    }
}

fn trusted_proxies(table: &mut Table, report: &mut Report) -> Vec<Network> {
    let Some(item) = table.take("trusted_proxies") else { return Vec::new() };
    let (key, place) = (item.key.clone(), item.place.clone());
    let Some(items) = item.list(report) else { return Vec::new() };
    if items.len() > MAX_PROXIES {
        let what = format!("{} networks are more than {MAX_PROXIES}", items.len());
        report.error(&key, &place, what, "write them as fewer, larger ones");
        return Vec::new();
    }
    let network = |item: Item| {
        let (key, place) = (item.key.clone(), item.place.clone());
        let text = item.word(report)?;
        let network = text.parse().ok();
        if network.is_none() {
            let remedy = "write an address, or a network: \"10.0.0.0/8\"";
            report.error(&key, &place, format!("{text:?} is no network"), remedy);
        }
        network
    };
    items.into_iter().filter_map(network).collect()
}

fn finesse_origins(table: &mut Table, required: bool, report: &mut Report) -> Vec<String> {
    let (key, mut place) = (table.path("finesse_origins"), table.place.clone());
    let items = match table.take("finesse_origins") {
        Some(item) => {
            place = item.place.clone();
            let Some(items) = item.list(report) else { return Vec::new() };
            items
        }
        None => Vec::new(),
    };
    if items.is_empty() && required {
        let what = "is missing: in the modes gadget and auto only desktops of these may connect";
        let remedy = "add finesse_origins = [\"https://finesse1.example.com:8445\"]";
        report.error(&key, &place, what, remedy);
    }
    if items.len() > MAX_ORIGINS {
        let what = format!("{} origins are more than {MAX_ORIGINS}", items.len());
        report.error(&key, &place, what, "list those that agents open");
        return Vec::new();
    }
    items
        .into_iter()
        .filter_map(|item| address::read(item, Shape::Origin, report))
        .map(|url| url.origin().ascii_serialization())
        .collect()
}
