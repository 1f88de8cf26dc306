use std::cmp::Ordering;

use super::{Facts, Kind, MAX_COUNTERS, Observation, Profile, Version};
use crate::Time;

/// The newest that is known of one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statement {
    epoch: u64,
    pub(super) version: Version,
    source_time: Option<Time>,
    /// `None`: the source no longer knows the person.
    pub(super) facts: Option<Facts>,
}

/// How a new statement relates to the one we have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    Newer,
    Same,
    Older,
}

impl Statement {
    pub(super) fn of(observation: Observation) -> Self {
        let countable = observation.version.len() <= MAX_COUNTERS;
        Self {
            epoch: observation.epoch,
            version: if countable { observation.version } else { Version::new() },
            source_time: observation.source_time,
            facts: observation.facts,
        }
    }

    pub(super) const fn source_time(&self) -> Option<Time> {
        self.source_time
    }

    /// Compares `new` with this one.
    ///
    /// The connection's generation comes first, so that a restarted source cannot freeze a row
    /// (S3-18); then the source's counters; then its clock; and statements of one instant are told
    /// apart by what they say, so that the order of arrival never matters (S1-11).
    pub(super) fn age_of(&self, new: &Observation, profile: &Profile) -> Age {
        match new.epoch.cmp(&self.epoch) {
            Ordering::Less => Age::Older,
            Ordering::Equal => self.age_by_stamp(new, profile).unwrap_or(Age::Newer),
            Ordering::Greater if new.kind == Kind::Snapshot => Age::Newer,
            // A change that was buffered over the reconnect may be older than what we know; the
            // snapshot that follows settles it either way.
            Ordering::Greater => match self.age_by_stamp(new, profile) {
                Some(Age::Older) => Age::Older,
                _ => Age::Newer,
            },
        }
    }

    /// `None` when neither counters nor clocks can tell: then the last to arrive wins.
    fn age_by_stamp(&self, new: &Observation, profile: &Profile) -> Option<Age> {
        let by_version = compare_versions(&new.version, &self.version);
        if let Some(order @ (Ordering::Less | Ordering::Greater)) = by_version {
            return Some(Age::from(order));
        }
        match (new.source_time, self.source_time) {
            (Some(new_time), Some(our_time)) if new_time != our_time => {
                Some(Age::from(new_time.cmp(&our_time)))
            }
            (Some(_), Some(_)) => Some(self.age_by_content(new, profile)),
            _ if by_version == Some(Ordering::Equal) => Some(self.age_by_content(new, profile)),
            _ if new.facts == self.facts => Some(Age::Same),
            _ => None,
        }
    }

    /// The tie rule: the busier statement wins, and between equally busy ones the greater text.
    fn age_by_content(&self, new: &Observation, profile: &Profile) -> Age {
        let weigh = |facts: &Option<Facts>| facts.as_ref().map(|facts| profile.rank(facts));
        let order =
            weigh(&new.facts).cmp(&weigh(&self.facts)).then_with(|| new.facts.cmp(&self.facts));
        Age::from(order)
    }
}

impl From<Ordering> for Age {
    fn from(order: Ordering) -> Self {
        match order {
            Ordering::Less => Self::Older,
            Ordering::Equal => Self::Same,
            Ordering::Greater => Self::Newer,
        }
    }
}

/// Vector counters: `None` when one side has none, or when neither has seen all of the other.
fn compare_versions(new: &Version, ours: &Version) -> Option<Ordering> {
    if new.is_empty() || ours.is_empty() {
        return None;
    }
    let count = |version: &Version, key: &String| version.get(key).copied().unwrap_or(0);
    let ahead =
        |one: &Version, other: &Version| one.keys().any(|k| count(one, k) > count(other, k));
    match (ahead(new, ours), ahead(ours, new)) {
        (true, false) => Some(Ordering::Greater),
        (false, true) => Some(Ordering::Less),
        (false, false) => Some(Ordering::Equal),
        (true, true) => None,
    }
}
