//! The contact centre behind the fake: who is there, what was asked, and what is answered.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::time::Duration;

use lockstep_core::finesse::{AgentState, Deployment, Target};
use lockstep_core::{AgentId, TeamId, Time};

use super::script::{Read, Script};
use super::user::FakeUser;
use crate::finesse::{Change, FinesseError, Member, Team, User};

/// A change that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeSeen {
    /// When it arrived, on our clock.
    pub at: Time,
    /// What was asked.
    pub change: Change,
    /// The agent's state when it was judged, or arrived while it is in flight.
    pub state: AgentState,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Not answered yet, or never: the caller let go.
    InFlight,
    /// Accepted; applied when its delay is over.
    Queued,
    /// Accepted, and it will never show.
    Lost,
    /// Refused, or failed by script, with the word of [`FinesseError::kind`].
    Failed(&'static str),
}

#[derive(Debug)]
pub(super) struct Model {
    pub(super) deployment: Deployment,
    pub(super) users: BTreeMap<AgentId, FakeUser>,
    pub(super) unsupervised: Vec<TeamId>,
    pub(super) silent: Vec<TeamId>,
    pub(super) answer_delay: Duration,
    pub(super) apply_delay: Duration,
    pub(super) clock_ahead_ms: i64,
    pub(super) out_of_service: bool,
    pub(super) changes: Vec<ChangeSeen>,
    request_ids: HashSet<String>,
    read_errors: HashMap<Read, VecDeque<FinesseError>>,
    read_counts: HashMap<Read, usize>,
}

impl Model {
    pub(super) fn new(deployment: Deployment) -> Self {
        Self {
            deployment,
            users: BTreeMap::new(),
            unsupervised: Vec::new(),
            silent: Vec::new(),
            answer_delay: Duration::ZERO,
            apply_delay: Duration::ZERO,
            clock_ahead_ms: 0,
            out_of_service: false,
            changes: Vec::new(),
            request_ids: HashSet::new(),
            read_errors: HashMap::new(),
            read_counts: HashMap::new(),
        }
    }

    pub(super) fn add(&mut self, id: AgentId, team: TeamId, state: AgentState, now: Time) {
        let user = FakeUser::new(team, state, now.shifted(self.clock_ahead_ms));
        self.users.insert(id, user);
    }

    pub(super) fn user_mut(&mut self, id: &AgentId) -> &mut FakeUser {
        match self.users.get_mut(id) {
            Some(user) => user,
            None => panic!("the fake finesse has no agent {id}; add_agent was not called"),
        }
    }

    /// Applies what is due.
    pub(super) fn advance(&mut self, now: Time) {
        for user in self.users.values_mut() {
            user.advance(now, self.deployment, self.clock_ahead_ms);
        }
    }

    /// As [`Self::advance`], for one: a day of many agents has many looks.
    pub(super) fn advance_one(&mut self, agent: &AgentId, now: Time) {
        if let Some(user) = self.users.get_mut(agent) {
            user.advance(now, self.deployment, self.clock_ahead_ms);
        }
    }

    pub(super) fn list(&self) -> Vec<User> {
        let listed = |(id, user): (&AgentId, &FakeUser)| User {
            id: id.clone(),
            login_name: format!("agent{id}"),
            name: format!("Agent {id}"),
            team: Some(Team { id: user.team.clone(), name: format!("Team {}", user.team) }),
            supervises: user.supervises.clone(),
            view: user.view.clone(),
        };
        self.users.iter().map(listed).collect()
    }

    pub(super) fn members(&self, team: &TeamId) -> Vec<Member> {
        let members = self.users.iter().filter(|(_, user)| user.team == *team);
        members.map(|(id, user)| Member { id: id.clone(), view: user.view.clone() }).collect()
    }

    pub(super) fn check_supervised(&self, team: &TeamId) -> Result<(), FinesseError> {
        if self.unsupervised.contains(team) {
            return Err(FinesseError::NoSupervisor { team: team.to_string() });
        }
        Ok(())
    }

    pub(super) fn script_change(&mut self, id: &AgentId, script: Script) {
        self.user_mut(id).scripts.push_back(script);
    }

    pub(super) fn script_read(&mut self, read: Read, error: FinesseError) {
        self.read_errors.entry(read).or_default().push_back(error);
    }

    pub(super) fn reads_of(&self, read: Read) -> usize {
        self.read_counts.get(&read).copied().unwrap_or_default()
    }

    pub(super) fn assert_spent(&self) {
        for (id, user) in &self.users {
            assert!(user.scripts.is_empty(), "scripts left for agent {id}: {:?}", user.scripts);
        }
        for (read, errors) in &self.read_errors {
            assert!(errors.is_empty(), "errors left for {read:?}: {errors:?}");
        }
    }

    /// Counts a read; fails it where the script or the service says so.
    pub(super) fn read(&mut self, read: Read) -> Result<(), FinesseError> {
        *self.read_counts.entry(read).or_default() += 1;
        match self.read_errors.get_mut(&read).and_then(VecDeque::pop_front) {
            Some(error) => Err(error),
            None if self.out_of_service => Err(out_of_service()),
            None => Ok(()),
        }
    }

    /// A change arrives: the time until it is answered, and its place in the log.
    pub(super) fn begin(&mut self, change: &Change, now: Time) -> (Duration, usize) {
        self.check_manners(change);
        let delay = self.answer_delay;
        let Some(user) = self.users.get_mut(&change.agent) else {
            panic!("a change for agent {} of whom finesse knows nothing", change.agent);
        };
        user.in_flight += 1;
        user.most_in_flight = user.most_in_flight.max(user.in_flight);
        assert!(user.in_flight == 1, "two changes in flight for agent {}", change.agent);
        let delay = match user.scripts.front() {
            Some(Script::AnswerAfter(delay)) => {
                let delay = *delay;
                user.scripts.pop_front();
                delay
            }
            _ => delay,
        };
        let (state, outcome) = (user.view.state, Outcome::InFlight);
        self.changes.push(ChangeSeen { at: now, change: change.clone(), state, outcome });
        (delay, self.changes.len() - 1)
    }

    /// What nobody may ask of Finesse, whatever the state of the world.
    fn check_manners(&mut self, change: &Change) {
        let agent = &change.agent;
        assert!(change.target != Target::Logout, "lockstep never logs anybody out, agent {agent}");
        let new = self.request_ids.insert(change.request_id.clone());
        assert!(new, "request id {} was used before", change.request_id);
    }

    /// The answer to a change, when its time has come.
    pub(super) fn judge(
        &mut self,
        change: &Change,
        place: usize,
        now: Time,
    ) -> Result<(), FinesseError> {
        self.advance_one(&change.agent, now);
        let answer = self.answer(change, now);
        let state = self.users.get(&change.agent).map_or(AgentState::Unknown, |u| u.view.state);
        if let Some(seen) = self.changes.get_mut(place) {
            seen.state = state;
            seen.outcome = match &answer {
                Ok(true) => Outcome::Queued,
                Ok(false) => Outcome::Lost,
                Err(error) => Outcome::Failed(error.kind()),
            };
        }
        self.advance(now);
        answer.map(drop)
    }

    /// `Ok(true)` when it will show, `Ok(false)` when it is accepted and never will.
    fn answer(&mut self, change: &Change, now: Time) -> Result<bool, FinesseError> {
        self.check_supervised(&change.team)?;
        let (deployment, mut delay) = (self.deployment, self.apply_delay);
        let out = self.out_of_service;
        let Some(user) = self.users.get_mut(&change.agent) else {
            return Err(FinesseError::NotFound { what: format!("user {}", change.agent) });
        };
        match user.scripts.pop_front() {
            Some(Script::Fail(error)) => return Err(error),
            Some(Script::ApplyAndFail(error)) => {
                user.queue(now.after(delay), change.target);
                return Err(error);
            }
            Some(Script::Lose) => return Ok(false),
            Some(Script::ApplyAfter(longer)) => delay = longer,
            Some(Script::AnswerAfter(_)) | None => {}
        }
        if out {
            return Err(out_of_service());
        }
        user.check_team(change)?;
        let shows = user.permitted(deployment, change.target)?;
        if shows {
            user.queue(now.after(delay), change.target);
        }
        Ok(shows)
    }
}

fn out_of_service() -> FinesseError {
    FinesseError::Unavailable {
        detail: "SERVER_OUT_OF_SERVICE".to_owned(),
        not_sent: true,
        retry_after: None,
    }
}
