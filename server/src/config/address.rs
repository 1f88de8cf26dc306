//! Addresses: `https`, or `http` to this machine.

use std::net::IpAddr;

use url::{Host, Url};

use super::item::Item;
use super::problem::Report;

/// What an address may consist of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Scheme, host, port: `https://finesse1.example.com:8445`.
    Origin,
    /// A path as well: `https://webexapis.com/v1`.
    Base,
}

/// Reads an address. It is not shown where it may hold a password.
pub(super) fn read(item: Item, shape: Shape, report: &mut Report) -> Option<Url> {
    let (key, place) = (item.key.clone(), item.place.clone());
    let text = item.word(report)?;
    match check(&text, shape) {
        Ok(url) => Some(url),
        Err((what, remedy)) => {
            report.error(&key, &place, what, remedy);
            None
        }
    }
}

/// A default, which is known to be good.
pub(super) fn known(text: &str) -> Url {
    Url::parse(text).expect("a default address is tested")
}

/// Is `host` this machine itself?
pub(crate) fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => name.eq_ignore_ascii_case("localhost"),
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    }
}

/// Is `host` one of `domains`, or below one?
pub(super) fn is_within(host: &Host<&str>, domains: &[String]) -> bool {
    domains.iter().any(|domain| match host {
        Host::Domain(name) => name
            .strip_suffix(domain.as_str())
            .is_some_and(|front| front.is_empty() || front.ends_with('.')),
        Host::Ipv4(ip) => domain.parse() == Ok(IpAddr::V4(*ip)),
        Host::Ipv6(ip) => domain.parse() == Ok(IpAddr::V6(*ip)),
    })
}

fn check(text: &str, shape: Shape) -> Result<Url, (String, &'static str)> {
    let url = Url::parse(text)
        .map_err(|error| (format!("is not an address: {error}"), "write https://host[:port]"))?;
    if !url.username().is_empty() || url.password().is_some() {
        let remedy = "take them out: names and passwords have keys of their own";
        return Err(("contains a name or a password".to_owned(), remedy));
    }
    let Some(host) = url.host() else {
        return Err((format!("{text:?} names no host"), "write https://host[:port]"));
    };
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&host) => {}
        "http" => {
            let remedy = "use https; http is for this machine itself only (127.0.0.1, localhost)";
            return Err((format!("{text:?} would be sent in the clear"), remedy));
        }
        scheme => {
            return Err((format!("{scheme:?} is not a scheme that can be used"), "use https"));
        }
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err((format!("{text:?} has a query or a fragment"), "end it before ? and #"));
    }
    if shape == Shape::Origin && url.path() != "/" {
        return Err((format!("{text:?} has a path"), "end it after the host and the port"));
    }
    Ok(url)
}
