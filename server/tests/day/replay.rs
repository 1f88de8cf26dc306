//! The day through the real engine, ledger task and dispatcher.

use std::sync::Arc;
use std::time::Duration;

use lockstep::clock::Clock;
use lockstep::engine::dispatch::{self, JOBS};
use lockstep::engine::{Engine, GadgetPolicy, Handle, MESSAGES, Message, Policy, Roster, Watched};
use lockstep::finesse::fake::{Fake, Read};
use lockstep::finesse::{Finesse as _, Need};
use lockstep::ledger::{self, Entries, LedgerError, Store};
use lockstep::webex::FeedEvent;
use lockstep_core::agent::AgentSettings;
use lockstep_core::finesse::{AgentState, Deployment};
use lockstep_core::presence::{Facts, Kind, Observation, PresenceSettings, Version};
use lockstep_core::rules::Rules;
use lockstep_core::{AgentId, PersonId, TeamId, Time};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::recording::{AGENTS, Event, Recording};

/// Agents per team.
const PER_TEAM: usize = 50;
/// After the last event everything that was to come has come.
const QUIET: Duration = Duration::from_mins(1);

/// What became of the day.
pub(crate) struct Replayed {
    pub(crate) writes: usize,
    pub(crate) looks: usize,
    /// Everybody's final state.
    pub(crate) not_ready: Vec<bool>,
}

/// A ledger that outlives nothing.
struct Memory;

impl Store for Memory {
    fn read(&mut self) -> Result<Entries, LedgerError> {
        Ok(Entries::new())
    }

    async fn write(&mut self, _: &Entries) -> Result<(), LedgerError> {
        Ok(())
    }
}

pub(crate) async fn replay(recording: &Recording) -> Replayed {
    let clock = Clock::starting_at(Time::from_millis(1_700_000_000_000));
    let finesse = Fake::new(Deployment::Cce, clock);
    // As Finesse does: a request is answered soon, and its effect shows a little later.
    finesse.answer_after(Duration::from_millis(20));
    finesse.apply_after(Duration::from_millis(100));
    for agent in 0..AGENTS {
        finesse.add_agent(&id(agent), &team(agent), AgentState::Ready);
    }
    let (messages, inbox) = mpsc::channel(MESSAGES);
    let (commits, to_write) = mpsc::channel(64);
    let (jobs, to_do) = mpsc::channel(JOBS);
    let (engine, stop) = (Handle::new(messages), CancellationToken::new());
    tokio::spawn(Engine::new(clock, policy().into(), Entries::new()).run(
        inbox,
        commits,
        stop.clone(),
    ));
    tokio::spawn(ledger::run(Memory, to_write, jobs, |_| ()));
    let asking = Arc::new(finesse.clone());
    tokio::spawn(dispatch::run(asking, clock, to_do, engine.clone(), Arc::default()));

    engine.send(Message::Roster(Roster { agents: (0..AGENTS).map(watched).collect() })).await;
    for number in 0..AGENTS.div_ceil(PER_TEAM) {
        let team = TeamId::new(number.to_string());
        let members = finesse.team(&team, Need::Routine).await.expect("in service");
        engine.send(Message::Team { team, asked_at: clock.now(), members }).await;
    }
    let began = Instant::now();
    for (version, event) in (1..).zip(&recording.events) {
        tokio::time::sleep_until(began + Duration::from_millis(event.at)).await;
        engine.send(Message::Feed(observed(event, version, clock.now()))).await;
    }
    tokio::time::sleep(QUIET).await;
    // Whatever was sent before is taken in once this is answered.
    let (answer, rows) = oneshot::channel();
    engine.send(Message::Rows(answer)).await;
    assert_eq!(rows.await.expect("the engine runs").len(), AGENTS);
    stop.cancel();
    Replayed {
        writes: finesse.changes().len(),
        looks: finesse.reads(Read::Look) + finesse.reads(Read::Team),
        not_ready: (0..AGENTS)
            .map(|agent| finesse.state(&id(agent)) == AgentState::NotReady)
            .collect(),
    }
}

fn policy() -> Policy {
    let agent = AgentSettings { deployment: Deployment::Cce, ..AgentSettings::default() };
    Policy {
        name: Arc::from("everybody"),
        rules: Arc::new(Rules::builtin()),
        presence: PresenceSettings::default(),
        agent,
        gadget: GadgetPolicy::server_mode(),
        staffing_floor: 0,
        schedule: None,
    }
}

fn id(agent: usize) -> String {
    (1_001 + agent).to_string()
}

fn team(agent: usize) -> String {
    (agent / PER_TEAM).to_string()
}

fn watched(agent: usize) -> Watched {
    Watched {
        id: AgentId::new(id(agent)),
        login_name: format!("agent{agent}"),
        name: format!("Agent {agent}"),
        team: TeamId::new(team(agent)),
        team_name: team(agent),
        person: Some(PersonId::new(format!("person-{agent}"))),
    }
}

fn observed(event: &Event, version: u64, now: Time) -> FeedEvent {
    let (status, meeting_type) = event.status.facts();
    let facts = Facts::new().with("status", status);
    let facts =
        meeting_type.into_iter().fold(facts, |facts, word| facts.with("meeting_type", word));
    let observation = Observation {
        device: None,
        epoch: 1,
        version: Version::from([("dc".to_owned(), version)]),
        source_time: Some(now),
        kind: Kind::Delta,
        facts: Some(facts),
    };
    FeedEvent::Observed { person: PersonId::new(format!("person-{}", event.agent)), observation }
}
