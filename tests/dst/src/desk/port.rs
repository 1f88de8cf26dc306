//! Lockstep's port to Finesse: each question and change goes through the weather.

use std::convert::Infallible;
use std::time::Duration;

use finesse_sim::{Asked, CtiAnswer, CtiError};
use lockstep::finesse::{Assignment, Change, Finesse, FinesseError, Member, Need, System, User};
use lockstep_core::finesse::{AgentView, Target};
use lockstep_core::{AgentId, TeamId, Time};
use rand::RngExt as _;
use std::sync::PoisonError;
use tokio::sync::watch;
use tokio::time::sleep;

use super::answers::{self, broken, error_of, odd, out_of_service, silent, view};
use super::weather::{Cti, Fate, Reach};
use super::{Desk, LIMIT, State, TEAMS, supervisor};
use crate::laws::{Law, Leaving, SERVER};

impl Finesse for Desk {
    async fn system(&self) -> Result<System, FinesseError> {
        self.question(|state| {
            let error = state.random.random_range(-40..=40);
            state.tell_clock();
            let clock_ahead_ms = Some(state.told_ahead_ms + error);
            Ok(System { deployment: state.deployment, clock_ahead_ms })
        })
        .await
    }

    async fn users(&self) -> Result<Vec<User>, FinesseError> {
        self.question(|state| Ok(state.sim.users().iter().map(answers::user).collect())).await
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
            state.laws.delivered(SERVER, member.id.as_str(), now, asked, upto);
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
        state.laws.delivered(SERVER, agent.as_str(), now, asked, upto);
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

    fn note_leaving(&self, change: &Change) {
        let mut state = self.lock();
        let entry = state.disk.entry(&change.agent);
        let leaving = Leaving {
            puts_back: false,
            at: state.journal.now(),
            by: SERVER,
            agent: change.agent.as_str(),
            ready: change.target == Target::Ready,
            id: &change.request_id,
            entry: &entry,
            written: state.disk.is_written(&change.agent) || state.disk.fails(),
        };
        state.laws.leaves(&leaving);
        if change.target == Target::Logout {
            let text = format!("lockstep signs {} out", change.agent);
            state.laws.broken(Law::Broken, text);
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
        state.laws.answered(SERVER, self.agent);
    }
}

impl State {
    /// What becomes of a change: of its answer, when CTI answers, and what CTI does.
    pub(super) fn draw_fate(&mut self) -> (Fate, Duration, CtiAnswer) {
        let State { weather, random, .. } = self;
        let fate = weather.fate(random);
        let cti_delay = weather.cti_delay(random);
        let cti = match weather.cti(random) {
            Cti::AsItShould => CtiAnswer::AsItShould,
            Cti::Drops => CtiAnswer::Drops,
            Cti::Fails => CtiAnswer::Fails(CtiError::of_code(265)),
        };
        (fate, cti_delay, cti)
    }

    /// A change as Finesse judges it: what it answers, and how the answer fares.
    fn take(&mut self, change: &Change) -> (Result<(), FinesseError>, Fate) {
        let (fate, cti_delay, cti) = self.draw_fate();
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
            reason: None,
            request_id: &change.request_id,
            cti_delay,
            cti,
        };
        let answer = self.sim.submit(&asked).map_err(|refused| error_of(refused, change));
        if fate == Fate::FailsAfter { (Err(broken()), fate) } else { (answer, fate) }
    }
}
