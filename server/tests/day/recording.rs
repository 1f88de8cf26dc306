//! The recorded day: a generator with a seed, and a checksum of what it makes.
//!
//! Nobody's real day may be kept here, so it is made of what the notes say of presence: `inactive`
//! after ten minutes without a key (Webex notes 4.4), a calendar item before a meeting, `meeting` and
//! `presenting` in turns, a dip to `active` when a call or meeting changes its device (S1-27), events
//! that only repeat the status (a new `lastActive`), and clients that flap for minutes (S0-18).

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sha2::{Digest, Sha256};

/// Agents.
pub(crate) const AGENTS: usize = 1_000;
/// Milliseconds of the day: eight hours.
const DAY: u64 = 8 * 60 * MINUTE;
const MINUTE: u64 = 60 * SECOND;
const SECOND: u64 = 1_000;
/// The day that the figures in `docs/performance.md` are of.
pub(crate) const CHECKSUM: &str = "3895273c0060ef39";

/// Presence words of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Active,
    Inactive,
    Calendar,
    Call,
    Meeting,
    Presenting,
    Dnd,
}

impl Status {
    /// As Webex says it: `status`, and `meetingType` where there is one.
    pub(crate) fn facts(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Active => ("active", None),
            Self::Inactive => ("inactive", None),
            Self::Calendar => ("calendarItem", None),
            Self::Call => ("call", None),
            Self::Meeting => ("meeting", Some("online")),
            Self::Presenting => ("presenting", Some("online")),
            Self::Dnd => ("dnd", None),
        }
    }
}

/// One event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Event {
    /// Milliseconds from the day's beginning.
    pub(crate) at: u64,
    pub(crate) agent: usize,
    pub(crate) status: Status,
}

/// Events in the order of time.
pub(crate) struct Recording {
    pub(crate) events: Vec<Event>,
}

impl Recording {
    /// The same day, always.
    pub(crate) fn make() -> Self {
        let mut events: Vec<Event> =
            (0..AGENTS).flat_map(|agent| Person::new(agent).day()).collect();
        events.sort_by_key(|event| (event.at, event.agent));
        Self { events }
    }

    pub(crate) fn checksum(&self) -> String {
        let mut hash = Sha256::new();
        for event in &self.events {
            hash.update(format!("{} {} {:?}\n", event.at, event.agent, event.status));
        }
        let digest = hash.finalize();
        let start = digest.iter().take(8).fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        format!("{start:016x}")
    }
}

/// One agent's day.
struct Person {
    agent: usize,
    random: StdRng,
    now: u64,
    events: Vec<Event>,
}

impl Person {
    fn new(agent: usize) -> Self {
        let random = StdRng::seed_from_u64(agent as u64);
        Self { agent, random, now: 0, events: Vec::new() }
    }

    fn day(mut self) -> Vec<Event> {
        self.pass(0, 10 * MINUTE);
        while self.now < DAY {
            match self.random.random_range(0..100) {
                0..70 => self.works(),
                70..80 => self.calls(),
                80..88 => self.meets(),
                88..92 => self.does_not_want_to_be_disturbed(),
                92..93 => self.flaps(),
                _ => self.rests(),
            }
        }
        self.events.retain(|event| event.at < DAY);
        self.events
    }

    /// At the desk: keys now and then, each making an event that says nothing new.
    fn works(&mut self) {
        for _ in 0..self.random.random_range(1..6) {
            self.say(Status::Active);
            self.pass(30 * SECOND, 10 * MINUTE);
        }
    }

    /// Away for longer than ten minutes, with looks in between.
    fn rests(&mut self) {
        for _ in 0..self.random.random_range(1..4) {
            self.say(Status::Inactive);
            self.pass(MINUTE, 8 * MINUTE);
            self.say(Status::Active);
            self.pass(5 * SECOND, MINUTE);
        }
    }

    fn calls(&mut self) {
        self.busy(&[Status::Call], 20 * SECOND, 2 * MINUTE, 4);
    }

    fn meets(&mut self) {
        self.say(Status::Calendar);
        self.pass(10 * SECOND, 3 * MINUTE);
        self.busy(&[Status::Meeting, Status::Presenting], 30 * SECOND, 6 * MINUTE, 12);
    }

    fn does_not_want_to_be_disturbed(&mut self) {
        self.busy(&[Status::Dnd], MINUTE, 10 * MINUTE, 3);
    }

    /// Busy with one of these words or the other; sometimes a device hands over to another.
    fn busy(&mut self, words: &[Status], least: u64, most: u64, events: usize) {
        for _ in 0..self.random.random_range(1..=events) {
            let word = words[self.random.random_range(0..words.len())];
            self.say(word);
            self.pass(least, most);
            if self.random.random_range(0..4) == 0 {
                self.say(Status::Active);
                self.pass(50, 450);
                self.say(word);
                self.pass(SECOND, MINUTE);
            }
        }
        self.say(Status::Active);
        self.pass(SECOND, 2 * MINUTE);
    }

    /// A client that loses its connection again and again.
    fn flaps(&mut self) {
        for _ in 0..self.random.random_range(10..60) {
            self.say(Status::Inactive);
            self.pass(200, 4 * SECOND);
            self.say(Status::Active);
            self.pass(200, 4 * SECOND);
        }
    }

    fn say(&mut self, status: Status) {
        self.events.push(Event { at: self.now, agent: self.agent, status });
    }

    fn pass(&mut self, least: u64, most: u64) {
        self.now += self.random.random_range(least..most);
    }
}
