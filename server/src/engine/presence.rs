//! What Webex says, and that it says nothing any more.

use lockstep_core::presence::PresenceOutput;
use lockstep_core::{AgentId, PersonId};

use super::report;
use super::task::Engine;
use crate::webex::FeedEvent;

impl Engine {
    pub(super) fn feed(&mut self, event: FeedEvent) {
        report::feed(&event);
        match event {
            FeedEvent::Live { .. } | FeedEvent::Polling { .. } => {
                if let Some(lost) = self.feed_lost.take() {
                    report::feed_back(lost, self.clock.now());
                }
            }
            FeedEvent::Lost { .. } => self.lose_feed(),
            FeedEvent::Refused { person, .. } => self.lose_person(&person),
            FeedEvent::Observed { person, observation } => {
                let now = self.clock.now();
                for id in self.by_person.get(&person).cloned().unwrap_or_default() {
                    let Some(slot) = self.slots.get_mut(&id) else { continue };
                    let (rules, settings) = (&slot.policy.rules, &slot.policy.presence);
                    let outputs = slot.person.observe(now, observation.clone(), rules, settings);
                    if self.tracer.is_on() {
                        slot.heard(now, &outputs);
                    }
                    self.take_presence(&id, outputs);
                }
            }
        }
    }

    fn lose_feed(&mut self) {
        let now = self.clock.now();
        self.feed_lost.get_or_insert(now);
        for id in self.ids() {
            self.lose_source(&id);
        }
    }

    fn lose_person(&mut self, person: &PersonId) {
        for id in self.by_person.get(person).cloned().unwrap_or_default() {
            self.lose_source(&id);
        }
    }

    fn lose_source(&mut self, id: &AgentId) {
        if let Some(slot) = self.slots.get_mut(id) {
            slot.person.lose_source(self.clock.now());
        }
        self.schedule(id);
    }

    /// The person's own timers are due: the hold-down, or the policy for a lost source.
    pub(super) fn wake_person(&mut self, id: &AgentId) {
        let now = self.clock.now();
        let Some(slot) = self.slots.get_mut(id) else { return };
        let want = slot.person.wake(now, &slot.policy.rules, &slot.policy.presence);
        self.take_presence(id, want.map(PresenceOutput::Want).into_iter().collect());
    }

    fn take_presence(&mut self, id: &AgentId, outputs: Vec<PresenceOutput>) {
        for output in outputs {
            match output {
                PresenceOutput::Want(want) => {
                    if self.tracer.is_on()
                        && let Some(slot) = self.slots.get_mut(id)
                    {
                        let received_at = slot.heard_at.take().unwrap_or(want.at);
                        slot.trace = self.tracer.begin(id, &want, received_at);
                    }
                    self.want(id, want);
                }
                PresenceOutput::Anomaly(anomaly) => report::anomaly(id, anomaly),
            }
        }
        self.schedule(id);
    }
}
