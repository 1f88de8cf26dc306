//! Whose request it is, where a proxy stands in between.

use std::net::IpAddr;

use axum::http::{HeaderMap, header};

use crate::config::Network;

const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// The address behind `peer`, who is at the other end of the connection: what trusted proxies say,
/// and of anybody else nothing. Each proxy adds whom it heard at the end, so the list is read from
/// there, up to the first who is not trusted.
///
/// Where the two headers disagree, one of them was not written by the proxy, and neither counts.
pub(super) fn caller(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    if !is_trusted(peer, trusted) {
        return peer;
    }
    let plain = list(headers, X_FORWARDED_FOR).map(|all| behind(peer, &all, plain, trusted));
    let standard =
        list(headers, header::FORWARDED.as_str()).map(|all| behind(peer, &all, forwarded, trusted));
    match (plain, standard) {
        (Some(one), Some(other)) if one != other => peer,
        (Some(one), _) | (None, Some(one)) => one,
        (None, None) => peer,
    }
}

fn is_trusted(address: IpAddr, trusted: &[Network]) -> bool {
    trusted.iter().any(|network| network.contains(address))
}

/// All lines of a header as one list; `None` where there is none.
fn list(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines: Vec<&str> =
        headers.get_all(name).iter().map(|line| line.to_str().unwrap_or("?")).collect();
    (!lines.is_empty()).then(|| lines.join(","))
}

/// The last in the list who is not trusted; where it cannot be read, whoever came before that.
fn behind(
    peer: IpAddr,
    list: &str,
    read: fn(&str) -> Option<IpAddr>,
    trusted: &[Network],
) -> IpAddr {
    let mut nearest = peer;
    for entry in list.rsplit(',') {
        let Some(address) = read(entry.trim()) else { return nearest };
        nearest = address;
        if !is_trusted(address, trusted) {
            break;
        }
    }
    nearest
}

/// `192.0.2.7`, `192.0.2.7:4711`, `2001:db8::1`, `[2001:db8::1]:4711`.
fn plain(entry: &str) -> Option<IpAddr> {
    let address = match entry.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None if entry.matches(':').count() == 1 => entry.split_once(':')?.0,
        None => entry,
    };
    address.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

/// `for=192.0.2.7;proto=https`, `for="[2001:db8::1]:4711"`.
fn forwarded(entry: &str) -> Option<IpAddr> {
    let mut parts = entry.split(';').filter_map(|part| part.trim().split_once('='));
    let (_, node) = parts.find(|(name, _)| name.eq_ignore_ascii_case("for"))?;
    plain(node.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The caller behind 10.0.0.1, where the 10s are trusted.
    fn behind_proxy(headers: &[(&'static str, &str)]) -> String {
        from("10.0.0.1", headers)
    }

    fn from(peer: &str, headers: &[(&'static str, &str)]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().expect("a header"));
        }
        let trusted = ["10.0.0.0/8".parse().expect("a network")];
        caller(peer.parse().expect("an address"), &map, &trusted).to_string()
    }

    #[test]
    fn only_trusted_proxies_say_who_calls() {
        let claims = [("x-forwarded-for", "192.0.2.7"), ("forwarded", "for=192.0.2.7")];
        assert_eq!(from("203.0.113.9", &claims), "203.0.113.9");
        assert_eq!(behind_proxy(&claims), "192.0.2.7");
        assert_eq!(behind_proxy(&[]), "10.0.0.1");
    }

    #[test]
    fn what_the_caller_wrote_before_the_proxy_does_not_count() {
        assert_eq!(behind_proxy(&[("x-forwarded-for", "8.8.8.8, 192.0.2.7")]), "192.0.2.7");
        assert_eq!(
            behind_proxy(&[("x-forwarded-for", "8.8.8.8, 192.0.2.7, 10.9.9.9")]),
            "192.0.2.7"
        );
        let lines = [("x-forwarded-for", "8.8.8.8"), ("x-forwarded-for", "192.0.2.7")];
        assert_eq!(behind_proxy(&lines), "192.0.2.7");
        assert_eq!(behind_proxy(&[("x-forwarded-for", "8.8.8.8, junk")]), "10.0.0.1");
        assert_eq!(behind_proxy(&[("x-forwarded-for", "8.8.8.8, junk, 10.2.2.2")]), "10.2.2.2");
    }

    #[test]
    fn headers_that_disagree_count_for_nothing() {
        let both = [("x-forwarded-for", "192.0.2.7"), ("forwarded", "for=8.8.8.8")];
        assert_eq!(behind_proxy(&both), "10.0.0.1");
    }

    #[test]
    fn every_form_of_an_address_is_read() {
        for (value, is) in [
            ("192.0.2.7:4711", "192.0.2.7"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
        ] {
            assert_eq!(behind_proxy(&[("x-forwarded-for", value)]), is);
        }
        for value in ["for=192.0.2.7;proto=https", "proto=https; For=\"192.0.2.7:80\""] {
            assert_eq!(behind_proxy(&[("forwarded", value)]), "192.0.2.7");
        }
        assert_eq!(behind_proxy(&[("forwarded", "for=\"[2001:db8::1]:80\"")]), "2001:db8::1");
        assert_eq!(behind_proxy(&[("forwarded", "for=_hidden")]), "10.0.0.1");
    }
}
