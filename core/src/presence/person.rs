use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::statement::{Age, Statement};
use super::{Facts, Observation, Profile, Want};
use crate::Time;
use crate::rules::{Rules, Wanted};

/// Devices kept for one person; people carry three (S1-7), and memory per agent is constant
/// (law 12).
pub const MAX_DEVICES: usize = 8;

/// What follows when the feed stays away (law 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LossPolicy {
    /// Everything stays as it is.
    #[default]
    Hold,
    /// Holds are released.
    Release,
    /// READY agents are taken, with "Webex Unavailable".
    NotReady,
}

/// How presence turns into wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresenceSettings {
    /// A wanted Free waits this long (law 3).
    pub hold_down: Duration,
    /// What follows a longer loss of the source.
    pub on_loss: LossPolicy,
    /// How long a loss is before that follows.
    pub loss_after: Duration,
    /// How long a loss is before the row is shown as stale.
    pub stale_after: Duration,
}

impl Default for PresenceSettings {
    fn default() -> Self {
        Self {
            hold_down: Duration::from_millis(500),
            on_loss: LossPolicy::Hold,
            loss_after: Duration::from_secs(60),
            stale_after: Duration::from_secs(5),
        }
    }
}

/// What a step of [`Person`] yields; at most two per step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PresenceOutput {
    /// Something else is wanted now.
    Want(Want),
    /// An observation was not used, or contradicts another (S1-30).
    Anomaly(Anomaly),
}

/// Why an observation was not used as it stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Anomaly {
    /// Older than what is known.
    Stale,
    /// Known already.
    Duplicate,
    /// The source's own composite differs from the one computed over the devices (S1-9).
    CompositeDiffers,
    /// More devices than [`MAX_DEVICES`].
    TooManyDevices,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Unheard,
    Live,
    Lost { since: Time, acted: bool },
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Published {
    facts: Facts,
    wanted: Wanted,
    /// It stands for the loss of the source, not for what the source said.
    by_loss: bool,
}

/// One person's presence: statements ordered, composed over devices, and turned into wants.
///
/// Busy is wanted at once; free is wanted after a fixed window from the first free statement, and
/// anything busy in between cancels it (law 3, S1-27…29).
#[derive(Debug, Clone)]
pub struct Person {
    profile: Profile,
    devices: BTreeMap<Option<String>, Statement>,
    /// Until when a wanted Free waits.
    window: Option<Time>,
    published: Option<Published>,
    source: Source,
    seq: u64,
}

impl Person {
    /// Nothing is known yet.
    pub const fn new(profile: Profile) -> Self {
        Self {
            profile,
            devices: BTreeMap::new(),
            window: None,
            published: None,
            source: Source::Unheard,
            seq: 0,
        }
    }

    /// Takes in what a source said.
    pub fn observe(
        &mut self,
        now: Time,
        observation: Observation,
        rules: &Rules,
        settings: &PresenceSettings,
    ) -> Vec<PresenceOutput> {
        self.source = Source::Live;
        let mut outputs = Vec::new();
        if let Some(anomaly) = self.store(observation) {
            outputs.push(PresenceOutput::Anomaly(anomaly));
        } else if self.composite_differs() {
            outputs.push(PresenceOutput::Anomaly(Anomaly::CompositeDiffers));
        }
        outputs.extend(self.settle(now, rules, settings).map(PresenceOutput::Want));
        outputs
    }

    /// The feed is gone: nobody is moved for that (law 9).
    pub fn lose_source(&mut self, now: Time) {
        if !matches!(self.source, Source::Lost { .. }) {
            self.source = Source::Lost { since: now, acted: false };
        }
    }

    /// Time has passed.
    pub fn wake(&mut self, now: Time, rules: &Rules, settings: &PresenceSettings) -> Option<Want> {
        if let Source::Lost { since, acted: false } = self.source
            && now >= since.after(settings.loss_after)
        {
            self.source = Source::Lost { since, acted: true };
            return self.act_on_loss(now, settings.on_loss);
        }
        self.settle(now, rules, settings)
    }

    /// When [`Person::wake`] wants to be called next.
    pub fn next_wake(&self, settings: &PresenceSettings) -> Option<Time> {
        let loss = match self.source {
            Source::Lost { since, acted: false } if settings.on_loss != LossPolicy::Hold => {
                Some(since.after(settings.loss_after))
            }
            _ => None,
        };
        self.window.into_iter().chain(loss).min()
    }

    /// What the source says now, composed over the devices; `None` until it said something.
    pub fn facts(&self) -> Option<&Facts> {
        self.compose().and_then(|statement| statement.facts.as_ref())
    }

    /// Since when nothing is known of the person; `None` while the source is live.
    pub const fn lost_since(&self) -> Option<Time> {
        match self.source {
            Source::Lost { since, .. } => Some(since),
            Source::Unheard | Source::Live => None,
        }
    }

    /// Is what is shown older than it may be (S1-20)?
    pub fn is_stale(&self, now: Time, settings: &PresenceSettings) -> bool {
        self.lost_since().is_some_and(|since| now.since(since) > settings.stale_after)
    }

    // === ordering ===

    fn store(&mut self, observation: Observation) -> Option<Anomaly> {
        if let Some(known) = self.devices.get(&observation.device) {
            match known.age_of(&observation, &self.profile) {
                Age::Newer => {}
                Age::Same => return Some(Anomaly::Duplicate),
                Age::Older => return Some(Anomaly::Stale),
            }
        } else if self.devices.len() >= MAX_DEVICES {
            return Some(Anomaly::TooManyDevices);
        }
        let device = observation.device.clone();
        self.devices.insert(device, Statement::of(observation));
        None
    }

    // === composition ===

    /// The busiest device; the source's own word for the person counts only where no device is
    /// known (S1-9, S1-13).
    fn compose(&self) -> Option<&Statement> {
        let devices = self.devices.iter().filter(|(device, _)| device.is_some());
        let busiest = devices.map(|(_, statement)| statement).max_by_key(|statement| {
            (self.rank(statement), statement.source_time(), statement.facts.clone())
        });
        busiest.or_else(|| self.devices.get(&None))
    }

    fn composite_differs(&self) -> bool {
        match (self.devices.get(&None), self.compose()) {
            (Some(told), Some(computed)) => self.rank(told) != self.rank(computed),
            _ => false,
        }
    }

    fn rank(&self, statement: &Statement) -> Option<usize> {
        statement.facts.as_ref().map(|facts| self.profile.rank(facts))
    }

    // === wants ===

    fn settle(&mut self, now: Time, rules: &Rules, settings: &PresenceSettings) -> Option<Want> {
        let statement = self.compose()?;
        if matches!(self.source, Source::Lost { acted: true, .. }) {
            return None;
        }
        let since = statement.source_time();
        let (facts, wanted, rule) = match &statement.facts {
            Some(facts) => {
                let matched = rules.evaluate(facts);
                (facts.clone(), matched.wanted, Arc::from(matched.rule))
            }
            None => (Facts::new(), Wanted::Ignore, Arc::from("not known to the source")),
        };
        if let Some(published) = &self.published
            && !published.by_loss
            && published.facts == facts
            && published.wanted == wanted
        {
            self.window = None;
            return None;
        }
        if wanted == Wanted::Free && self.must_wait(now, settings) {
            return None;
        }
        Some(self.publish(now, Published { facts, wanted, by_loss: false }, rule, since))
    }

    /// Does a wanted Free still wait? The window is fixed: it starts with the first free statement
    /// and later ones do not move it (S1-28).
    fn must_wait(&mut self, now: Time, settings: &PresenceSettings) -> bool {
        let was_free = self.published.as_ref().is_some_and(|last| last.wanted == Wanted::Free);
        if was_free {
            return false;
        }
        let until = *self.window.get_or_insert(now.after(settings.hold_down));
        now < until
    }

    fn act_on_loss(&mut self, now: Time, policy: LossPolicy) -> Option<Want> {
        let was_busy = self.published.as_ref().is_some_and(|last| last.wanted.is_busy());
        let wanted = match policy {
            LossPolicy::Release if was_busy => Wanted::Free,
            LossPolicy::NotReady if !was_busy => Wanted::not_ready("Webex Unavailable"),
            LossPolicy::Hold | LossPolicy::Release | LossPolicy::NotReady => return None,
        };
        let facts = self.facts().cloned().unwrap_or_default();
        let published = Published { facts, wanted, by_loss: true };
        Some(self.publish(now, published, Arc::from("source lost"), None))
    }

    fn publish(
        &mut self,
        now: Time,
        published: Published,
        rule: Arc<str>,
        since: Option<Time>,
    ) -> Want {
        self.window = None;
        self.seq += 1;
        let want = Want {
            seq: self.seq,
            wanted: published.wanted.clone(),
            rule,
            facts: published.facts.clone(),
            since: since.unwrap_or(now),
            at: now,
            may_be_contact_call: !published.by_loss && self.profile.is_call(&published.facts),
        };
        self.published = Some(published);
        want
    }
}
