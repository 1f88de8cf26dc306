//! The way of an event through the process without I/O, for counting instructions: a frame's
//! bytes, the person, the agent's machine, the ledger's row, the request's body, and the team's
//! list that shows the effect. Only `tests/bench` asks for it.

use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use lockstep_core::agent::{AgentSettings, Answer};
use lockstep_core::finesse::{Deployment, Target};
use lockstep_core::presence::PresenceSettings;
use lockstep_core::rules::Rules;
use lockstep_core::{AgentId, PersonId, TeamId, Time};

use crate::clock::Clock;
use crate::engine::dispatch::Task;
use crate::engine::{self, Engine, GadgetPolicy, Message, Policy, Roster, Watched};
use crate::finesse::rest::measured::{change_body, team};
use crate::journal::{Record, Sink};
use crate::ledger::{Commit, Entries};
use crate::webex::{FeedEvent, measured::observed};

/// The one team.
const TEAM: &str = "1";

/// The engine with the parsers before it and the bodies behind it.
#[derive(Debug)]
pub struct Way {
    /// Moves by a millisecond with each message, so that a busy machine does not change the work.
    now: Time,
    engine: Engine,
    /// Where the journal's records come out.
    journal: Receiver<Record>,
}

/// What came out of one event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// Bodies of requests.
    pub bodies: Vec<String>,
    /// Bytes of the ledger's rows.
    pub rows: usize,
}

impl Way {
    /// Agents `0`, `1`, …, READY, each with a person of the same number as id.
    pub fn new(agents: usize) -> Self {
        let now = Time::from_millis(1_700_000_000_000);
        let presence =
            PresenceSettings { hold_down: Duration::ZERO, ..PresenceSettings::default() };
        let agent = AgentSettings { deployment: Deployment::Cce, ..AgentSettings::default() };
        let policy = Policy {
            name: Arc::from("everybody"),
            rules: Arc::new(Rules::builtin()),
            presence,
            agent,
            gadget: GadgetPolicy::server_mode(),
            staffing_floor: 0,
            schedule: None,
        };
        let (sink, journal) = Sink::measured();
        let engine =
            Engine::new(Clock::starting_at(now), policy.into(), Entries::new()).journaling(sink);
        let mut way = Self { now, engine, journal };
        let watched = (0..agents).map(|number| Watched {
            id: AgentId::new(number.to_string()),
            login_name: format!("agent{number}"),
            name: format!("Agent {number}"),
            team: TeamId::new(TEAM),
            team_name: "Sales".to_owned(),
            person: Some(PersonId::new(number.to_string())),
        });
        way.take_in(Message::Roster(Roster { agents: watched.collect() }));
        way
    }

    /// The time on the way's clock, as Finesse would tell it.
    pub const fn now(&self) -> Time {
        self.now
    }

    /// A frame arrives; requests that follow are accepted.
    #[inline(never)] // callgrind counts by its name
    pub fn frame(&mut self, bytes: &[u8]) -> Written {
        let Some((person, observation)) = observed(bytes) else { return Written::default() };
        let event = FeedEvent::Observed { person, observation };
        let commit = self.take_in(Message::Feed(event));
        let mut written = Written::default();
        written.rows += rows(&commit);
        for job in commit.jobs {
            let Task::Change { request, .. } = job.task else { continue };
            written.bodies.push(change_body(request.target));
            let (agent, answer) = (job.agent, Answer::Accepted);
            let way =
                engine::Way { sent_at: self.now, answered_at: self.now, ..engine::Way::default() };
            let answered = Message::Answered { agent, request: request.number, answer, way };
            written.rows += rows(&self.take_in(answered));
        }
        written
    }

    /// A team's list arrives.
    #[inline(never)]
    pub fn list(&mut self, body: &[u8]) -> usize {
        let asked_at = self.now;
        let message = Message::Team { team: TeamId::new(TEAM), asked_at, members: team(body) };
        rows(&self.take_in(message))
    }

    /// What the journal's writer would take, on its own thread.
    pub fn journal(&mut self) -> usize {
        self.journal.try_iter().count()
    }

    fn take_in(&mut self, message: Message) -> Commit {
        self.now = self.now.after(Duration::from_millis(1));
        self.engine.take_in(self.now, message)
    }
}

/// As the ledger writes them.
fn rows(commit: &Commit) -> usize {
    let row = |entry| serde_json::to_string(entry).map_or(0, |row| row.len());
    commit.entries.iter().map(|(_, entry)| row(entry)).sum()
}

/// The body that asks for READY; to tell bodies apart.
pub fn asks_for_ready(body: &str) -> bool {
    body == change_body(Target::Ready)
}
