//! What a change of the configuration takes: a restart, or nothing.

use secrecy::{ExposeSecret, SecretString};

use super::{Config, Finesse, Token, Webex};

impl Config {
    /// The keys that differ in `new` and are read at the start only.
    pub fn needs_restart(&self, new: &Self) -> Vec<&'static str> {
        let mut keys = Vec::new();
        let mut differs = |key, differs: bool| keys.extend(differs.then_some(key));
        webex(&self.webex, &new.webex, &mut differs);
        finesse(&self.finesse, &new.finesse, &mut differs);
        // An agent's own mode follows while running; which sides there are at all is a start's.
        differs("sync.mode", self.modes() != new.modes());
        differs("sync.reconcile_every", self.sync.reconcile_every != new.sync.reconcile_every);
        differs("http.listen", self.http.listen != new.http.listen);
        differs("http.tls_cert_file", self.http.tls.is_some() != new.http.tls.is_some());
        differs("http.trusted_proxies", self.http.trusted_proxies != new.http.trusted_proxies);
        differs("the section [dashboard]", self.dashboard != new.dashboard);
        differs("state.dir", self.state.dir != new.state.dir);
        differs("traces", self.traces != new.traces);
        keys
    }
}

fn webex(old: &Webex, new: &Webex, differs: &mut impl FnMut(&'static str, bool)) {
    differs("the webex token", !same_token(&old.token, &new.token));
    differs("webex.u2c_url", old.u2c_url != new.u2c_url);
    differs("webex.api_url", old.api_url != new.api_url);
    differs("webex.trusted_domains", old.trusted_domains != new.trusted_domains);
    differs("webex.ca_file", old.ca != new.ca);
    differs("webex.people_per_minute", old.people_per_minute != new.people_per_minute);
}

fn finesse(old: &Finesse, new: &Finesse, differs: &mut impl FnMut(&'static str, bool)) {
    differs("finesse.nodes", old.nodes != new.nodes);
    differs("finesse.ca_file", old.ca != new.ca);
    differs("finesse.poll_interval", old.poll_interval != new.poll_interval);
}

fn same_token(one: &Token, other: &Token) -> bool {
    match (one, other) {
        (Token::Bot(one), Token::Bot(other)) => same_secret(one, other),
        (
            Token::Integration { client_id: one, client_secret: secret, refresh_token: token },
            Token::Integration { client_id, client_secret, refresh_token },
        ) => {
            one == client_id
                && same_secret(secret, client_secret)
                && same_secret(token, refresh_token)
        }
        _ => false,
    }
}

fn same_secret(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}
