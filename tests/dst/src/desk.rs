//! Finesse behind Lockstep's port: finesse-sim's contact centre, reached by direct call through
//! bad weather.

mod answers;
mod desktop;
mod port;
mod weather;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use finesse_sim::{By, CallEvent, CallOptions, Clock, Config, FinesseSim, UserSpec, UserView};
use lockstep_core::finesse::Deployment;
use lockstep_core::{TeamId, Time};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tokio::sync::watch;

use crate::journal::Journal;
use crate::laws::{CLAIMED, Laws};
use crate::store::Disk;
use crate::time::{EPOCH, WallClock};

use self::desktop::Notice;
pub use self::desktop::{Asks, Told, Way};
pub use self::weather::{Reach, Weather};

/// Teams that are watched; each has a supervisor of ours.
pub const TEAMS: [u32; 2] = [1, 2];
/// A team that is not watched.
pub const OFFICE: u32 = 3;
const SUPERVISION: u32 = 4;
/// By how much the clocks may be told differently; half of what Lockstep tolerates.
const CLOCK_TOLERANCE_MS: u64 = 500;
/// The client's own limit for a request (Finesse notes 6).
const LIMIT: Duration = Duration::from_secs(10);

/// A handle to Finesse; clones share it.
#[derive(Clone, Debug)]
pub struct Desk {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    sim: FinesseSim,
    clock: Arc<AtomicI64>,
    /// How far Finesse's clock is ahead of the world's.
    skew_ms: i64,
    deployment: Deployment,
    wall: WallClock,
    weather: Weather,
    random: StdRng,
    journal: Journal,
    disk: Disk,
    laws: Laws,
    last_event: u64,
    /// How far Finesse's clock was ahead when Lockstep was told last.
    told_ahead_ms: i64,
    /// When Lockstep was told something else than before.
    retold_at: Option<Duration>,
    /// When one was noticed last, on the clock of Lockstep's machine. A channel per listener: tokio
    /// wakes those of one channel in a random order.
    fail_overs: Vec<watch::Sender<Option<Time>>>,
    unnoticed: bool,
    /// What desktops are told and have not fetched; none where there are no desktops.
    notices: Option<Vec<Notice>>,
}

/// The loginId of our supervisor of a team.
fn supervisor(team: &TeamId) -> String {
    format!("sup{team}")
}

impl Desk {
    /// A contact centre with `agents` (loginIds), READY all, spread over the watched teams.
    ///
    /// # Panics
    ///
    /// When two of them have the same loginId.
    pub fn new(
        seed: u64,
        deployment: Deployment,
        agents: &[String],
        (journal, disk, wall): (Journal, Disk, WallClock),
    ) -> Self {
        let clock = Arc::new(AtomicI64::new(EPOCH));
        let of_sim = match deployment {
            Deployment::Cce => finesse_sim::Deployment::Ucce,
            Deployment::Ccx => finesse_sim::Deployment::Uccx,
        };
        let names = ["Sales", "Support", "Office", "Supervision"];
        let teams = (1..).zip(names).map(|(id, name)| (id, name.to_owned())).collect();
        let people = (0..).zip(agents).map(|(at, id)| agent_spec(id, TEAMS[at % TEAMS.len()]));
        let supervisors = TEAMS.map(|team| {
            let id = supervisor(&TeamId::new(team.to_string()));
            UserSpec::supervisor(&id, &[team]).in_team(SUPERVISION)
        });
        let config = Config {
            teams,
            users: people.chain(supervisors).collect(),
            clock: Clock::Manual(Arc::clone(&clock)),
            seed: Some(seed),
            ..Config::empty(of_sim)
        };
        let sim = FinesseSim::unplugged(&config).expect("the simulated contact centre is right");
        let mut laws = Laws::default();
        for agent in agents {
            laws.appeared(agent, Duration::ZERO, finesse_sim::AgentState::Ready, 0);
        }
        let state = State {
            sim,
            clock,
            skew_ms: 0,
            deployment,
            wall,
            weather: Weather::FINE,
            random: StdRng::seed_from_u64(seed ^ 0xde5c),
            journal,
            disk,
            laws,
            last_event: 0,
            told_ahead_ms: 0,
            retold_at: None,
            fail_overs: Vec::new(),
            unnoticed: false,
            notices: None,
        };
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// Lets everything happen that is due until now.
    pub fn advance(&self) {
        drop(self.lock());
    }

    /// Does something with the judge.
    pub fn judge<T>(&self, work: impl FnOnce(&mut Laws) -> T) -> T {
        work(&mut self.lock().laws)
    }

    /// The same, with the time.
    pub fn judge_at<T>(&self, work: impl FnOnce(&mut Laws, Duration) -> T) -> T {
        let mut state = self.lock();
        let now = state.journal.now();
        work(&mut state.laws, now)
    }

    /// What the clock of Lockstep's machine shows, as a session's reply tells it.
    pub fn clock_of_server(&self) -> Time {
        let state = self.lock();
        state.wall.shown(state.journal.now())
    }

    /// A line of the journal.
    pub fn note(&self, who: &str, what: impl std::fmt::Display) {
        self.lock().journal.note(who, what);
    }

    /// From now on the way to Finesse is like this.
    pub fn set_weather(&self, weather: Weather) {
        let mut state = self.lock();
        state.weather = weather;
        state.notice();
    }

    /// Finesse's clock is set, this far ahead of the world's.
    pub fn set_skew(&self, ms: i64) {
        self.lock().skew_ms = ms;
    }

    /// The other side takes over: queued requests and pending states are lost. The client notices as
    /// soon as it is answered.
    pub fn fail_over(&self) {
        let mut state = self.lock();
        state.sim.fail_over();
        state.unnoticed = true;
        state.notice();
    }

    /// Somebody changes a state by hand; says why they cannot.
    pub fn by_hand(
        &self,
        agent: &str,
        state: &str,
        reason: Option<&str>,
        by: By,
    ) -> Result<(), String> {
        self.lock().sim.set_state(agent, state, reason, by).map_err(|error| error.0)
    }

    /// Something happens to a call; says why it cannot.
    pub fn call(&self, agent: &str, event: CallEvent, options: CallOptions) -> Result<(), String> {
        self.lock().sim.call_with(agent, event, options).map_err(|error| error.0)
    }

    /// An administrator moves an agent.
    pub fn move_to(&self, agent: &str, team: u32) -> Result<(), String> {
        self.lock().sim.move_user(agent, team).map_err(|error| error.0)
    }

    /// An administrator removes an agent.
    pub fn remove(&self, agent: &str) -> Result<(), String> {
        self.lock().sim.remove_user(agent).map_err(|error| error.0)
    }

    /// An administrator adds the agent again, signed out.
    pub fn add(&self, agent: &str, team: u32) -> Result<(), String> {
        let spec = agent_spec(agent, team).starting(finesse_sim::AgentState::Logout);
        let mut state = self.lock();
        let now = state.journal.now();
        state.sim.add_user(spec).map_err(|error| error.0)?;
        let next = state.last_event + 1;
        state.laws.appeared(agent, now, finesse_sim::AgentState::Logout, next);
        Ok(())
    }

    /// The agent as Finesse has them.
    pub fn user(&self, agent: &str) -> Option<UserView> {
        self.lock().sim.user(agent)
    }

    /// The state, brought up to now.
    fn lock(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.catch_up();
        state
    }
}

impl State {
    fn catch_up(&mut self) {
        let now = self.journal.now();
        let ms = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
        self.clock.store(EPOCH + ms + self.skew_ms, Ordering::SeqCst);
        for event in self.sim.events_after(self.last_event) {
            self.last_event = event.seq;
            let at = event.time.as_millisecond() - EPOCH - self.skew_ms;
            let at = Duration::from_millis(u64::try_from(at).unwrap_or(0)).min(now);
            let (from, to, kind) = (event.from, event.to, event.kind);
            let pending = event.pending_state.map(|state| format!(" ({state} pending)"));
            let by = event.request_id.as_deref().or(event.actor.as_deref()).unwrap_or("");
            let text = format!(
                "{} {kind:?} {from} -> {to}{} by {:?} {by}",
                event.user,
                pending.unwrap_or_default(),
                event.by,
            );
            self.journal.note("finesse", text);
            self.laws.happened(at, &event);
            self.notify(&event);
            if self.clock_is_doubtful(at) {
                self.laws.excuse(&event.user);
            }
        }
    }

    fn ahead_ms(&self) -> i64 {
        self.skew_ms - self.wall.ahead_ms()
    }

    /// In the minute in which somebody sets Finesse's clock its times tell nothing: a request that
    /// left before Lockstep was told is matched with its effect by the wrong time.
    fn clock_is_doubtful(&self, at: Duration) -> bool {
        self.told_ahead_ms.abs_diff(self.ahead_ms()) >= CLOCK_TOLERANCE_MS
            || self.retold_at.is_some_and(|told| at.saturating_sub(told) < CLAIMED)
    }

    fn tell_clock(&mut self) {
        let ahead_ms = self.ahead_ms();
        if self.told_ahead_ms.abs_diff(ahead_ms) >= CLOCK_TOLERANCE_MS {
            self.retold_at = Some(self.journal.now());
        }
        self.told_ahead_ms = ahead_ms;
    }

    fn notice(&mut self) {
        if self.unnoticed && self.weather.reach == Reach::Open {
            self.unnoticed = false;
            let now = self.wall.shown(self.journal.now());
            self.fail_overs.retain(|listener| listener.send(Some(now)).is_ok());
        }
    }

    fn upto(&self) -> u64 {
        self.last_event
    }
}

fn agent_spec(id: &str, team: u32) -> UserSpec {
    UserSpec::agent(id, &format!("agent{id}")).in_team(team)
}
