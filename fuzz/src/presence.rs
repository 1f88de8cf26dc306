use std::sync::LazyLock;
use std::time::Duration;

use lockstep_core::Time;
use lockstep_core::presence::{
    Observation, Person, PresenceOutput, PresenceSettings, Profile, Want,
};
use lockstep_core::rules::Rules;

/// Read once: they are not what is tested here.
static RULES: LazyLock<Rules> = LazyLock::new(Rules::builtin);

/// Lines beyond these are not read.
const LINES: usize = 64;

/// Observations of one person, each as JSON on its line; a number instead is milliseconds that
/// pass, and anything else the loss of the source.
///
/// What is wanted always follows from what is known, a repetition changes nothing, and no stamp,
/// however wild, makes it wake without end.
pub(crate) fn presence(data: &[u8]) {
    let mut desk = Desk {
        person: Person::new(Profile::WEBEX),
        rules: &RULES,
        settings: PresenceSettings::default(),
        now: Time::from_millis(1_795_255_200_250),
        seq: 0,
    };
    for line in data.split(|byte| *byte == b'\n').take(LINES) {
        if let Ok(observation) = serde_json::from_slice::<Observation>(line) {
            desk.observe(&observation);
        } else if let Ok(ms) = serde_json::from_slice::<u32>(line) {
            desk.pass(ms);
        } else {
            desk.person.lose_source(desk.now);
        }
    }
}

struct Desk {
    person: Person,
    rules: &'static Rules,
    settings: PresenceSettings,
    now: Time,
    seq: u64,
}

impl Desk {
    fn observe(&mut self, observation: &Observation) {
        for repeated in [false, true] {
            let before = self.person.facts().cloned();
            let told =
                self.person.observe(self.now, observation.clone(), self.rules, &self.settings);
            assert!(told.len() <= 2, "{told:?}");
            if repeated {
                let stamped = observation.source_time.is_some();
                let wants = told.iter().any(|one| matches!(one, PresenceOutput::Want(_)));
                assert!(!stamped || !wants, "a repetition wants nothing new: {told:?}");
                assert!(!stamped || self.person.facts() == before.as_ref(), "nor says it");
            }
            for output in told {
                if let PresenceOutput::Want(want) = output {
                    self.wanted(&want);
                }
            }
        }
        self.due();
    }

    fn pass(&mut self, ms: u32) {
        self.now = self.now.after(Duration::from_millis(ms.into()));
        if let Some(want) = self.person.wake(self.now, self.rules, &self.settings) {
            self.wanted(&want);
        }
        self.due();
    }

    fn wanted(&mut self, want: &Want) {
        assert_eq!(want.seq, self.seq + 1, "each change has the next number");
        self.seq = want.seq;
        let known = self.person.facts().cloned().unwrap_or_default();
        assert_eq!(want.facts, known, "what is wanted follows from what is known");
        if self.person.facts().is_some() && self.person.lost_since().is_none() {
            assert_eq!(want.wanted, self.rules.evaluate(&known).wanted);
        }
    }

    fn due(&self) {
        if let Some(at) = self.person.next_wake(&self.settings) {
            assert!(at > self.now, "it wants to be woken at once, without end");
        }
    }
}
