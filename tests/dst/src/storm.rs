//! What happens in a storm: drawn from the seed before it begins.

use std::time::Duration;

use finesse_sim::{By, CallEvent, CallOptions};
use lockstep_core::rules::Mode;
use rand::RngExt as _;
use rand::rngs::StdRng;
use webex_sim::{Fault, When};

use crate::act::{Act, Network};
use crate::cloud::address;
use crate::desk::{OFFICE, Reach, TEAMS, Weather};
use crate::desktops::{Deed, Hub};
use crate::laws::CHOICES;
use crate::presence::WORDS;

/// Draws a storm.
pub struct Storm<'a> {
    /// Where everything is drawn from.
    pub random: &'a mut StdRng,
    /// How long it lasts.
    pub span: Duration,
    /// The agents' loginIds.
    pub agents: &'a [String],
    /// There are desktops with gadgets.
    gadgets: bool,
    acts: Vec<(Duration, Act)>,
}

impl<'a> Storm<'a> {
    /// An empty one.
    pub fn new(random: &'a mut StdRng, span: Duration, agents: &'a [String], mode: Mode) -> Self {
        Self { random, span, agents, gadgets: mode.has_gadget(), acts: Vec::new() }
    }

    /// What happens, in any order: offsets from its beginning.
    pub fn draw(mut self) -> Vec<(Duration, Act)> {
        let minutes = self.span.as_secs_f64() / 60.0;
        let agents = f64::from(u32::try_from(self.agents.len()).unwrap_or(1));
        // Per agent and minute; some storms are dense, some leave time for things to settle.
        let density = [0.3, 1.0, 3.0][self.random.random_range(0..3)];
        self.some(minutes * agents * density, Self::presence);
        self.some(minutes * agents * density * 0.15, Self::flapping);
        self.some(minutes * agents * density * 0.4, Self::by_hand);
        self.some(minutes * agents * density * 0.3, Self::customer_call);
        let trouble = [0.2, 0.6, 1.5][self.random.random_range(0..3)];
        self.some(minutes * trouble, Self::webex_fault);
        self.some(minutes * trouble * 0.4, Self::network);
        self.some(minutes * trouble * 0.4, Self::finesse_weather);
        self.some(minutes * trouble * 0.2, Self::restart);
        self.some(minutes * trouble * 0.15, Self::administrator);
        if self.gadgets {
            self.some(minutes * agents * density * 0.3, Self::page);
            self.some(minutes * agents * trouble * 0.15, Self::page_in_trouble);
            self.some(minutes * trouble * 0.4, Self::hub);
        }
        self.acts
    }

    fn some(&mut self, mean: f64, one: fn(&mut Self, Duration)) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
        let most = (mean * 2.0).ceil().max(0.0) as u32;
        for _ in 0..self.random.random_range(0..=most) {
            let at = self.within(self.span);
            one(self, at);
        }
    }

    fn within(&mut self, span: Duration) -> Duration {
        let ms = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(self.random.random_range(0..=ms))
    }

    fn between(&mut self, least: u64, most: u64) -> Duration {
        Duration::from_millis(self.random.random_range(least..=most))
    }

    fn agent(&mut self) -> usize {
        self.random.random_range(0..self.agents.len())
    }

    fn chance(&mut self, per_cent: u32) -> bool {
        self.random.random_range(0..100) < per_cent
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.random.random_range(0..of.len())]
    }

    fn at(&mut self, at: Duration, act: Act) {
        self.acts.push((at, act));
    }

    // === people ===

    fn word(&mut self) -> usize {
        // The words that move somebody come more often than those that do not.
        let upto = if self.chance(80) { 9 } else { WORDS.len() };
        self.random.random_range(0..upto)
    }

    fn presence(&mut self, at: Duration) {
        let (agent, word) = (self.agent(), self.word());
        self.at(at, Act::Presence { agent, word });
    }

    /// To and fro, faster than anybody can follow.
    fn flapping(&mut self, at: Duration) {
        let agent = self.agent();
        let words = [self.word(), self.word()];
        let mut at = at;
        for turn in 0..self.random.random_range(2..12) {
            self.at(at, Act::Presence { agent, word: words[turn % 2] });
            at += self.between(0, 1_200);
        }
    }

    fn by_hand(&mut self, at: Duration) {
        let agent = self.agent();
        let by = if self.chance(70) { By::Agent } else { By::Supervisor };
        let (state, reason) = match self.random.random_range(0..10) {
            0..=3 => ("READY", None),
            4..=7 if by == By::Agent => ("NOT_READY", Some(self.pick(&CHOICES))),
            4..=7 => ("NOT_READY", None),
            8 => ("LOGOUT", None),
            _ => ("LOGIN", None),
        };
        let by = if state == "LOGIN" || state == "LOGOUT" { By::Agent } else { by };
        self.at(at, Act::ByHand { agent, state, reason, by });
        if state == "LOGOUT" {
            let again = at + self.between(1_000, 120_000);
            self.at(again, Act::ByHand { agent, state: "LOGIN", reason: None, by });
            let ready = again + self.between(100, 20_000);
            self.at(ready, Act::ByHand { agent, state: "READY", reason: None, by });
            if self.gadgets && self.chance(70) {
                self.at(at, Act::Desktop { agent, deed: Deed::Close });
                let opened = again + self.between(500, 6_000);
                self.at(opened, Act::Desktop { agent, deed: Deed::Open });
            }
        }
    }

    /// A customer's call, as Finesse and, for some, Webex see it.
    fn customer_call(&mut self, at: Duration) {
        let agent = self.agent();
        let own = self.chance(15);
        let options = CallOptions {
            wrap_up: Some(self.chance(40)),
            wrap_up_for: Some(self.between(1_000, 30_000)),
            icd: own.then_some(false),
        };
        let begins = if own { CallEvent::Dial } else { CallEvent::Ring };
        self.at(at, Act::Call { agent, event: begins, options });
        let answered = at + self.between(500, 12_000);
        if !own && self.chance(15) {
            return self.at(answered, Act::Call { agent, event: CallEvent::Rona, options });
        }
        if !own {
            self.at(answered, Act::Call { agent, event: CallEvent::Answer, options });
        }
        let talked = self.between(1_000, 180_000);
        let ended = answered + talked;
        if self.chance(50) {
            // Webex shows that the phone is in use, a little before or after Finesse does.
            let call = WORDS.iter().position(|word| word.status == "call").unwrap_or(0);
            let shown = (answered + self.between(0, 2_500)).saturating_sub(Duration::from_secs(1));
            self.at(shown, Act::Presence { agent, word: call });
            let over = ended + self.between(0, 4_000);
            self.at(over, Act::Presence { agent, word: 0 });
        }
        if self.chance(20) {
            let held = answered + talked / 3;
            self.at(held, Act::Call { agent, event: CallEvent::Hold, options });
            let resumed = answered + talked / 2;
            self.at(resumed, Act::Call { agent, event: CallEvent::Resume, options });
        }
        self.at(ended, Act::Call { agent, event: CallEvent::End, options });
    }

    // === what goes wrong ===

    fn webex_fault(&mut self, at: Duration) {
        let person = self.chance(50).then(|| address(&self.agents[self.agent()]));
        let (fault, lasting) = self.fault(person);
        let times = (!lasting).then(|| self.random.random_range(1..6));
        self.at(at, Act::Webex { fault, times });
        let mended = at + self.between(2_000, 240_000);
        self.at(mended, Act::WebexMended);
        if self.chance(10) {
            self.at(at, Act::WebexCut);
        }
    }

    /// A fault, and whether it lasts until it is mended.
    fn fault(&mut self, person: Option<String>) -> (Fault, bool) {
        let endpoints = ["u2c", "wdm", "apheleia", "hydra", "apheleia.subscribe", ""];
        let endpoint = self.pick(&endpoints);
        let endpoint = (!endpoint.is_empty()).then(|| endpoint.to_owned());
        let lasting = self.chance(30);
        let fault = match self.random.random_range(0..31) {
            0 => Fault::Latency { endpoint, ms: self.pick(&[300, 3_000, 20_000]), jitter_ms: 500 },
            1..=3 => self.status(endpoint),
            4 => {
                Fault::RateLimit { endpoint, per_minute: 5, retry_after: Some(self.pick(&[1, 30])) }
            }
            5 => Fault::Reset { endpoint },
            6 => Fault::BlackHole { endpoint },
            7 => Fault::NotJson { endpoint },
            8 => Fault::TruncatedBody { endpoint },
            9 => Fault::Offline { ms: self.pick(&[500, 5_000, 60_000]) },
            10 => Fault::ExcessiveDevices {},
            11 => Fault::DeviceGone {},
            12 => Fault::DevicesLost {},
            13 => Fault::MercuryUpgradeStatus {
                status: self.pick(&[401, 404, 429, 500, 503]),
                retry_after: None,
            },
            14 => Fault::MercuryAuthRefused {
                code: self.pick(&[4400, 4401, 4403, 4404, 1008]),
                reason: String::new(),
            },
            15 => self.pick_of([
                Fault::MercuryNoReady {},
                Fault::MercuryNoPong {},
                Fault::MercuryWrongPongId {},
                Fault::MercuryNoPing {},
                Fault::MercuryEventBeforeReady {},
                Fault::MercuryBinaryFrames {},
            ]),
            16 => Fault::MercuryStall {},
            17..=19 => Fault::MercuryClose {
                code: self
                    .pick(&[1000, 1001, 1003, 1005, 1006, 1011, 4000, 4400, 4401, 4403, 4404]),
                reason: self.pick(&["", "idle", "done (forced)", "Replaced"]).to_owned(),
                when: if lasting { When::Ready } else { When::Now },
            },
            20 => Fault::MercuryDrop { when: When::Now },
            21 => Fault::MercuryReplaced {},
            22 => Fault::MercuryShutdown {
                close_after_ms: self.pick(&[0, 2_000, 30_000]),
                linger_ms: self.pick(&[0, 3_000]),
                when: if lasting { When::Ready } else { When::Now },
            },
            23 => self.pick_of([
                Fault::SequenceGap { size: 2 },
                Fault::SequenceMissing {},
                Fault::MalformedFrame { text: None },
                Fault::UnknownEvent { event_type: "conversation.activity".to_owned() },
            ]),
            24 => Fault::EventLost { person },
            25 => Fault::EventDuplicate { person },
            26 => Fault::EventReordered { person },
            27 => Fault::EventStale { person },
            28 => Fault::EventDelayed { person, ms: self.pick(&[200, 2_000, 20_000]) },
            29 => self.pick_of([
                Fault::SubscriptionsRefused { status: 403 },
                Fault::SubscriptionsLost {},
                Fault::SubjectMissing { person: person.clone() },
                Fault::SubjectRefused {
                    person: person.clone(),
                    code: 403,
                    retry: None,
                    evicted: None,
                },
                Fault::ShortTtl { seconds: 60 },
                Fault::NoStatus {},
            ]),
            _ => Fault::TokenRevoked {},
        };
        (fault, lasting)
    }

    fn status(&mut self, endpoint: Option<String>) -> Fault {
        // A token service that says 400 or 401 itself has to be believed: a person must mend that.
        let tokens = endpoint.as_deref().is_none_or(|endpoint| endpoint == "hydra");
        let from = if tokens { 2 } else { 0 };
        let status = self.pick(&[400, 401, 403, 404, 429, 500, 502, 503][from..]);
        let retry_after = (status == 429).then(|| self.pick(&[1, 10, 90]));
        Fault::HttpStatus { endpoint, status, message: None, retry_after }
    }

    fn pick_of<const N: usize>(&mut self, faults: [Fault; N]) -> Fault {
        let at = self.random.random_range(0..N);
        let mut faults = Vec::from(faults);
        faults.swap_remove(at)
    }

    fn network(&mut self, at: Duration) {
        let until = at + self.between(200, 150_000);
        let (bad, good) = match self.random.random_range(0..6) {
            0 => (Network::Partition, Network::Repair),
            1 => (Network::Deaf, Network::Repair),
            2 => (Network::Mute, Network::Repair),
            3 => (Network::Hold, Network::Release),
            4 => (Network::Lossy(50), Network::Lossy(0)),
            _ => (Network::Slow(Duration::from_secs(3)), Network::Slow(QUICK)),
        };
        self.at(at, Act::Network(bad));
        self.at(until, Act::Network(good));
    }

    fn finesse_weather(&mut self, at: Duration) {
        let some = |of: u32| of * 40;
        let weather = match self.random.random_range(0..8) {
            0 => Weather { reach: Reach::OutOfService, ..Weather::FINE },
            1 => Weather { reach: Reach::Silent, ..Weather::FINE },
            2 => Weather { slowest: Duration::from_secs(4), ..Weather::FINE },
            3 => Weather { cti_slowest: Duration::from_secs(14), ..Weather::FINE },
            4 => Weather { cti_drops: 300, cti_fails: 200, ..Weather::FINE },
            5 => Weather { question_fails: 400, answer_lost: 100, ..Weather::FINE },
            6 => Weather { fails_before: 300, fails_after: 300, ..Weather::FINE },
            _ => Weather {
                reach: Reach::Open,
                slowest: Duration::from_millis(1_500),
                question_fails: some(2),
                answer_lost: some(1),
                fails_before: some(1),
                fails_after: some(2),
                refused_oddly: some(1),
                cti_drops: some(1),
                cti_fails: some(1),
                cti_slowest: Duration::from_secs(5),
            },
        };
        self.at(at, Act::Finesse(weather));
        let until = at + self.between(1_000, 200_000);
        self.at(until, Act::Finesse(Weather::FINE));
        if self.chance(30) {
            self.at(at, Act::FailOver);
            let back = at + self.between(500, 40_000);
            for agent in 0..if self.gadgets { self.agents.len() } else { 0 } {
                self.at(at, Act::Desktop { agent, deed: Deed::HubGone });
                self.at(back, Act::Desktop { agent, deed: Deed::HubBack });
            }
        }
        if self.chance(15) {
            let ms = self.random.random_range(-5_000..=5_000);
            self.at(at, Act::FinesseClock(ms));
        }
    }

    // === desktops ===

    fn page(&mut self, at: Duration) {
        let agent = self.agent();
        let deed = self.pick(&[Deed::Open, Deed::Open, Deed::Close, Deed::Reload]);
        self.at(at, Act::Desktop { agent, deed });
        if deed == Deed::Close {
            let again = at + self.between(500, 60_000);
            self.at(again, Act::Desktop { agent, deed: Deed::Open });
        }
    }

    fn page_in_trouble(&mut self, at: Duration) {
        let agent = self.agent();
        let (bad, good) = self.pick(&[
            (Deed::Freeze, Deed::Thaw),
            (Deed::Cut, Deed::Mend),
            (Deed::HubGone, Deed::HubBack),
        ]);
        self.at(at, Act::Desktop { agent, deed: bad });
        let until = at + self.between(300, 60_000);
        self.at(until, Act::Desktop { agent, deed: good });
    }

    fn hub(&mut self, at: Duration) {
        let hub = Hub { late: self.pick(&[0, 100, 500]), twice: self.pick(&[0, 200]), lost: 0 };
        self.at(at, Act::Hub(hub));
        let until = at + self.between(1_000, 100_000);
        self.at(until, Act::Hub(Hub::FINE));
    }

    fn restart(&mut self, at: Duration) {
        let ends = if self.chance(60) { Act::Kill } else { Act::Stop };
        self.at(at, ends);
        let again = at + self.between(200, 60_000);
        let clock_jump_ms =
            if self.chance(15) { self.random.random_range(-90_000..=90_000) } else { 0 };
        self.at(again, Act::Start { clock_jump_ms });
        if self.chance(20) {
            let before = at.saturating_sub(self.between(0, 20_000));
            self.at(before, Act::Disk { failing: true });
            let after = again + self.between(0, 20_000);
            self.at(after, Act::Disk { failing: false });
        }
    }

    fn administrator(&mut self, at: Duration) {
        let agent = self.agent();
        let later = at + self.between(5_000, 200_000);
        if self.chance(70) {
            let team = self.pick(&[TEAMS[0], TEAMS[1], OFFICE]);
            self.at(at, Act::Move { agent, team });
            self.at(later, Act::Move { agent, team: TEAMS[agent % TEAMS.len()] });
        } else {
            self.at(at, Act::Remove { agent });
            self.at(later, Act::Add { agent });
        }
    }
}

/// How long a message takes at most when the network is well.
pub const QUICK: Duration = Duration::from_millis(150);
