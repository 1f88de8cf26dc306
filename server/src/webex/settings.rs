use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::hosts::{Trust, UntrustedHost};

/// How Lockstep proves itself to Webex.
#[derive(Debug, Clone)]
pub enum Token {
    /// A bot's access token: it does not expire and cannot be renewed (Webex notes 5).
    Bot(SecretString),
    /// An integration: short-lived access tokens, drawn by a refresh token.
    Integration {
        /// OAuth client id.
        client_id: String,
        /// OAuth client secret.
        client_secret: SecretString,
        /// The newest refresh token that is known.
        refresh_token: SecretString,
    },
}

impl Token {
    /// Can a refused access token be exchanged for a new one?
    pub const fn renewable(&self) -> bool {
        matches!(self, Self::Integration { .. })
    }
}

/// What the client is built from.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How to prove oneself.
    pub token: Token,
    /// Base of the service catalog, for example `https://u2c.wbx2.com/u2c/api/v1`.
    pub u2c_url: Url,
    /// Base of the public API, for example `https://webexapis.com/v1`.
    pub api_url: Url,
    /// Hosts, and those below them, that may see the token; any port.
    pub trusted_domains: Vec<String>,
    /// Certificates in PEM, trusted in addition to those of the machine.
    pub ca_pem: Option<Vec<u8>>,
    /// Requests per minute that polling may spend, at least 1.
    pub people_per_minute: u32,
    /// Name under which the device is registered; two instances must not share one, or each
    /// replaces the other's connection (Webex notes 2.4, 3.6).
    pub device_name: String,
    /// Everybody's presence is read afresh this often.
    pub reconcile_every: Duration,
    /// Waits and limits; the defaults are meant for Webex, tests shorten them.
    pub timing: Timing,
}

impl Settings {
    /// Checks what types cannot say.
    pub fn validate(&self) -> Result<(), SettingsError> {
        if self.people_per_minute == 0 {
            return Err(SettingsError::NoPolling);
        }
        if self.device_name.trim().is_empty() {
            return Err(SettingsError::NoName);
        }
        let trust = Trust::new(&self.trusted_domains);
        for (key, url) in [("u2c_url", &self.u2c_url), ("api_url", &self.api_url)] {
            trust.check(url).map_err(|source| SettingsError::Host { key, source })?;
        }
        Ok(())
    }
}

/// What is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// `people_per_minute` is 0.
    #[error("webex.people_per_minute must be at least 1")]
    NoPolling,
    /// The device's name is empty.
    #[error("the webex device needs a name")]
    NoName,
    /// An address that may not see the token.
    #[error("webex.{key} cannot be used")]
    Host {
        /// The setting.
        key: &'static str,
        /// Why not.
        #[source]
        source: UntrustedHost,
    },
    /// `ca_file` cannot be used.
    #[error("webex.ca_file holds no usable certificate: {detail}")]
    Certificate {
        /// What the parser said.
        detail: String,
    },
    /// The TLS or HTTP library could not be set up.
    #[error("failed to set up tls for webex: {detail}")]
    Tls {
        /// What the library said.
        detail: String,
    },
}

/// Waits and limits of the feed, each with its reason.
#[derive(Debug, Clone)]
pub struct Timing {
    /// A request, from connecting to the last byte. Webex answers within a second; a proxy that
    /// swallows packets must not hold a slot for longer.
    pub request: Duration,
    /// From opening the socket to `mercury.buffer_state`; the platform itself gives 30 s to
    /// authenticate (Webex notes 3.6).
    pub ready: Duration,
    /// Next ping after a pong; what the vendor's client does (Webex notes 3.5).
    pub ping_every: Duration,
    /// A pong later than this counts as none; as the vendor's client (Webex notes 3.5).
    pub pong_within: Duration,
    /// Nothing at all received for this long: dead. Three missed pings of either side.
    pub silence: Duration,
    /// Life of a subscription that is asked for (Webex notes 4.5).
    pub subscription_ttl: Duration,
    /// A person whom Webex refused is tried again after this; refusals are a matter of
    /// permissions, which people change by hand.
    pub refused_retry: Duration,
    /// Device refresh. Devices without a TTL vanish after days without one (Webex notes 2.4), and
    /// one that was not refreshed for three times as long is nobody's any more.
    pub device_refresh: Duration,
    /// First delay of a reconnect.
    pub backoff_first: Duration,
    /// Longest delay of a reconnect.
    pub backoff_most: Duration,
    /// A connection that lived this long was healthy: the delays start afresh. Shorter, and a
    /// server that accepts and drops makes a storm (Webex notes 3.7).
    pub healthy_after: Duration,
    /// Shortest wait after `Replaced`: the other instance is given the field (Webex notes 8). It
    /// doubles each time, so that two instances do not throw each other out for ever.
    pub stand_down: Duration,
    /// Longest wait after `Replaced`, but for the jitter: half an hour at most without presence
    /// once the other instance is gone.
    pub stand_down_most: Duration,
    /// Wait after a refusal that only a person can cure (token, entitlement).
    pub slow_retry: Duration,
    /// How long to poll before subscriptions are tried again.
    pub polling_spell: Duration,
    /// How much later than a reading an event may come that says the same. An event that is still
    /// not there then was missed.
    pub event_grace: Duration,
    /// Least distance of two snapshots that were provoked by sequence gaps; it doubles while gaps
    /// go on.
    pub gap_rest: Duration,
    /// How long the old socket is read after a switch-over.
    pub switchover: Duration,
    /// What a clean stop may take: close frame and removal of the device.
    pub farewell: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            request: Duration::from_secs(15),
            ready: Duration::from_secs(30),
            ping_every: Duration::from_secs(15),
            pong_within: Duration::from_secs(14),
            silence: Duration::from_secs(45),
            subscription_ttl: Duration::from_mins(10),
            refused_retry: Duration::from_mins(10),
            device_refresh: Duration::from_hours(1),
            backoff_first: Duration::from_secs(1),
            backoff_most: Duration::from_secs(30),
            healthy_after: Duration::from_mins(1),
            stand_down: Duration::from_secs(30),
            stand_down_most: Duration::from_mins(15),
            slow_retry: Duration::from_mins(1),
            polling_spell: Duration::from_mins(10),
            event_grace: Duration::from_secs(10),
            gap_rest: Duration::from_secs(5),
            switchover: Duration::from_secs(30),
            farewell: Duration::from_secs(3),
        }
    }
}
