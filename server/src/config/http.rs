//! `[http]`: what Lockstep itself serves.

use std::net::{Ipv4Addr, SocketAddr};

use lockstep_core::rules::Mode;
use url::Url;

use super::address::{self, Shape};
use super::item::Table;
use super::problem::Report;

/// The keys of `[http]`.
pub(super) const KEYS: &[&str] = &["listen", "public_url", "finesse_origins"];

/// Where to listen, unless told otherwise: on this machine only.
const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8480);
/// Origins that may be listed: two nodes, with and without a port, and their aliases.
const MAX_ORIGINS: usize = 32;

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
}

pub(super) fn read(table: &mut Table, mode: Option<Mode>, report: &mut Report) -> Http {
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
    Http { listen: listen.unwrap_or(LISTEN), public_url, finesse_origins }
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
