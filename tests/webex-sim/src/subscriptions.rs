//! Which device hears of whom, and until when (wire notes 4.1 and 4.3).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

/// One subscription, as it stands.
#[derive(Clone, Copy, Debug)]
struct Subscription {
    until: Instant,
    ttl: Duration,
}

/// Bounded by devices (see `Config::max_devices`) times people.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions {
    /// Watchers are told in the order of their ids, which is the same in every run with one seed.
    by_subject: HashMap<Uuid, BTreeMap<Uuid, Subscription>>,
}

// === impl Subscriptions ===

impl Subscriptions {
    /// Begins or renews.
    pub(crate) fn put(&mut self, device: Uuid, subject: Uuid, ttl: Duration, now: Instant) {
        let subscription = Subscription { until: now + ttl, ttl };
        self.by_subject.entry(subject).or_default().insert(device, subscription);
    }

    pub(crate) fn end(&mut self, device: Uuid, subject: Uuid) {
        if let Some(devices) = self.by_subject.get_mut(&subject) {
            devices.remove(&device);
        }
    }

    pub(crate) fn end_device(&mut self, device: Uuid) {
        for devices in self.by_subject.values_mut() {
            devices.remove(&device);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.by_subject.clear();
    }

    /// The devices that hear of this subject now; what has run out is forgotten on the way.
    pub(crate) fn watchers(&mut self, subject: Uuid, now: Instant) -> Vec<Uuid> {
        let Some(devices) = self.by_subject.get_mut(&subject) else { return Vec::new() };
        devices.retain(|_, subscription| subscription.until > now);
        devices.keys().copied().collect()
    }

    /// What these devices are subscribed to: device, subject and remaining seconds.
    pub(crate) fn of(&self, devices: &BTreeSet<Uuid>, now: Instant) -> Vec<(Uuid, Uuid, u64)> {
        let mut found: Vec<_> = self
            .live(now)
            .filter(|(device, ..)| devices.contains(device))
            .map(|(device, subject, held)| (device, subject, held.ttl.as_secs()))
            .collect();
        found.sort_unstable();
        found
    }

    pub(crate) fn count(&self, now: Instant) -> usize {
        self.live(now).count()
    }

    fn live(&self, now: Instant) -> impl Iterator<Item = (Uuid, Uuid, Subscription)> {
        self.by_subject.iter().flat_map(move |(subject, devices)| {
            devices
                .iter()
                .filter(move |(_, held)| held.until > now)
                .map(move |(device, held)| (*device, *subject, *held))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscription_that_is_not_renewed_ends_with_its_time() {
        let (device, subject) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let mut subscriptions = Subscriptions::default();
        let start = Instant::now();
        let ttl = Duration::from_mins(10);
        subscriptions.put(device, subject, ttl, start);
        let late = start + Duration::from_secs(599);
        assert_eq!(subscriptions.watchers(subject, late), [device]);
        subscriptions.put(device, subject, ttl, late);
        assert_eq!(subscriptions.watchers(subject, start + ttl), [device]);
        assert!(subscriptions.watchers(subject, late + ttl).is_empty());
        assert_eq!(subscriptions.count(late), 0);
    }
}
