//! An in-memory Finesse for tests of what stands above it: it knows who may do what, it answers
//! by script, and it panics with a sentence when something asks it for what nobody may ask.
//!
//! All time is tokio's, so that a test which pauses time controls it. Nothing runs by itself:
//! what is due is applied when somebody looks.

mod calls;
mod model;
mod script;
mod user;

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lockstep_core::finesse::{AgentState, AgentView, Deployment, ReasonSeen};
use lockstep_core::{AgentId, TeamId, Time};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use self::model::Model;
use super::{Assignment, Change, Finesse, FinesseError, Identify, Member, Need, System, User};
use crate::clock::Clock;

pub use calls::CallEvent;
pub use model::{ChangeSeen, Outcome};
pub use script::{Read, Script};

/// How long a question waits for a team that was silenced; longer than any interval of polling.
const SILENCE: Duration = Duration::from_mins(2);

/// The administrator's name.
pub const ADMINISTRATOR: &str = "administrator";
/// The password of every agent.
pub const PASSWORD: &str = "a-good-password";

/// A handle to the fake; clones share everything.
#[derive(Debug, Clone)]
pub struct Fake {
    clock: Clock,
    model: Arc<Mutex<Model>>,
    fail_overs: watch::Sender<Option<Time>>,
}

impl Fake {
    /// An empty contact centre that answers and applies at once. Every team is supervised unless
    /// [`Fake::leave_unsupervised`] says otherwise.
    pub fn new(deployment: Deployment, clock: Clock) -> Self {
        let model = Arc::new(Mutex::new(Model::new(deployment)));
        Self { clock, model, fail_overs: watch::Sender::new(None) }
    }

    /// Adds an agent with loginName `agent<id>`, or puts the agent anew.
    pub fn add_agent(&self, id: &str, team: &str, state: AgentState) {
        let now = self.clock.now();
        self.model().add(AgentId::new(id), TeamId::new(team), state, now);
    }

    /// Takes the agent away, as an administrator would.
    pub fn remove_agent(&self, id: &str) {
        self.model().users.remove(&AgentId::new(id));
    }

    /// Moves the agent to another team, as an administrator would.
    pub fn move_agent(&self, id: &str, team: &str) {
        self.model().user_mut(&AgentId::new(id)).team = TeamId::new(team);
    }

    /// How long a change takes until it is answered.
    pub fn answer_after(&self, delay: Duration) {
        self.model().answer_delay = delay;
    }

    /// How long an accepted change takes until the state shows it.
    pub fn apply_after(&self, delay: Duration) {
        self.model().apply_delay = delay;
    }

    /// How far Finesse's clock is ahead; seen in `SystemInfo` and in every `stateChangeTime`.
    pub fn run_ahead_by(&self, ms: i64) {
        self.model().clock_ahead_ms = ms;
    }

    /// No supervisor of ours supervises `team`.
    pub fn leave_unsupervised(&self, team: &str) {
        self.model().unsupervised.push(TeamId::new(team));
    }

    /// From now on the states of `team` are never told: the question waits for its time limit.
    pub fn silence(&self, team: &str) {
        self.model().silent.push(TeamId::new(team));
    }

    /// The next change for the agent goes by `script` instead of by the rules; scripts queue up.
    pub fn next_change(&self, id: &str, script: Script) {
        self.model().script_change(&AgentId::new(id), script);
    }

    /// The next read of this kind fails with `error`; errors queue up.
    pub fn next_read(&self, read: Read, error: FinesseError) {
        self.model().script_read(read, error);
    }

    /// From now on every call is answered with 503, until `false`.
    pub fn set_out_of_service(&self, out: bool) {
        self.model().out_of_service = out;
    }

    /// The other node is in use from now on.
    pub fn fail_over(&self) {
        self.fail_overs.send_replace(Some(self.clock.now()));
    }

    /// The agent sets their own state by hand, by the rules for agents; during a call it pends.
    ///
    /// # Panics
    ///
    /// When Finesse would not let them.
    pub fn set_by_agent(&self, id: &str, state: AgentState, reason: Option<&str>) {
        let now = self.clock.now();
        self.model().by_agent(&AgentId::new(id), state, reason, now);
    }

    /// A human supervisor sets the agent's state; the platform stamps its generic reason.
    ///
    /// # Panics
    ///
    /// When Finesse would not let them.
    pub fn set_by_supervisor(&self, id: &str, state: AgentState) {
        let now = self.clock.now();
        self.model().by_supervisor(&AgentId::new(id), state, now);
    }

    /// The platform moves the agent, for whatever cause: connection failure, logon, wrap-up.
    pub fn set_by_system(&self, id: &str, state: AgentState, reason: Option<ReasonSeen>) {
        let now = self.clock.now();
        self.model().by_system(&AgentId::new(id), state, reason, now);
    }

    /// Something happens to a customer call at the agent.
    ///
    /// # Panics
    ///
    /// When it cannot happen in the agent's state.
    pub fn call(&self, id: &str, event: CallEvent) {
        let now = self.clock.now();
        self.model().call(&AgentId::new(id), event, now);
    }

    /// A call outside the contact centre begins or ends; CCX shows it as `mediaState` only.
    pub fn set_busy_elsewhere(&self, id: &str, busy: bool) {
        self.model().user_mut(&AgentId::new(id)).view.busy_elsewhere = Some(busy);
    }

    /// Makes the user a supervisor of these teams, and of no others.
    pub fn supervises(&self, id: &str, teams: &[&str]) {
        let teams = teams.iter().map(TeamId::new).collect();
        self.model().user_mut(&AgentId::new(id)).supervises = teams;
    }

    /// What the agent's desktop signs in with.
    pub fn authorization(id: &str) -> String {
        format!("Basic {}", STANDARD.encode(format!("{id}:{PASSWORD}")))
    }

    /// The agent's state now.
    pub fn state(&self, id: &str) -> AgentState {
        self.view(id).state
    }

    /// All that a look would show now.
    pub fn view(&self, id: &str) -> AgentView {
        let now = self.clock.now();
        let (mut model, id) = (self.model(), AgentId::new(id));
        model.advance_one(&id, now);
        model.user_mut(&id).view.clone()
    }

    /// Every change that was asked for, in the order in which it arrived.
    pub fn changes(&self) -> Vec<ChangeSeen> {
        self.model().changes.clone()
    }

    /// How often `read` was called.
    pub fn reads(&self, read: Read) -> usize {
        self.model().reads_of(read)
    }

    /// The most changes that were in flight for this agent at once.
    pub fn most_in_flight(&self, id: &str) -> usize {
        self.model().user_mut(&AgentId::new(id)).most_in_flight
    }

    /// Waits until `condition` holds, for a minute of tokio's time.
    ///
    /// # Panics
    ///
    /// With `what` and the changes so far, when the minute is over.
    pub async fn until(&self, what: &str, condition: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + Duration::from_mins(1);
        while !condition(self) {
            let changes = self.changes();
            assert!(Instant::now() < deadline, "never came true: {what}; changes: {changes:#?}");
            sleep(Duration::from_millis(1)).await;
        }
    }

    /// Nothing that was scripted is left over.
    ///
    /// # Panics
    ///
    /// When something is.
    pub fn assert_script_is_spent(&self) {
        self.model().assert_spent();
    }

    fn model(&self) -> MutexGuard<'_, Model> {
        self.model.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Finesse for Fake {
    async fn system(&self) -> Result<System, FinesseError> {
        let mut model = self.model();
        model.read(Read::System)?;
        Ok(System { deployment: model.deployment, clock_ahead_ms: Some(model.clock_ahead_ms) })
    }

    async fn users(&self) -> Result<Vec<User>, FinesseError> {
        let now = self.clock.now();
        let mut model = self.model();
        model.read(Read::Users)?;
        model.advance(now);
        Ok(model.list())
    }

    async fn team(&self, team: &TeamId, _need: Need) -> Result<Vec<Member>, FinesseError> {
        let silent = self.model().silent.contains(team);
        if silent {
            sleep(SILENCE).await;
            return Err(FinesseError::Silent { detail: "scripted".to_owned() });
        }
        let now = self.clock.now();
        let mut model = self.model();
        model.read(Read::Team)?;
        model.check_supervised(team)?;
        model.advance(now);
        Ok(model.members(team))
    }

    async fn look(&self, agent: &AgentId) -> Result<AgentView, FinesseError> {
        let now = self.clock.now();
        let mut model = self.model();
        model.read(Read::Look)?;
        model.advance_one(agent, now);
        match model.users.get(agent) {
            Some(user) => Ok(user.view.clone()),
            None => Err(FinesseError::NotFound { what: format!("user {agent}") }),
        }
    }

    async fn change(&self, change: &Change) -> Result<(), FinesseError> {
        if self.fail_overs.borrow().is_some_and(|at| at > change.seen_at) {
            return Err(FinesseError::FailedOver { node: "the other".to_owned() });
        }
        let (delay, place) = self.model().begin(change, self.clock.now());
        let flight = Flight { fake: self, agent: &change.agent };
        if !delay.is_zero() {
            sleep(delay).await;
        }
        let answer = self.model().judge(change, place, self.clock.now());
        drop(flight);
        answer
    }

    fn assign(&self, users: &[User], wanted: &[TeamId]) -> Assignment {
        let _ = users;
        let model = self.model();
        let mut unsupervised: Vec<TeamId> = Vec::new();
        for team in wanted.iter().filter(|team| model.unsupervised.contains(team)) {
            if !unsupervised.contains(team) {
                unsupervised.push(team.clone());
            }
        }
        Assignment { unsupervised, unknown_supervisors: Vec::new() }
    }

    fn fail_overs(&self) -> watch::Receiver<Option<Time>> {
        self.fail_overs.subscribe()
    }

    async fn attend(&self) -> Infallible {
        std::future::pending().await
    }

    fn stopped_accounts(&self) -> Vec<String> {
        Vec::new()
    }
}

impl Identify for Fake {
    /// Every agent's password is [`PASSWORD`], and so is every bearer's token.
    async fn identify(
        &self,
        agent: &AgentId,
        authorization: &SecretString,
    ) -> Result<AgentId, FinesseError> {
        let mut model = self.model();
        model.read(Read::Identify)?;
        let good = [Self::authorization(agent.as_str()), format!("Bearer {PASSWORD}")];
        if !good.iter().any(|good| good == authorization.expose_secret()) {
            return Err(FinesseError::Credential { account: agent.to_string() });
        }
        let known = model.users.contains_key(agent).then(|| agent.clone());
        known.ok_or_else(|| FinesseError::NotFound { what: format!("user {agent}") })
    }

    /// There is one, [`ADMINISTRATOR`], with everybody's password.
    async fn administers(
        &self,
        user: &str,
        authorization: &SecretString,
    ) -> Result<(), FinesseError> {
        self.model().read(Read::Identify)?;
        let good = Self::authorization(ADMINISTRATOR);
        let is_good = user == ADMINISTRATOR && good == authorization.expose_secret();
        is_good.then_some(()).ok_or_else(|| FinesseError::Credential { account: user.to_owned() })
    }
}

/// A change in flight; over when it is answered or when the caller lets go.
struct Flight<'a> {
    fake: &'a Fake,
    agent: &'a AgentId,
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        if let Some(user) = self.fake.model().users.get_mut(self.agent) {
            user.in_flight = user.in_flight.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests;
