//! What can be made to go wrong.
//!
//! A fault is *lasting* (it changes how requests and frames are handled, for a number of `times`
//! or until it is cleared) or happens *at once* (it does something to the sockets that are open
//! and is over). [`catalogue()`] has the words and parameters of each.

mod active;
mod catalogue;
mod order;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use active::{ActiveFault, FaultId};
pub(crate) use active::{Faults, covers};
pub use catalogue::{FaultEntry, Parameter, catalogue};
pub(crate) use order::nearest;
pub use order::{FaultOrder, OrderError};

/// When a socket is ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// The ones that are open.
    #[default]
    Now,
    /// Each new one, right after its ready message.
    Ready,
}

/// One failure. Every variant is in [`catalogue()`] under its snake-case name, with its words.
///
/// `endpoint` is a name of `GET /sim/faults` or the part before a dot (`wdm` is all of them);
/// absent it means every endpoint. `person` is an address; absent it means everybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the catalogue has the words, and a test that none is missing")]
pub enum Fault {
    Latency {
        endpoint: Option<String>,
        ms: u64,
        #[serde(default)]
        jitter_ms: u64,
    },
    HttpStatus {
        endpoint: Option<String>,
        status: u16,
        message: Option<String>,
        retry_after: Option<u64>,
    },
    RateLimit {
        endpoint: Option<String>,
        per_minute: u32,
        retry_after: Option<u64>,
    },
    Reset {
        endpoint: Option<String>,
    },
    BlackHole {
        endpoint: Option<String>,
    },
    NotJson {
        endpoint: Option<String>,
    },
    TruncatedBody {
        endpoint: Option<String>,
    },
    Redirect {
        endpoint: Option<String>,
        location: String,
    },
    ForeignLink {
        link: String,
        url: String,
    },
    RetryAfterDate {},
    ClockSkew {
        seconds: i64,
    },
    Offline {
        ms: u64,
    },

    ExcessiveDevices {},
    DeviceGone {},
    DevicesLost {},

    MercuryUpgradeStatus {
        status: u16,
        retry_after: Option<u64>,
    },
    MercuryAuthRefused {
        code: u16,
        #[serde(default)]
        reason: String,
    },
    MercuryNoReady {},
    MercuryEventBeforeReady {},
    MercuryNoPong {},
    MercuryWrongPongId {},
    MercuryNoPing {},
    MercuryStall {},
    MercuryBinaryFrames {},
    MercuryClose {
        code: u16,
        #[serde(default)]
        reason: String,
        #[serde(default)]
        when: When,
    },
    MercuryDrop {
        #[serde(default)]
        when: When,
    },
    MercuryReplaced {},
    MercuryShutdown {
        #[serde(default = "default_drain")]
        close_after_ms: u64,
        #[serde(default)]
        linger_ms: u64,
        #[serde(default)]
        when: When,
    },

    SequenceGap {
        #[serde(default = "one")]
        size: u64,
    },
    SequenceMissing {},
    MalformedFrame {
        text: Option<String>,
    },
    HugeFrame {
        #[serde(default = "default_huge")]
        bytes: usize,
    },
    UnknownEvent {
        #[serde(default = "default_event_type")]
        event_type: String,
    },
    RawFrame {
        text: String,
    },

    EventLost {
        person: Option<String>,
    },
    EventDuplicate {
        person: Option<String>,
    },
    EventReordered {
        person: Option<String>,
    },
    EventStale {
        person: Option<String>,
    },
    EventDelayed {
        person: Option<String>,
        ms: u64,
    },
    EventStatus {
        person: Option<String>,
        status: String,
    },

    SubscriptionsRefused {
        #[serde(default = "forbidden")]
        status: u16,
    },
    SubscriptionsLost {},
    SubjectRefused {
        person: Option<String>,
        code: u16,
        retry: Option<u64>,
        evicted: Option<Uuid>,
    },
    SubjectMissing {
        person: Option<String>,
    },
    ShortTtl {
        seconds: u64,
    },
    NoStatus {},
    StatusHidden {
        person: Option<String>,
    },

    TokenRevoked {},
    RefreshRefused {},
}

// === impl Fault ===

impl Fault {
    /// A status for an endpoint (a name, the part before its dot, or `""` for every one).
    pub fn status(endpoint: &str, status: u16) -> Self {
        Self::HttpStatus { endpoint: named(endpoint), status, message: None, retry_after: None }
    }

    /// `429` with `Retry-After` in seconds.
    pub fn too_many_requests(endpoint: &str, retry_after: u64) -> Self {
        Self::HttpStatus {
            endpoint: named(endpoint),
            status: 429,
            message: None,
            retry_after: Some(retry_after),
        }
    }

    /// The open sockets end with this close frame.
    pub fn close(code: u16, reason: &str) -> Self {
        Self::MercuryClose { code, reason: reason.to_owned(), when: When::Now }
    }

    /// The open sockets are told to go, and end when their successors are ready.
    pub fn shutdown(close_after_ms: u64) -> Self {
        Self::MercuryShutdown { close_after_ms, linger_ms: 0, when: When::Now }
    }

    /// The name under which the control API has it.
    pub fn name(&self) -> &'static str {
        catalogue::name_of(self)
    }
}

fn named(endpoint: &str) -> Option<String> {
    (!endpoint.is_empty()).then(|| endpoint.to_owned())
}

fn one() -> u64 {
    1
}

fn forbidden() -> u16 {
    403
}

/// Long enough for a client to open the second socket, short enough for a test.
fn default_drain() -> u64 {
    30_000
}

/// Well above what any client should accept as one message.
fn default_huge() -> usize {
    8 * 1024 * 1024
}

fn default_event_type() -> String {
    "conversation.activity".to_owned()
}
