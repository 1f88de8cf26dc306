//! Looks at agents: one by itself, many of a team by one reading of the team.
//!
//! A burst of changes wants a burst of looks, and Finesse answers one account only so fast. Per
//! team one reading is under way; whoever wants a look meanwhile is served by the next.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lockstep_core::finesse::AgentView;
use lockstep_core::{AgentId, TeamId, Time};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;

use super::{Handle, Message, report};
use crate::clock::Clock;
use crate::finesse::{Finesse, FinesseError, Need};

/// Teams that are read for looks at once.
const TEAMS_AT_ONCE: usize = 32;

/// Wishes taken in at once, so that a burst becomes one reading and not one look and a reading.
const BATCH: usize = 256;

/// Somebody wants to see this agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) agent: AgentId,
    pub(super) team: TeamId,
}

/// Serves wishes until their channel closes. `gone` is notified when Finesse does not know an
/// agent any more.
pub(super) async fn run<F: Finesse>(
    finesse: Arc<F>,
    clock: Clock,
    mut wishes: mpsc::Receiver<Wish>,
    engine: Handle,
    gone: Arc<Notify>,
) {
    let looker = Looker { finesse, clock, engine, gone };
    let mut waiting: BTreeMap<TeamId, BTreeSet<AgentId>> = BTreeMap::new();
    let mut reading: BTreeSet<TeamId> = BTreeSet::new();
    let mut readings = JoinSet::new();
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        tokio::select! {
            biased; // one order, so that a simulation repeats
            Some(read) = readings.join_next() => {
                if let Ok(team) = read {
                    reading.remove(&team);
                }
            }
            taken = wishes.recv_many(&mut batch, BATCH) => {
                if taken == 0 {
                    break;
                }
                for Wish { agent, team } in batch.drain(..) {
                    waiting.entry(team).or_default().insert(agent);
                }
            }
        }
        let free = TEAMS_AT_ONCE.saturating_sub(reading.len());
        let next: Vec<TeamId> =
            waiting.keys().filter(|team| !reading.contains(team)).take(free).cloned().collect();
        for team in next {
            let agents = waiting.remove(&team).unwrap_or_default().into_iter().collect();
            reading.insert(team.clone());
            let looker = looker.clone();
            readings.spawn(async move {
                looker.serve(&team, agents).await;
                team
            });
        }
    }
    while readings.join_next().await.is_some() {}
}

#[derive(Debug)]
struct Looker<F> {
    finesse: Arc<F>,
    clock: Clock,
    engine: Handle,
    gone: Arc<Notify>,
}

impl<F> Clone for Looker<F> {
    fn clone(&self) -> Self {
        Self {
            finesse: Arc::clone(&self.finesse),
            clock: self.clock,
            engine: self.engine.clone(),
            gone: Arc::clone(&self.gone),
        }
    }
}

impl<F: Finesse> Looker<F> {
    async fn serve(&self, team: &TeamId, agents: Vec<AgentId>) {
        if let [agent] = &agents[..] {
            return self.look(agent).await;
        }
        let asked_at = self.clock.now();
        let members = match self.finesse.team(team, Need::Decision).await {
            Ok(members) => members,
            // Nothing is wrong with Finesse: the team's supervisor may not read. The administrator
            // may.
            Err(error) if error.is_about_rights() => Vec::new(),
            Err(error) => {
                report::looks_failed(team, agents.len(), &error);
                for agent in agents {
                    self.tell(agent, asked_at, None).await;
                }
                return;
            }
        };
        let shown: BTreeSet<AgentId> = members.iter().map(|member| member.id.clone()).collect();
        // All of them: a call that is shown here keeps a request for somebody else from going out.
        self.engine.send(Message::Team { team: team.clone(), asked_at, members }).await;
        // Not shown, or moved to another team since: only a look of its own finds the agent.
        for agent in agents.iter().filter(|agent| !shown.contains(*agent)) {
            self.look(agent).await;
        }
    }

    async fn look(&self, agent: &AgentId) {
        let asked_at = self.clock.now();
        let view = match self.finesse.look(agent).await {
            Ok(view) => Some(view),
            Err(error) => {
                report::look_failed(agent, &error);
                if matches!(error, FinesseError::NotFound { .. }) {
                    self.gone.notify_one();
                    return self.engine.send(Message::NotKnown(agent.clone())).await;
                }
                None
            }
        };
        self.tell(agent.clone(), asked_at, view).await;
    }

    async fn tell(&self, agent: AgentId, asked_at: Time, view: Option<AgentView>) {
        self.engine.send(Message::Looked { agent, asked_at, view }).await;
    }
}
