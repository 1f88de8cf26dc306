use std::sync::Arc;

use super::observation::cut;
use super::statement::{Age, Statement};
use super::{
    Anomaly, Facts, LOST_LABEL, LossPolicy, Observation, PresenceOutput, PresenceSettings, Profile,
    Want,
};
use crate::Time;
use crate::rules::{Rules, Wanted};

/// Devices kept for one person; people carry three (S1-7), and memory per agent is constant
/// (law 12).
pub const MAX_DEVICES: usize = 8;

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
}

/// One person's presence: statements ordered, composed over devices, and turned into wants.
///
/// Busy is wanted at once; free is wanted after a fixed window from the first free statement, and
/// anything busy in between cancels it (law 3, S1-27…29).
#[derive(Debug, Clone)]
pub struct Person {
    profile: Profile,
    /// By the device's name; ordered, and few, so a list is smaller than a map.
    pub(super) devices: Vec<(Option<String>, Statement)>,
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
            devices: Vec::new(),
            window: None,
            published: None,
            source: Source::Unheard,
            seq: 0,
        }
    }

    /// The same knowledge, of which nothing has been told yet: for another agent of the same human.
    #[must_use]
    pub fn untold(&self) -> Self {
        Self { window: None, published: None, seq: 0, ..self.clone() }
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

    /// The feed is gone: nobody is moved for that (law 9). A Free that still waited is forgotten,
    /// because anything busy that would cancel it could not be heard.
    pub fn lose_source(&mut self, now: Time) {
        if !matches!(self.source, Source::Lost { .. }) {
            self.source = Source::Lost { since: now, acted: false };
            self.window = None;
        }
    }

    /// Time has passed.
    pub fn wake(&mut self, now: Time, rules: &Rules, settings: &PresenceSettings) -> Option<Want> {
        if let Source::Lost { since, acted: false } = self.source
            && now >= since.after(settings.loss_after)
            && settings.acts_on_loss()
        {
            self.source = Source::Lost { since, acted: true };
            return self.act_on_loss(now, settings.on_loss);
        }
        self.settle(now, rules, settings)
    }

    /// When [`Person::wake`] wants to be called next.
    pub fn next_wake(&self, settings: &PresenceSettings) -> Option<Time> {
        let loss = match self.source {
            Source::Lost { since, acted: false } if settings.acts_on_loss() => {
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
        let device = observation.device.as_deref().map(cut);
        let mut anomaly = None;
        if let Some(known) = self.device(device.as_ref()) {
            match known.age_of(&observation, &self.profile) {
                Age::Newer => {}
                Age::Same => return Some(Anomaly::Duplicate),
                Age::Older => return Some(Anomaly::Stale),
            }
        } else if self.devices.len() >= MAX_DEVICES {
            anomaly = Some(Anomaly::TooManyDevices);
            if !self.make_room(&observation) {
                return anomaly;
            }
        }
        let statement = Statement::of(observation);
        match self.place(device.as_ref()) {
            Ok(at) => self.devices[at].1 = statement,
            Err(at) => {
                self.devices.reserve_exact(1);
                self.devices.insert(at, (device, statement));
            }
        }
        anomaly
    }

    /// Where the device is, or would be.
    fn place(&self, device: Option<&String>) -> Result<usize, usize> {
        self.devices.binary_search_by(|(known, _)| known.as_ref().cmp(&device))
    }

    fn device(&self, device: Option<&String>) -> Option<&Statement> {
        let at = self.place(device).ok()?;
        self.devices.get(at).map(|(_, statement)| statement)
    }

    /// The idlest device gives way to a busier one: a call on a new device is never missed.
    fn make_room(&mut self, new: &Observation) -> bool {
        let devices = self.devices.iter().filter(|(device, _)| device.is_some());
        let idlest = devices.min_by_key(|(_, statement)| self.rank(statement));
        let new_rank = new.facts.as_ref().map(|facts| self.profile.rank(facts));
        match idlest {
            Some((device, statement)) if self.rank(statement) < new_rank => {
                let device = device.clone();
                self.devices.retain(|(known, _)| *known != device);
                true
            }
            _ => false,
        }
    }

    // === composition ===

    /// The busiest device; the source's own word for the person counts only where no device is
    /// known (S1-9, S1-13).
    fn compose(&self) -> Option<&Statement> {
        let devices = self.devices.iter().filter(|(device, _)| device.is_some());
        let busiest = devices.map(|(_, statement)| statement).max_by(|one, other| {
            let by_rank = self.rank(one).cmp(&self.rank(other));
            by_rank
                .then_with(|| one.source_time().cmp(&other.source_time()))
                .then_with(|| one.facts.cmp(&other.facts))
        });
        busiest.or_else(|| self.device(None))
    }

    fn composite_differs(&self) -> bool {
        match (self.device(None), self.compose()) {
            (Some(told), Some(computed)) => self.rank(told) != self.rank(computed),
            _ => false,
        }
    }

    fn rank(&self, statement: &Statement) -> Option<usize> {
        statement.facts.as_ref().map(|facts| self.profile.rank(facts))
    }

    // === wants ===

    fn settle(&mut self, now: Time, rules: &Rules, settings: &PresenceSettings) -> Option<Want> {
        if matches!(self.source, Source::Lost { .. }) {
            return None;
        }
        let statement = self.compose()?;
        let since = statement.source_time();
        let (facts, wanted, rule) = match &statement.facts {
            Some(facts) => {
                let matched = rules.evaluate(facts);
                match settings.leaves(&matched.wanted, facts) {
                    Some(why) => (facts.clone(), Wanted::Ignore, Arc::from(why)),
                    None => (facts.clone(), matched.wanted, Arc::from(matched.rule)),
                }
            }
            None => (Facts::new(), Wanted::Ignore, Arc::from("not known to the source")),
        };
        if let Some(published) = &self.published
            && published.facts == facts
            && published.wanted == wanted
        {
            self.window = None;
            return None;
        }
        if wanted == Wanted::Free && self.must_wait(now, settings) {
            return None;
        }
        Some(self.publish(now, Published { facts, wanted }, rule, since))
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
        let last = self.published.as_ref().map(|last| &last.wanted);
        let wanted = match policy {
            // Whatever was said last: a hold may be older than that.
            LossPolicy::Release if last != Some(&Wanted::Free) => Wanted::Free,
            LossPolicy::NotReady if !last.is_some_and(Wanted::is_busy) => {
                Wanted::not_ready(LOST_LABEL)
            }
            LossPolicy::Hold | LossPolicy::Release | LossPolicy::NotReady => return None,
        };
        let facts = self.facts().cloned().unwrap_or_default();
        let published = Published { facts, wanted };
        let want = self.publish(now, published, Arc::from("source lost"), None);
        // It stands for the loss, whatever was said last.
        Some(Want { may_be_contact_call: false, ..want })
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
            may_be_contact_call: self.profile.is_call(&published.facts),
            spared: false,
        };
        self.published = Some(published);
        want
    }
}
