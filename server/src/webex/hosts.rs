use url::{Host, Url};

/// Decides which hosts may see the token (contract: `webex.trusted_domains`).
#[derive(Debug, Clone)]
pub(super) struct Trust {
    domains: Vec<String>,
}

/// An address that may not see the token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UntrustedHost {
    /// The host is not listed.
    #[error("{host} is not one of webex.trusted_domains, so it does not get the token")]
    NotListed {
        /// The host.
        host: String,
    },
    /// Plain text to another machine.
    #[error("{host} is addressed by {scheme}, which would show the token to the network")]
    Plain {
        /// The host.
        host: String,
        /// `http`, `ws` or something else.
        scheme: String,
    },
    /// An address with a name or a password in it.
    #[error("an address of {host} carries credentials, which no address of webex does")]
    Credentials {
        /// The host.
        host: String,
    },
    /// The address has no host.
    #[error("{url} names no host")]
    NoHost {
        /// The address.
        url: String,
    },
}

impl Trust {
    pub(super) fn new(domains: &[String]) -> Self {
        let tidy = |domain: &String| domain.trim().trim_matches('.').to_ascii_lowercase();
        Self { domains: domains.iter().map(tidy).filter(|domain| !domain.is_empty()).collect() }
    }

    /// A host is trusted when it equals a listed one or lies below it; the port does not matter.
    /// Plain text is for loopback only.
    pub(super) fn check(&self, url: &Url) -> Result<(), UntrustedHost> {
        let Some(host) = url.host() else {
            // Without path and query: they might carry what is nobody's business.
            return Err(UntrustedHost::NoHost { url: format!("{}:…", cut(url.scheme())) });
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UntrustedHost::Credentials { host: cut(&host.to_string()) });
        }
        if !matches!(url.scheme(), "https" | "wss") && !plain_is_fine(url.scheme(), &host) {
            let scheme = cut(url.scheme());
            return Err(UntrustedHost::Plain { host: cut(&host.to_string()), scheme });
        }
        if self.lists(&host) {
            return Ok(());
        }
        Err(UntrustedHost::NotListed { host: cut(&host.to_string()) })
    }

    fn lists(&self, host: &Host<&str>) -> bool {
        let host_text = match host {
            Host::Domain(domain) => domain.trim_end_matches('.').to_ascii_lowercase(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        };
        let is_name = matches!(host, Host::Domain(_));
        self.domains.iter().any(|domain| {
            let domain = domain.trim_start_matches('[').trim_end_matches(']');
            host_text == domain
                || (is_name
                    && host_text.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')))
        })
    }
}

/// A name out of an answer, for an error: DNS has none that is longer.
fn cut(name: &str) -> String {
    name.chars().take(253).collect()
}

fn plain_is_fine(scheme: &str, host: &Host<&str>) -> bool {
    let loopback = match host {
        Host::Domain(domain) => domain.eq_ignore_ascii_case("localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    loopback && matches!(scheme, "http" | "ws")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(domains: &[&str], url: &str) -> Result<(), UntrustedHost> {
        let domains: Vec<String> = domains.iter().map(|&domain| domain.into()).collect();
        Trust::new(&domains).check(&Url::parse(url).unwrap())
    }

    #[test]
    fn a_listed_host_and_those_below_it_are_trusted_on_any_port() {
        for url in ["https://wbx2.com", "https://wdm-a.wbx2.com:8443/x", "wss://A.B.WBX2.COM/y"] {
            assert_eq!(check(&["wbx2.com"], url), Ok(()), "{url}");
        }
    }

    #[test]
    fn a_look_alike_is_not_trusted() {
        for url in ["https://evilwbx2.com", "https://wbx2.com.evil.example", "https://com"] {
            let refused = check(&["wbx2.com"], url).unwrap_err();
            assert!(matches!(refused, UntrustedHost::NotListed { .. }), "{url}");
            assert!(refused.to_string().contains("webex.trusted_domains"));
        }
    }

    #[test]
    fn an_address_may_be_listed_but_has_nothing_below_it() {
        assert_eq!(check(&["127.0.0.1"], "http://127.0.0.1:9000/x"), Ok(()));
        assert_eq!(check(&["[::1]"], "ws://[::1]:9000/x"), Ok(()));
        assert!(check(&["0.0.1"], "http://127.0.0.1/").is_err());
        assert!(check(&["1"], "http://127.0.0.1/").is_err());
    }

    #[test]
    fn plain_text_is_for_loopback_only() {
        assert_eq!(check(&["localhost"], "http://localhost:1/"), Ok(()));
        let refused = check(&["wbx2.com", "10.0.0.1"], "http://10.0.0.1/").unwrap_err();
        assert!(matches!(refused, UntrustedHost::Plain { .. }));
        assert!(check(&["wbx2.com"], "ws://wbx2.com/").is_err());
        assert!(check(&["localhost"], "ftp://localhost/").is_err());
    }

    #[test]
    fn spellings_of_an_address_lead_nobody_astray() {
        let domains = ["wbx2.com"];
        for url in ["https://WBX2.com./x", "https://wdm.wbx2.com.:443/", "https://wbx2.com:1/"] {
            assert_eq!(check(&domains, url), Ok(()), "{url}");
        }
        for url in [
            "https://wbx2.com@evil.example/",
            "https://user:pass@wdm.wbx2.com/",
            "https://evil.example@wdm.wbx2.com/",
            "https://evil.example#wbx2.com",
            "https://evil.example/wbx2.com",
            "https://evil.example?.wbx2.com",
            "https://evil.example\\@wbx2.com/",
            "https://wbx2\u{0441}.com/",
            "https://2130706433/",
            "https://[::ffff:127.0.0.1]/",
            "https://wbx2.com.evil.example./",
        ] {
            assert!(check(&domains, url).is_err(), "{url}");
        }
        assert_eq!(check(&["127.0.0.1"], "http://2130706433:8/x"), Ok(()), "the same address");
    }

    #[test]
    fn a_host_without_end_does_not_fill_the_log() {
        let endless = "a".repeat(5_000);
        for before in ["https://", "https://me:secret@", "ftp://"] {
            let refused = check(&["wbx2.com"], &format!("{before}{endless}/"));
            assert!(refused.unwrap_err().to_string().len() < 400, "{before}");
        }
    }

    #[test]
    fn nothing_is_trusted_by_an_empty_entry() {
        assert!(check(&["", "."], "https://example.com").is_err());
    }
}
