use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Time;

/// Keys that one observation may carry; more are dropped. Webex sends three that we read.
pub const MAX_FACTS: usize = 16;
/// Characters kept of a key or a value; no known value is longer than 24.
pub const MAX_FACT_LENGTH: usize = 64;
/// Counters that order one person's statements; a source counts per data centre, and has few.
pub const MAX_COUNTERS: usize = 16;

/// A source's own words about a person, key by key (`status`, `meeting_type`, `category`).
///
/// Bounded in number and length, so that memory per agent is constant (law 12). Shared: the same
/// facts stand in the statement, in what was published and in the want.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Facts(Option<Arc<Vec<Fact>>>);

/// Key and value; a list of them is ordered by key.
type Fact = (String, String);

impl Facts {
    /// No facts.
    pub const fn new() -> Self {
        Self(None)
    }

    /// Adds one fact, cut to [`MAX_FACT_LENGTH`]; beyond [`MAX_FACTS`] it is dropped.
    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Self {
        let facts = Arc::make_mut(self.0.get_or_insert_default());
        let key = cut(key);
        match facts.binary_search_by(|(known, _)| known.cmp(&key)) {
            Ok(at) => facts[at].1 = cut(value),
            Err(at) if facts.len() < MAX_FACTS => {
                facts.reserve_exact(1);
                facts.insert(at, (key, cut(value)));
            }
            Err(_) => {}
        }
        self
    }

    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == key).map(|(_, value)| value)
    }

    /// All facts, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let facts = self.0.iter().flat_map(|facts| facts.iter());
        facts.map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

impl Serialize for Facts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Facts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let facts = BTreeMap::<String, String>::deserialize(deserializer)?;
        Ok(facts.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect())
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
