//! What people do while the process comes and goes: presences, lunch, calls, tabs.

use std::time::Duration;

use finesse_sim::AgentState::{NotReady, Ready, Reserved, Talking};
use finesse_sim::{By, CallEvent, CallOptions, HistoryEntry};
use jiff::Timestamp;
use lockstep_dst::laws::Laws;
use lockstep_dst::presence::WORDS;
use lockstep_e2e::{Desktop, Site, beat};
use rand::RngExt as _;
use rand::rngs::StdRng;
use tokio::time::Instant;

use crate::choices::{CHOSEN, Choices};

/// Between two changes of presence: fifty in a second.
const PACE: Duration = Duration::from_millis(20);
/// Tabs that are suspended at a time.
const SUSPENDED: usize = 4;

/// The people of a site, and what is known of what they did.
pub(crate) struct World {
    pub(crate) site: Site,
    pub(crate) desktops: Vec<Desktop>,
    /// `loginName`s of those who take part.
    pub(crate) names: Vec<String>,
    pub(crate) ids: Vec<String>,
    pub(crate) laws: Laws,
    pub(crate) choices: Choices,
    pub(crate) random: StdRng,
    pub(crate) did: Did,
    began: Timestamp,
    last_event: u64,
    suspended: Vec<usize>,
    /// The tab of the agent who is the fence.
    pub(crate) fence_tab: Option<Desktop>,
}

/// What was done, in numbers.
#[derive(Debug, Default)]
pub(crate) struct Did {
    pub(crate) presences: usize,
    pub(crate) choices: usize,
    pub(crate) calls: usize,
    pub(crate) tabs: usize,
}

impl World {
    /// Everybody READY and active.
    pub(crate) fn new(site: Site, names: Vec<String>, random: StdRng) -> Self {
        let id = |name: &String| site.finesse.user(name).expect("a user of finesse-sim").login_id;
        let ids: Vec<String> = names.iter().map(id).collect();
        let mut laws = Laws::default();
        for id in &ids {
            laws.appeared(id, Duration::ZERO, Ready, 0);
        }
        let began = site.finesse.now();
        let (desktops, choices, did) = Default::default();
        let (last_event, suspended) = Default::default();
        Self {
            site,
            desktops,
            names,
            ids,
            laws,
            choices,
            random,
            did,
            began,
            last_event,
            suspended,
            fence_tab: None,
        }
    }

    /// So long since it began, on Finesse's clock.
    pub(crate) fn now(&self) -> Duration {
        self.at(self.site.finesse.now())
    }

    fn at(&self, time: Timestamp) -> Duration {
        Duration::try_from(time.duration_since(self.began)).unwrap_or_default()
    }

    /// Everything that happened in the contact centre meanwhile.
    pub(crate) fn catch_up(&mut self) {
        let entries: Vec<HistoryEntry> = self.site.finesse.events_after(self.last_event);
        for entry in entries {
            self.last_event = entry.seq;
            if self.ids.contains(&entry.user) {
                self.laws.happened(self.at(entry.time), &entry);
                self.choices.happened(&entry);
            }
        }
    }

    /// People go on for so long.
    pub(crate) async fn storm(&mut self, lasts: Duration) {
        let ends = Instant::now() + lasts;
        while Instant::now() < ends {
            self.presence();
            match self.random.random_range(0..20) {
                0 | 1 => self.lunch(),
                2 => self.back(),
                3..=7 => self.phone(),
                8 => self.tab(),
                _ => {}
            }
            self.catch_up();
            beat(PACE).await;
        }
    }

    /// Nobody is on the phone any more, and every tab runs.
    pub(crate) fn settle(&mut self) {
        for name in &self.names {
            if self.site.finesse.user(name).is_some_and(|user| user.on_call) {
                self.site.finesse.call(name, CallEvent::End).expect("a call can be ended");
            }
        }
        for tab in self.suspended.drain(..) {
            self.desktops[tab].wake();
        }
    }

    fn somebody(&mut self) -> usize {
        self.random.random_range(0..self.names.len())
    }

    fn presence(&mut self) {
        let (who, word) = (self.somebody(), WORDS[self.random.random_range(0..WORDS.len())]);
        self.laws.presence(&self.ids[who], self.now(), word.class);
        self.site.presence_at(&Site::address(&self.names[who]), word.change());
        self.did.presences += 1;
    }

    fn lunch(&mut self) {
        let reason = CHOSEN[self.random.random_range(0..CHOSEN.len())];
        self.by_hand("NOT_READY", Some(reason), 1);
    }

    /// Some of those who went come back, and some end what the desktop shows by themselves.
    fn back(&mut self) {
        self.by_hand("READY", None, 10);
    }

    /// Somebody who may; looked for so many times.
    fn by_hand(&mut self, state: &str, reason: Option<&str>, tries: usize) {
        for _ in 0..tries {
            let who = self.somebody();
            let may = state == "NOT_READY" || self.site.finesse.state(&self.names[who]) == NotReady;
            let finesse = &self.site.finesse;
            if may && finesse.set_state(&self.names[who], state, reason, By::Agent).is_ok() {
                self.did.choices += 1;
                return;
            }
        }
    }

    /// What a phone may do next; a call only ever reaches who is READY.
    fn phone(&mut self) {
        let who = self.somebody();
        let wrap_up = self.random.random_bool(0.3);
        let next = match self.site.finesse.state(&self.names[who]) {
            Ready => CallEvent::Ring,
            Reserved => CallEvent::Answer,
            Talking => CallEvent::End,
            _ => return,
        };
        let wrap_up_for = Some(Duration::from_millis(700));
        let options = CallOptions { wrap_up: Some(wrap_up), wrap_up_for, icd: None };
        // Between the look and the call Lockstep may have moved the agent.
        let called = self.site.finesse.call_with(&self.names[who], next, options);
        self.did.calls += usize::from(called.is_ok() && next == CallEvent::Answer);
    }

    /// A tab is loaded anew, suspended, or woken.
    fn tab(&mut self) {
        if self.desktops.is_empty() {
            return;
        }
        let tab = self.random.random_range(0..self.desktops.len());
        self.did.tabs += 1;
        if let Some(at) = self.suspended.iter().position(|asleep| *asleep == tab) {
            self.suspended.remove(at);
            return self.desktops[tab].wake();
        }
        if self.suspended.len() < SUSPENDED && self.random.random_bool(0.5) {
            self.suspended.push(tab);
            return self.desktops[tab].suspend();
        }
        if self.suspended.len() >= SUSPENDED {
            let woken = self.suspended.remove(0);
            return self.desktops[woken].wake();
        }
        self.desktops[tab].reload();
    }
}
