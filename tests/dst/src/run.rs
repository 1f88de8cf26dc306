//! One seed from its first line to the verdict.

mod deeds;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, SystemTime};

use finesse_sim::{By, CallEvent, CallOptions};
use lockstep_core::AgentId;
use lockstep_core::finesse::Deployment;
use lockstep_core::rules::Mode;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use turmoil::Sim;

use crate::act::{Act, Network};
use crate::cloud::Cloud;
use crate::desk::{Desk, TEAMS, Weather};
use crate::desktops::{Deed, Desktops, Hub};
use crate::journal::{Detail, Journal};
use crate::laws::{Law, Violation};
use crate::network::{LOCKSTEP, WEBEX};
use crate::product::{self, Product};
use crate::store::Disk;
use crate::storm::{QUICK, Storm};
use crate::time::WallClock;
use crate::wire::Wire;

/// How finely the hosts take turns and the network delivers. Within it each host's own timers run
/// to the millisecond.
const TICK: Duration = Duration::from_millis(100);
/// Longer than every wait that is documented: a person whom Webex refuses is tried again after ten
/// minutes, polling after as long, a refusal of Finesse after five.
const QUIET: Duration = Duration::from_mins(16);
/// How long an integration's access token lives; two weeks in truth, which no run would see.
const TOKEN_LIFE: Duration = Duration::from_mins(10);
/// After a single change in fine weather everybody is right within this.
const SETTLED: Duration = Duration::from_mins(1);

/// What a run is to be.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// The seed.
    pub seed: u64,
    /// At least this long; it ends after the cycle that goes beyond.
    pub span: Duration,
    /// How much is written down.
    pub detail: Detail,
    /// Keep every line.
    pub whole: bool,
    /// See [`crate::laws::Laws::strict_races`].
    pub races: bool,
}

impl Order {
    /// Who sets the states in this seed: each mode has a third of them.
    pub const fn mode(&self) -> Mode {
        match self.seed % 3 {
            0 => Mode::Auto,
            1 => Mode::Gadget,
            _ => Mode::Server,
        }
    }
}

/// What became of a run.
#[derive(Clone, Debug)]
pub struct Report {
    /// The seed.
    pub seed: u64,
    /// Who sets the states.
    pub mode: Mode,
    /// Simulated.
    pub simulated: Duration,
    /// How many agents.
    pub agents: usize,
    /// Changes of presence.
    pub presence: u64,
    /// Requests to Finesse.
    pub requests: u64,
    /// Lives of Lockstep's process.
    pub lives: u64,
    /// What was broken; empty is well.
    pub violations: Vec<Violation>,
    /// Lines and the digest of their bytes.
    pub digest: (u64, u64),
    /// The last lines.
    pub tail: Vec<String>,
    /// Every line, where they were asked for.
    pub whole: Option<Vec<u8>>,
}

impl Report {
    /// A report with nothing in it.
    pub const fn of(seed: u64, mode: Mode) -> Self {
        Self {
            seed,
            mode,
            simulated: Duration::ZERO,
            agents: 0,
            presence: 0,
            requests: 0,
            lives: 0,
            violations: Vec::new(),
            digest: (0, 0),
            tail: Vec::new(),
            whole: None,
        }
    }
}

/// Runs a seed.
pub fn run(order: &Order) -> Report {
    let journal = Journal::new(order.whole);
    let mut report = Report::of(order.seed, order.mode());
    let subscriber = journal.subscriber(order.detail);
    tracing::subscriber::with_default(subscriber, || {
        let ran = catch_unwind(AssertUnwindSafe(|| {
            let mut world = World::new(order, journal.clone());
            world.live(order.span);
            world.fill(&mut report);
            journal.set_deaf(true); // hosts that are dropped have no last words
        }));
        if let Err(panic) = ran {
            let text = panic
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
                .unwrap_or_default();
            report.violations.push(Violation { law: Law::Broken, text: format!("panic: {text}") });
        }
    });
    report.digest = journal.digest();
    report.tail = journal.tail();
    report.whole = journal.whole();
    report
}

/// The hosts, what happens to them, and the judge.
struct World {
    sim: Sim<'static>,
    random: StdRng,
    agents: Vec<String>,
    journal: Journal,
    desk: Desk,
    cloud: Cloud,
    product: Product,
    mode: Mode,
    /// None in server mode.
    desktops: Option<Desktops>,
    up: bool,
    network: Network,
    queue: BTreeMap<(Duration, u64), Act>,
    order: u64,
    presence: u64,
    lives: u64,
}

impl World {
    fn new(order: &Order, journal: Journal) -> Self {
        let mut random = StdRng::seed_from_u64(order.seed);
        let mode = order.mode();
        let count = random.random_range(5..=10);
        let agents: Vec<String> = (1..=count).map(|number| (1000 + number).to_string()).collect();
        let deployment = if random.random_bool(0.5) { Deployment::Cce } else { Deployment::Ccx };
        let policy = match random.random_range(0..10) {
            0 => "release",
            1 => "not_ready",
            _ => "hold",
        };
        journal.note(
            "world",
            format!(
                "seed {}: {count} agents on {deployment:?}, mode {mode}, a lost feed: {policy}",
                order.seed
            ),
        );
        let (ledger, wall) = (Disk::new(random.random()), WallClock::default());
        let shared = (journal.clone(), ledger.clone(), wall.clone());
        let desk = Desk::new(random.random(), deployment, &agents, shared);
        desk.judge(|laws| {
            laws.moves_on_loss = policy != "hold";
            laws.strict_races = order.races;
        });
        let wire = Wire::new(desk.clone());
        let parts = (ledger, desk.clone(), wall, journal.clone(), wire.clone());
        let token = product::token(random.random_bool(0.6));
        let product = Product::new(parts, product::config(mode, policy), token, random.random());
        let cloud = Cloud::default();
        let mut sim = turmoil::Builder::new()
            .epoch(SystemTime::UNIX_EPOCH)
            .simulation_duration(Duration::from_hours(1_000_000))
            .tick_duration(TICK)
            .min_message_latency(Duration::from_millis(1))
            .max_message_latency(QUICK)
            .tcp_capacity(4_096)
            .rng_seed(random.random())
            .build();
        let (webex, seed, people) = (cloud.clone(), random.random(), agents.clone());
        sim.host(WEBEX, move || webex.clone().run(seed, people.clone(), TOKEN_LIFE));
        let lockstep = product.clone();
        sim.host(LOCKSTEP, move || lockstep.clone().run());
        let queue = BTreeMap::new();
        let desktops = mode
            .has_gadget()
            .then(|| Desktops::new(desk.clone(), wire, journal.clone(), order.seed ^ 0x7ab5));
        let mut world = Self {
            sim,
            random,
            agents,
            journal,
            desk,
            cloud,
            product,
            mode,
            desktops,
            up: true,
            network: Network::Repair,
            queue,
            order: 0,
            presence: 0,
            lives: 1,
        };
        for agent in 0..world.agents.len() {
            world.perform(Act::Presence { agent, word: 0 });
        }
        world.open_desktops(0.9);
        world
    }

    /// Storms and quiet in turn.
    fn live(&mut self, span: Duration) {
        while self.sim.elapsed() < span && self.is_well() {
            self.cycle();
        }
        for text in self.cloud.violations() {
            self.desk.judge(|laws| laws.broken(Law::Broken, format!("webex-sim: {text}")));
        }
    }

    fn cycle(&mut self) {
        let minutes = self.random.random_range(3..=15);
        let span = Duration::from_mins(minutes);
        self.journal.note("world", format!("a storm of {minutes} minutes"));
        let begins = self.sim.elapsed();
        for (offset, act) in Storm::new(&mut self.random, span, &self.agents, self.mode).draw() {
            self.schedule(begins + offset, act);
        }
        self.run_until(begins + span);
        self.calm();
        self.run_for(QUIET);
        self.verdict("after the storm");
        for _ in 0..2 {
            for agent in 0..self.agents.len() {
                let word = self.random.random_range(0..9);
                let at = self.sim.elapsed() + TICK * self.random.random_range(0..100);
                self.schedule(at, Act::Presence { agent, word });
            }
            self.run_for(SETTLED);
            self.verdict("after one change each");
        }
    }

    /// Everything is mended, calls end, and nothing happens any more.
    fn calm(&mut self) {
        self.journal.note("world", "calm");
        self.queue.clear();
        let mended = [
            Act::WebexMended,
            Act::Network(Network::Repair),
            Act::Network(Network::Release),
            Act::Network(Network::Lossy(0)),
            Act::Network(Network::Slow(QUICK)),
            Act::Finesse(Weather::FINE),
            Act::Disk { failing: false },
            Act::Hub(Hub::FINE),
        ];
        for act in mended {
            self.perform(act);
        }
        if !self.up {
            self.perform(Act::Start { clock_jump_ms: 0 });
        }
        for agent in 0..self.agents.len() {
            if self.desk.user(&self.agents[agent]).is_none() {
                self.perform(Act::Add { agent });
            }
            let team = TEAMS[agent % TEAMS.len()];
            self.perform(Act::Move { agent, team });
            let end = CallEvent::End;
            self.perform(Act::Call { agent, event: end, options: CallOptions::default() });
            if self.random.random_bool(0.7) {
                let (state, by) = ("LOGIN", By::Agent);
                self.perform(Act::ByHand { agent, state, reason: None, by });
            }
            for deed in [Deed::Thaw, Deed::Mend, Deed::HubBack] {
                self.perform(Act::Desktop { agent, deed });
            }
        }
        self.open_desktops(0.8);
    }

    /// Most of those who have no desktop open one.
    fn open_desktops(&mut self, most: f64) {
        let Some(desktops) = &self.desktops else { return };
        let without = |agent: &usize| desktops.pages_of(&self.agents[*agent]) == 0;
        let without: Vec<usize> = (0..self.agents.len()).filter(without).collect();
        for agent in without {
            if self.random.random_bool(most) {
                self.perform(Act::Desktop { agent, deed: Deed::Open });
            }
        }
    }

    fn verdict(&mut self, when: &str) {
        if !self.is_well() {
            return;
        }
        let now = self.sim.elapsed();
        // In gadget mode nobody acts for whoever has no desktop.
        let acted_for = |agent: &&String| {
            self.mode.has_server()
                || self.desktops.as_ref().is_some_and(|desktops| desktops.pages_of(agent) > 0)
        };
        let agents: Vec<String> = self.agents.iter().filter(acted_for).cloned().collect();
        let disk = &self.product.disk;
        let held = |agent: &&String| disk.entry(&AgentId::new(agent.as_str())).hold.is_some();
        let holds = agents.iter().filter(held).cloned().collect();
        self.desk.judge(|laws| laws.judge(now, &agents, &holds));
        let well = if self.is_well() { "everybody is right" } else { "somebody is not right" };
        self.journal.note("judge", format!("{when}: {well}"));
    }

    fn is_well(&self) -> bool {
        self.desk.judge(|laws| laws.violations().is_empty())
    }

    // === time ===

    fn schedule(&mut self, at: Duration, act: Act) {
        self.order += 1;
        self.queue.insert((at, self.order), act);
    }

    fn run_for(&mut self, span: Duration) {
        self.run_until(self.sim.elapsed() + span);
    }

    fn run_until(&mut self, end: Duration) {
        while self.sim.elapsed() < end && self.is_well() {
            let now = self.sim.elapsed();
            self.journal.set_now(now);
            while let Some(entry) = self.queue.first_entry()
                && entry.key().0 <= now
            {
                let act = entry.remove();
                self.perform(act);
            }
            if let Err(error) = self.sim.step() {
                self.desk.judge(|laws| laws.broken(Law::Broken, error.to_string()));
            }
            self.journal.set_now(self.sim.elapsed());
            self.desk.advance();
            if let Some(desktops) = &mut self.desktops {
                desktops.advance(self.sim.elapsed());
            }
        }
    }

    fn fill(&self, report: &mut Report) {
        report.simulated = self.sim.elapsed();
        report.agents = self.agents.len();
        report.presence = self.presence;
        report.lives = self.lives;
        self.desk.judge(|laws| {
            report.requests = laws.requests;
            report.violations = laws.violations().to_vec();
        });
    }
}
