use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Time;

/// Keys that one observation may carry; more are dropped. Webex sends three that we read.
pub const MAX_FACTS: usize = 16;
/// Characters kept of a key or a value; no known value is longer than 24.
pub const MAX_FACT_LENGTH: usize = 64;
/// Counters that order one person's statements; a source counts per data centre, and has few.
pub const MAX_COUNTERS: usize = 16;

/// A source's own words about a person, key by key (`status`, `meeting_type`, `category`).
///
/// Bounded in number and length, so that memory per agent is constant (law 12).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Facts(BTreeMap<String, String>);

impl Facts {
    /// No facts.
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Adds one fact, cut to [`MAX_FACT_LENGTH`]; beyond [`MAX_FACTS`] it is dropped.
    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Self {
        if self.0.len() < MAX_FACTS || self.0.contains_key(key) {
            self.0.insert(cut(key), cut(value));
        }
        self
    }

    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// All facts, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Facts {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(facts: I) -> Self {
        facts.into_iter().fold(Self::new(), |all, (key, value)| all.with(key, value))
    }
}

/// At most [`MAX_FACT_LENGTH`] characters of `text`.
pub(super) fn cut(text: &str) -> String {
    text.chars().take(MAX_FACT_LENGTH).collect()
}

/// Counters by which a source orders its own statements (Webex: `vectorCounters.counters`).
///
/// Empty when the source sent none. More than [`MAX_COUNTERS`] count as none.
pub type Version = BTreeMap<String, u64>;

/// Is it a picture of all there is, or one change?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// Read from the source as a whole: at start, after a gap, at a reconcile.
    Snapshot,
    /// One pushed change.
    Delta,
}

/// What a source said about one person at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// Which of the person's devices it is about; `None` for sources that speak of the person as
    /// a whole, as Webex does.
    pub device: Option<String>,
    /// Generation of the connection that carried it. A higher one beats any stamp of a lower one,
    /// so that a restarted source cannot freeze a row (S3-18).
    pub epoch: u64,
    /// The source's own counters.
    pub version: Version,
    /// The source's own clock: start of the status.
    pub source_time: Option<Time>,
    /// Snapshot or delta.
    pub kind: Kind,
    /// The facts; `None` says that the source no longer knows the person (S1-26).
    pub facts: Option<Facts>,
}
