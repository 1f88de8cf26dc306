//! The Webex side: one port, and beside it the real and the fake implementation.
//!
//! There is nothing to hold back in a dry run here: this port only reads.
//! Only the real client knows the wire. What presence *means* is decided in `lockstep_core`.

mod backoff;
mod bearer;
mod between;
mod client;
mod composition;
mod connector;
mod device;
mod discovery;
mod draw;
mod due;
mod entry;
pub mod fake;
mod feed;
mod frame;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod grant;
mod heartbeat;
mod hosts;
mod inbound;
mod jobs;
mod mercury;
mod metric;
mod moving;
mod outlet;
mod pauses;
mod people;
mod polling;
mod presence;
mod probe;
mod reaction;
mod rest;
mod session;
mod settings;
mod subscriptions;
mod token;
mod transport;
mod watchdog;
mod wire;

use std::future::Future;
use std::sync::Arc;

use lockstep_core::PersonId;
use lockstep_core::presence::Observation;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

#[cfg(feature = "measured")]
pub(crate) mod measured {
    use lockstep_core::PersonId;
    use lockstep_core::presence::{Kind, Observation};

    use super::frame::{Content, parse};

    /// What a presence frame says.
    pub(crate) fn observed(bytes: &[u8]) -> Option<(PersonId, Observation)> {
        match parse(bytes)?.content {
            Content::Presence(composition) => Some(composition.into_observation(1, Kind::Delta)),
            _ => None,
        }
    }
}

pub use client::Client;
pub use hosts::UntrustedHost;
pub use metric::Metric;
pub use probe::{Found, Owner, Probe, ProbeError};
pub use settings::{Settings, SettingsError, Timing, Token};
pub use token::{KeepNothing, Keeping, TokenKeeper};
pub(crate) use wire::tls as client_tls;
pub use wire::{Dial, Dialled, Tcp, Wire};

/// Log targets of libraries below the client that must not go below `info`: at `debug` and `trace`
/// they print frames and headers, and the first frame of a socket carries the token.
pub const QUIET_TARGETS: [&str; 8] = [
    "tungstenite",
    "tokio_tungstenite",
    "hyper",
    "hyper_util",
    "h2",
    "rustls",
    "tokio_rustls",
    "rustls_platform_verifier",
];

/// What the feed tells the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedEvent {
    /// Connected, authorised and subscribed; the snapshot of every person has been sent before it.
    Live {
        /// Generation of this connection; grows by one with each.
        epoch: u64,
    },
    /// Subscriptions are refused: presence is polled, slower (degraded).
    Polling {
        /// For the operator: who refused what.
        why: String,
    },
    /// Nothing is known any more until the next `Live` or `Polling` (law 9).
    ///
    /// Sent when a feed that was live or polling ends, or cannot be begun. It is sent again, for
    /// the same loss, when it turns out that only a person can cure it (a refused token): the loss
    /// began with the first one.
    Lost {
        /// For the operator: what failed and what is being done.
        why: String,
    },
    /// Something was said about a person.
    Observed {
        /// Who.
        person: PersonId,
        /// What.
        observation: Observation,
    },
    /// One person cannot be watched although the feed as a whole is live.
    Refused {
        /// Who.
        person: PersonId,
        /// For the operator: Webex's code and words.
        why: String,
    },
}

/// What went wrong when a person was looked up.
#[derive(Debug, thiserror::Error)]
pub enum LookupError {
    /// The token was refused.
    #[error("webex refused the token; {detail}")]
    Token {
        /// What to do.
        detail: String,
    },
    /// Webex could not be asked now.
    #[error("failed to look up a person in webex: {detail}")]
    Unavailable {
        /// What happened.
        detail: String,
    },
}

/// Webex presence, as Lockstep needs it.
pub trait PresenceSource: Send + Sync + 'static {
    /// The person with this mail address; `None` when Webex knows nobody of that address.
    fn person(
        &self,
        address: &str,
    ) -> impl Future<Output = Result<Option<PersonId>, LookupError>> + Send;

    /// Watches `people`, whose list may change at any time, until `stop`; reports by `events`.
    ///
    /// The channel is bounded: a slow engine slows the reader down, nothing is lost silently.
    fn watch(
        &self,
        people: watch::Receiver<Arc<[PersonId]>>,
        events: mpsc::Sender<FeedEvent>,
        stop: CancellationToken,
    ) -> impl Future<Output = ()> + Send;
}
