//! Finesse behind Lockstep's port: finesse-sim's contact centre, reached by direct call through
//! bad weather.

mod weather;

use std::convert::Infallible;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use finesse_sim::{
    Asked, By, CallEvent, CallOptions, Clock, Config, CtiAnswer, CtiError, FinesseSim, Refused,
    UserSpec, UserView,
};
use jiff::Timestamp;
use lockstep::finesse::{
    Assignment, Change, Finesse, FinesseError, Member, Need, System, Team, User,
};
use lockstep_core::finesse::{AgentState, AgentView, Deployment, ReasonSeen, Target};
use lockstep_core::{AgentId, TeamId, Time};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::journal::Journal;
use crate::laws::{Laws, Leaving};
use crate::store::Disk;
use crate::time::{EPOCH, WallClock};

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
    /// When one was noticed last, on the clock of Lockstep's machine. A channel per listener: tokio
    /// wakes those of one channel in a random order.
    fail_overs: Vec<watch::Sender<Option<Time>>>,
    unnoticed: bool,
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
            fail_overs: Vec::new(),
            unnoticed: false,
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

    /// The way there: a while, or a failure.
    async fn way(&self) -> Result<(), FinesseError> {
        let (reach, pause) = {
            let mut state = self.lock();
            let State { weather, random, .. } = &mut *state;
            (weather.reach, weather.half_way(random))
        };
        match reach {
            Reach::Open => sleep(pause).await,
            Reach::OutOfService => {
                sleep(pause).await;
                return Err(out_of_service());
            }
            Reach::Silent => {
                sleep(LIMIT).await;
                return Err(silent());
            }
        }
        Ok(())
    }

    /// The way of a question, there and back, around `ask`.
    async fn question<T>(
        &self,
        ask: impl FnOnce(&mut State) -> Result<T, FinesseError>,
    ) -> Result<T, FinesseError> {
        self.way().await?;
        let (answer, back, lost) = {
            let mut state = self.lock();
            let State { weather, random, .. } = &mut *state;
            let (fails, lost) = (weather.question_fails(random), weather.answer_is_lost(random));
            let back = weather.half_way(random);
            let answer = if fails { Err(broken()) } else { ask(&mut state) };
            (answer, back, lost)
        };
        if lost {
            sleep(LIMIT).await;
            return Err(silent());
        }
        sleep(back).await;
        answer
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
            // By the minute in which somebody sets Finesse's clock, its times tell nothing.
            let ahead_ms = self.skew_ms - self.wall.ahead_ms();
            if self.told_ahead_ms.abs_diff(ahead_ms) >= CLOCK_TOLERANCE_MS {
                self.laws.excuse(&event.user);
            }
        }
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

    fn user(user: &UserView) -> User {
        let id = TeamId::new(user.team_id.to_string());
        User {
            id: AgentId::new(&user.login_id),
            login_name: user.login_name.clone(),
            name: user.name.clone(),
            team: Some(Team { id, name: user.team_name.clone() }),
            supervises: user.supervises.iter().map(|id| TeamId::new(id.to_string())).collect(),
            view: view(user, false),
        }
    }

    /// A change as Finesse judges it: what it answers, and how the answer fares.
    fn take(&mut self, change: &Change) -> (Result<(), FinesseError>, Fate) {
        let State { weather, random, .. } = self;
        let fate = weather.fate(random);
        let cti_delay = weather.cti_delay(random);
        let cti = match weather.cti(random) {
            weather::Cti::AsItShould => CtiAnswer::AsItShould,
            weather::Cti::Drops => CtiAnswer::Drops,
            weather::Cti::Fails => CtiAnswer::Fails(CtiError::of_code(265)),
        };
        match fate {
            Fate::FailsBefore => return (Err(broken()), fate),
            Fate::RefusedOddly => return (Err(odd()), fate),
            Fate::Comes | Fate::FailsAfter | Fate::AnswerLost => {}
        }
        let actor = supervisor(&change.team);
        let asked = Asked {
            actor: &actor,
            target: change.agent.as_str(),
            ready: change.target == Target::Ready,
            request_id: &change.request_id,
            cti_delay,
            cti,
        };
        let answer = self.sim.submit(&asked).map_err(|refused| error_of(refused, change));
        if fate == Fate::FailsAfter { (Err(broken()), fate) } else { (answer, fate) }
    }
}

pub use self::weather::Fate;

impl Finesse for Desk {
    async fn system(&self) -> Result<System, FinesseError> {
        self.question(|state| {
            let error = state.random.random_range(-40..=40);
            state.told_ahead_ms = state.skew_ms - state.wall.ahead_ms();
            let clock_ahead_ms = Some(state.told_ahead_ms + error);
            Ok(System { deployment: state.deployment, clock_ahead_ms })
        })
        .await
    }

    async fn users(&self) -> Result<Vec<User>, FinesseError> {
        self.question(|state| Ok(state.sim.users().iter().map(State::user).collect())).await
    }

    async fn team(&self, team: &TeamId, _need: Need) -> Result<Vec<Member>, FinesseError> {
        let asked = self.lock().journal.now();
        let (members, upto) = self
            .question(|state| {
                let users = state.sim.users();
                let members = users.iter().filter(|user| user.team_id.to_string() == team.as_str());
                let members: Vec<Member> = members
                    .map(|user| Member { id: AgentId::new(&user.login_id), view: view(user, true) })
                    .collect();
                Ok((members, state.upto()))
            })
            .await?;
        let mut state = self.lock();
        let now = state.journal.now();
        for member in &members {
            state.laws.delivered(member.id.as_str(), now, asked, upto);
        }
        Ok(members)
    }

    async fn look(&self, agent: &AgentId) -> Result<AgentView, FinesseError> {
        let asked = self.lock().journal.now();
        let (view, upto) = self
            .question(|state| match state.sim.user(agent.as_str()) {
                Some(user) => Ok((view(&user, false), state.upto())),
                None => Err(FinesseError::NotFound { what: format!("user {agent}") }),
            })
            .await?;
        let mut state = self.lock();
        let now = state.journal.now();
        state.laws.delivered(agent.as_str(), now, asked, upto);
        Ok(view)
    }

    async fn change(&self, change: &Change) -> Result<(), FinesseError> {
        self.note_leaving(change);
        let _flight = Flight { desk: self, agent: change.agent.as_str() };
        self.way().await?;
        let ((answer, fate), back) = {
            let mut state = self.lock();
            let taken = state.take(change);
            let State { weather, random, .. } = &mut *state;
            (taken, weather.half_way(random))
        };
        self.lock().journal.note(
            "finesse",
            format!("{} asked {}: {answer:?} {fate:?}", change.agent, change.target.as_str()),
        );
        if matches!(fate, Fate::AnswerLost) {
            sleep(LIMIT).await;
            return Err(silent());
        }
        sleep(back).await;
        answer
    }

    fn assign(&self, _users: &[User], wanted: &[TeamId]) -> Assignment {
        let ours = TEAMS.map(|team| TeamId::new(team.to_string()));
        let unsupervised = wanted.iter().filter(|team| !ours.contains(team)).cloned().collect();
        Assignment { unsupervised, unknown_supervisors: Vec::new() }
    }

    fn fail_overs(&self) -> watch::Receiver<Option<Time>> {
        let (listener, listens) = watch::channel(None);
        self.lock().fail_overs.push(listener);
        listens
    }

    async fn attend(&self) -> Infallible {
        std::future::pending().await
    }

    fn stopped_accounts(&self) -> Vec<String> {
        Vec::new()
    }
}

impl Desk {
    fn note_leaving(&self, change: &Change) {
        let mut state = self.lock();
        let entry = state.disk.entry(&change.agent);
        let leaving = Leaving {
            at: state.journal.now(),
            agent: change.agent.as_str(),
            ready: change.target == Target::Ready,
            id: &change.request_id,
            entry: &entry,
            written: state.disk.is_written(&change.agent) || state.disk.fails(),
        };
        state.laws.leaves(&leaving);
        if change.target == Target::Logout {
            let text = format!("lockstep signs {} out", change.agent);
            state.laws.broken(crate::laws::Law::Broken, text);
        }
    }
}

/// A request in flight; over when it is answered or nobody waits for the answer any more.
struct Flight<'a> {
    desk: &'a Desk,
    agent: &'a str,
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        let mut state = self.desk.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.laws.answered(self.agent);
    }
}

fn agent_spec(id: &str, team: u32) -> UserSpec {
    UserSpec::agent(id, &format!("agent{id}")).in_team(team)
}

/// As the REST client reads it: only a team's list has the media's state.
fn view(user: &UserView, in_team: bool) -> AgentView {
    let reason = user.reason.as_ref().map(|reason| ReasonSeen {
        id: Some(reason.id.to_string()),
        code: Some(i64::from(reason.code)),
        label: Some(reason.label.clone()),
    });
    let changed: Option<Timestamp> = user.state_change_time.parse().ok();
    AgentView {
        state: AgentState::parse(user.state.wire()),
        pending: user.pending_state.map(|state| AgentState::parse(state.wire())),
        reason,
        changed_at: changed
            .and_then(|at| u64::try_from(at.as_millisecond()).ok())
            .map(Time::from_millis),
        busy_elsewhere: in_team.then_some(user.busy_elsewhere),
    }
}

fn error_of(refused: Refused, change: &Change) -> FinesseError {
    let detail = refused.to_string();
    match refused {
        Refused::NotFound(what) => FinesseError::NotFound { what },
        Refused::NotTheirs(_) => FinesseError::NotOurs {
            account: supervisor(&change.team),
            agent: change.agent.to_string(),
            detail,
        },
        Refused::InvalidState(_) => FinesseError::InvalidState { detail },
        Refused::Other(_) => {
            FinesseError::Refused { status: 400, kind: "Bad Request".to_owned(), detail }
        }
        Refused::Full => out_of_service(),
    }
}

/// 503: certainly not applied.
fn out_of_service() -> FinesseError {
    FinesseError::Unavailable {
        detail: "SERVER_OUT_OF_SERVICE".to_owned(),
        not_sent: true,
        retry_after: None,
    }
}

/// 500: applied or not.
fn broken() -> FinesseError {
    FinesseError::Unavailable {
        detail: "500 Internal Server Error".to_owned(),
        not_sent: false,
        retry_after: None,
    }
}

/// A 4xx that repetition does not mend: not applied.
fn odd() -> FinesseError {
    FinesseError::Refused {
        status: 400,
        kind: "Parameter Missing".to_owned(),
        detail: "simulated".to_owned(),
    }
}

fn silent() -> FinesseError {
    FinesseError::Silent { detail: "simulated".to_owned() }
}
