//! Looks at agents: one by itself, many of a team by one reading of the team.
//!
//! A burst of changes wants a burst of looks, and Finesse answers one account only so fast. Per
//! team one reading is under way; whoever wants a look meanwhile is served by the next.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lockstep_core::finesse::AgentView;
use lockstep_core::{AgentId, TeamId, Time};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::{Handle, Message, report};
use crate::clock::Clock;
use crate::finesse::{Finesse, Need};

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

/// Serves wishes until their channel closes.
pub(super) async fn run<F: Finesse>(
    finesse: Arc<F>,
    clock: Clock,
    mut wishes: mpsc::Receiver<Wish>,
    engine: Handle,
) {
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
            let (finesse, engine) = (Arc::clone(&finesse), engine.clone());
            readings.spawn(async move {
                serve(&*finesse, clock, &team, agents, &engine).await;
                team
            });
        }
    }
    while readings.join_next().await.is_some() {}
}

async fn serve<F: Finesse>(
    finesse: &F,
    clock: Clock,
    team: &TeamId,
    agents: Vec<AgentId>,
    engine: &Handle,
) {
    if let [agent] = &agents[..] {
        return look(finesse, clock, agent, engine).await;
    }
    let asked_at = clock.now();
    let mut seen: BTreeMap<AgentId, AgentView> = match finesse.team(team, Need::Decision).await {
        Ok(members) => members.into_iter().map(|member| (member.id, member.view)).collect(),
        // Nothing is wrong with Finesse: the team's supervisor may not read. The administrator may.
        Err(error) if error.is_about_rights() => BTreeMap::new(),
        Err(error) => {
            report::looks_failed(team, agents.len(), &error);
            for agent in agents {
                tell(engine, agent, asked_at, None).await;
            }
            return;
        }
    };
    for agent in agents {
        match seen.remove(&agent) {
            Some(view) => tell(engine, agent, asked_at, Some(view)).await,
            // Not shown, or moved to another team since: only a look of its own finds the agent.
            None => look(finesse, clock, &agent, engine).await,
        }
    }
}

async fn look<F: Finesse>(finesse: &F, clock: Clock, agent: &AgentId, engine: &Handle) {
    let asked_at = clock.now();
    let view = match finesse.look(agent).await {
        Ok(view) => Some(view),
        Err(error) => {
            report::look_failed(agent, &error);
            None
        }
    };
    tell(engine, agent.clone(), asked_at, view).await;
}

async fn tell(engine: &Handle, agent: AgentId, asked_at: Time, view: Option<AgentView>) {
    engine.send(Message::Looked { agent, asked_at, view }).await;
}
