//! The engine with its ledger and dispatcher, on fakes and paused time.

mod changes;
mod gadgets;
mod gaps;
mod handing_over;
mod looking_on;
mod policies;
mod roster;
mod standing_still;
mod tab;
mod turns;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use lockstep_core::agent::{AgentSettings, LedgerEntry};
use lockstep_core::finesse::{Actor, AgentState, AgentView, Deployment, Target};
use lockstep_core::presence::{Facts, Kind, LossPolicy, Observation, PresenceSettings, Version};
use lockstep_core::rules::{Mode, Rules};
use lockstep_core::{AgentId, PersonId, TeamId, Time};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::dispatch::{self, JOBS};
use super::{Engine, GadgetPolicy, Handle, MESSAGES, Message, Policy, Roster, Row, Watched};
use crate::clock::Clock;
use crate::finesse::fake::{CallEvent, Fake, Script};
use crate::finesse::{Finesse as _, FinesseError, fake::Read};
use crate::ledger::{self, Database, Store};
use crate::webex::FeedEvent;

const SALES: &str = "1";

struct Bench {
    clock: Clock,
    finesse: Fake,
    engine: Handle,
    dir: TempDir,
    stop: CancellationToken,
    said: u64,
    mode: Mode,
}

impl Bench {
    /// Two agents of one team, both READY and free.
    async fn start() -> Self {
        Self::start_in(Mode::Server).await
    }

    async fn start_in(mode: Mode) -> Self {
        let clock = Clock::starting_at(Time::from_millis(1_000_000));
        let finesse = Fake::new(Deployment::Cce, clock);
        finesse.add_agent("0001", SALES, AgentState::Ready);
        finesse.add_agent("0002", SALES, AgentState::Ready);
        let dir = tempfile::tempdir().unwrap();
        let mut bench = Self::launch(clock, finesse, dir, mode);
        bench.watch(&["0001", "0002"]).await;
        bench.poll().await;
        for agent in ["0001", "0002"] {
            bench.says(agent, "active").await;
        }
        if mode != Mode::Server {
            for agent in ["0001", "0002"] {
                bench.until("something is wanted", agent, |row| row.want.is_some()).await;
            }
        }
        bench
    }

    fn launch(clock: Clock, finesse: Fake, dir: TempDir, mode: Mode) -> Self {
        let mut file = Database::in_dir(dir.path()).unwrap();
        let entries = file.read().unwrap();
        let (messages, inbox) = mpsc::channel(MESSAGES);
        let (commits, to_write) = mpsc::channel(64);
        let (jobs, to_do) = mpsc::channel(JOBS);
        let engine = Handle::new(messages);
        let stop = CancellationToken::new();
        let task =
            Engine::new(clock, policy_in(mode).into(), entries).without_ledger(file.is_new());
        tokio::spawn(task.run(inbox, commits, stop.clone()));
        tokio::spawn(ledger::run(file, to_write, jobs, |_| ()));
        let asking = Arc::new(finesse.clone());
        tokio::spawn(dispatch::run(asking, clock, to_do, engine.clone(), Arc::default()));
        Self { clock, finesse, engine, dir, stop, said: 0, mode }
    }

    /// Everything in memory is lost; Finesse and the disk stay.
    async fn restart(self) -> Self {
        self.stop.cancel();
        let mut again = Self::launch(self.clock, self.finesse, self.dir, self.mode);
        again.said = self.said;
        again.watch(&["0001", "0002"]).await;
        again.poll().await;
        again
    }

    async fn watch(&self, agents: &[&str]) {
        self.watch_as("person", agents).await;
    }

    async fn watch_as(&self, person: &str, agents: &[&str]) {
        let agents = agents.iter().map(|id| watched(person, id));
        self.engine.send(Message::Roster(Roster { agents: agents.collect() })).await;
    }

    async fn poll(&self) {
        use crate::finesse::Need;
        let asked_at = self.clock.now();
        let members = self.finesse.team(&TeamId::new(SALES), Need::Routine).await.unwrap();
        self.engine.send(Message::Team { team: TeamId::new(SALES), asked_at, members }).await;
    }

    async fn says(&mut self, agent: &str, status: &str) {
        self.said += 1;
        let observation = Observation {
            device: None,
            epoch: 1,
            version: Version::from([("dc".to_owned(), self.said)]),
            source_time: Some(self.clock.now()),
            kind: Kind::Delta,
            facts: Some(Facts::new().with("status", status)),
        };
        let person = PersonId::new(format!("person-{agent}"));
        self.engine.send(Message::Feed(FeedEvent::Observed { person, observation })).await;
    }

    async fn row(&self, agent: &str) -> Row {
        let rows = self.engine.rows().await;
        rows.into_iter().find(|row| row.agent.as_str() == agent).expect("the agent is watched")
    }

    async fn until(&self, what: &str, agent: &str, holds: impl Fn(&Row) -> bool) {
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            let row = self.row(agent).await;
            if holds(&row) {
                return;
            }
            assert!(Instant::now() < deadline, "never came true: {what}; {row:#?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn until_held(&self, agent: &str, held: bool) {
        self.until("held", agent, |row| row.ledger.hold.is_some() == held).await;
    }

    fn on_disk(&self) -> BTreeMap<AgentId, LedgerEntry> {
        Database::in_dir(self.dir.path()).unwrap().read().unwrap()
    }

    fn targets(&self, agent: &str) -> Vec<Target> {
        let changes = self.finesse.changes();
        changes
            .iter()
            .filter(|seen| seen.change.agent.as_str() == agent)
            .map(|seen| seen.change.target)
            .collect()
    }
}

pub(super) fn watched(person: &str, id: &str) -> Watched {
    Watched {
        id: AgentId::new(id),
        login_name: format!("login{id}"),
        name: format!("Name {id}"),
        team: TeamId::new(SALES),
        team_name: "Sales".to_owned(),
        person: Some(PersonId::new(format!("{person}-{id}"))),
    }
}

fn policy() -> Policy {
    policy_in(Mode::Server)
}

pub(super) fn policy_in(mode: Mode) -> Policy {
    Policy {
        name: Arc::from("everybody"),
        rules: Arc::new(Rules::builtin()),
        presence: PresenceSettings::default(),
        agent: AgentSettings { actor: Actor::Supervisor, ..AgentSettings::default() },
        gadget: GadgetPolicy { mode, adopt: true, ..GadgetPolicy::server_mode() },
        staffing_floor: 0,
        schedule: None,
    }
}

/// A look that shows this state and nothing else.
pub(super) fn view_of(state: AgentState) -> AgentView {
    AgentView { state, pending: None, reason: None, changed_at: None, busy_elsewhere: None }
}
