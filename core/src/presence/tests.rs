//! Presence in order, composed, and turned into wants.

mod bounds;
mod composing;
mod loss;
mod ordering;
mod waiting;

use std::time::Duration;

use super::{
    Anomaly, Facts, Kind, LossPolicy, Observation, Person, PresenceOutput, PresenceSettings,
    Profile, Version, Want,
};
use crate::Time;
use crate::rules::{Rules, Wanted};

/// Rules for a source with devices: on a call is busy, available is free.
const DEVICE_RULES: &str = r#"
[[rule]]
id = "on-call"
when = { status = ["onCall", "wrapUp"] }
set = { state = "NOT_READY", reason = "On Call" }

[[rule]]
id = "available"
when = { status = "available" }
set = "free"

[default]
set = "leave"
"#;

/// A person, the rules and the clock.
struct Desk {
    person: Person,
    rules: Rules,
    settings: PresenceSettings,
    now: Time,
}

impl Desk {
    fn webex() -> Self {
        Self::of(Profile::WEBEX, Rules::builtin())
    }

    fn devices() -> Self {
        Self::of(Profile::DEVICES, Rules::parse(DEVICE_RULES).unwrap())
    }

    fn of(profile: Profile, rules: Rules) -> Self {
        let settings = PresenceSettings::default();
        Self { person: Person::new(profile), rules, settings, now: Time::from_millis(1_000_000) }
    }

    fn tell(&mut self, observation: Observation) -> Vec<PresenceOutput> {
        self.person.observe(self.now, observation, &self.rules, &self.settings)
    }

    /// What is wanted after this, where that changed.
    fn wants(&mut self, observation: Observation) -> Option<Wanted> {
        self.tell(observation).into_iter().find_map(|output| match output {
            PresenceOutput::Want(want) => Some(want.wanted),
            PresenceOutput::Anomaly(_) => None,
        })
    }

    /// What was wrong with this.
    fn anomaly(&mut self, observation: Observation) -> Option<Anomaly> {
        self.tell(observation).into_iter().find_map(|output| match output {
            PresenceOutput::Anomaly(anomaly) => Some(anomaly),
            PresenceOutput::Want(_) => None,
        })
    }

    /// Time passes, and every wake that was asked for comes when it is due.
    fn pass(&mut self, ms: u64) -> Option<Want> {
        let until = self.now.after(Duration::from_millis(ms));
        let mut last = None;
        while let Some(at) = self.person.next_wake(&self.settings).filter(|at| *at <= until) {
            assert!(at >= self.now, "asks to be woken in the past");
            self.now = at;
            let want = self.person.wake(self.now, &self.rules, &self.settings);
            let next = self.person.next_wake(&self.settings);
            assert!(next.is_none_or(|next| next > at), "asks to be woken again and again");
            last = want.or(last);
        }
        self.now = until;
        last
    }

    fn status(&self) -> Option<&str> {
        self.person.facts().and_then(|facts| facts.get("status"))
    }
}

/// A change of the person as a whole, without any stamp.
fn says(status: &str) -> Observation {
    let mut facts = Facts::new().with("status", status);
    if status == "meeting" {
        facts = facts.with("meeting_type", "online");
    }
    Observation {
        device: None,
        epoch: 1,
        version: Version::new(),
        source_time: None,
        kind: Kind::Delta,
        facts: Some(facts),
    }
}

fn on_device(device: &str, status: &str) -> Observation {
    Observation { device: Some(device.to_owned()), ..says(status) }
}

fn at(ms: u64, observation: Observation) -> Observation {
    Observation { source_time: Some(Time::from_millis(ms)), ..observation }
}

fn counted(count: u64, observation: Observation) -> Observation {
    Observation { version: Version::from([("dc".to_owned(), count)]), ..observation }
}

fn snapshot(epoch: u64, observation: Observation) -> Observation {
    Observation { epoch, kind: Kind::Snapshot, ..observation }
}
