//! Carries out what the engine asks of Finesse, many at once and one per agent, and reports back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use lockstep_core::agent::{Answer, Request};
use lockstep_core::{AgentId, TeamId};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;

use super::look::{self, Wish};
use super::waiting::Waiting;
use super::{Handle, Message, report};
use crate::clock::Clock;
use crate::finesse::{Change, Finesse, FinesseError};

/// Jobs on their way to the dispatcher, which takes them in at once: what must wait for a turn
/// waits there, so that neither the ledger's writer nor the engine ever waits for Finesse.
pub const JOBS: usize = 4_096;
/// Requests under way at once. Finesse is a shared system; agents' desktops come first.
const AT_ONCE: usize = 64;

/// One thing to ask of Finesse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// For whom.
    pub agent: AgentId,
    /// The agent's team.
    pub team: TeamId,
    /// What.
    pub task: Task,
}

/// What a [`Job`] asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// Look at the agent.
    Look,
    /// Ask for a change.
    Change(Request),
}

/// Carries out jobs until their channel closes, then waits for those under way.
///
/// `not_permitted` is notified when we may not act for somebody: teams may have changed.
pub async fn run<F: Finesse>(
    finesse: Arc<F>,
    clock: Clock,
    mut jobs: mpsc::Receiver<Job>,
    engine: Handle,
    not_permitted: Arc<Notify>,
) {
    let (wishes, to_see) = mpsc::channel(JOBS);
    let looks = look::run(Arc::clone(&finesse), clock, to_see, engine.clone());
    let changes = async move {
        let ids = RequestIds::starting_at(clock);
        let (mut waiting, mut running, mut open) = (Waiting::default(), JoinSet::new(), true);
        while open || !running.is_empty() {
            tokio::select! {
                // One order, so that a simulation repeats; what is over first, or a flood of jobs
                // would keep every place taken.
                biased;
                Some(_) = running.join_next() => {}
                job = jobs.recv(), if open => match job {
                    Some(Job { agent, team, task: Task::Change(request) }) => {
                        waiting.push(agent, team, request);
                    }
                    Some(Job { agent, team, task: Task::Look }) => {
                        open = wishes.send(Wish { agent, team }).await.is_ok();
                    }
                    None => open = false,
                },
            }
            while running.len() < AT_ONCE
                && let Some((agent, team, request)) = waiting.pop()
            {
                let change = Change { agent, team, target: request.target, request_id: ids.next() };
                let (finesse, engine) = (Arc::clone(&finesse), engine.clone());
                let not_permitted = Arc::clone(&not_permitted);
                running.spawn(async move {
                    let message = carry_out(&*finesse, clock, change, request.number).await;
                    if matches!(message, Message::Answered { answer: Answer::NotPermitted, .. }) {
                        not_permitted.notify_one();
                    }
                    engine.send(message).await;
                });
            }
        }
    };
    tokio::join!(looks, changes);
}

async fn carry_out<F: Finesse>(finesse: &F, clock: Clock, change: Change, request: u64) -> Message {
    let asked_at = clock.now();
    let result = finesse.change(&change).await;
    report::changed(&change, &result, clock.now().since(asked_at));
    let answer = result.as_ref().map_or_else(answer_of, |()| Answer::Accepted);
    Message::Answered { agent: change.agent, request, answer }
}

/// What an error means for the agent's machine.
fn answer_of(error: &FinesseError) -> Answer {
    match error {
        FinesseError::InvalidState { .. } => Answer::InvalidState,
        FinesseError::Credential { .. }
        | FinesseError::Stopped { .. }
        | FinesseError::NoSupervisor { .. }
        | FinesseError::NotOurs { .. }
        | FinesseError::NotFound { .. } => Answer::NotPermitted,
        FinesseError::Refused { .. } => Answer::Refused,
        FinesseError::Unavailable { not_sent: true, .. } => Answer::NotSent,
        FinesseError::Unavailable { .. }
        | FinesseError::Silent { .. }
        | FinesseError::Unreadable { .. } => Answer::Unknown,
        FinesseError::DryRun => Answer::DryRun,
    }
}

/// Request ids that differ from those of an earlier life of this process.
#[derive(Debug)]
struct RequestIds {
    life: u64,
    last: AtomicU64,
}

impl RequestIds {
    fn starting_at(clock: Clock) -> Self {
        Self { life: clock.now().as_millis(), last: AtomicU64::new(0) }
    }

    fn next(&self) -> String {
        let number = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        format!("lockstep-{:x}-{number}", self.life)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use lockstep_core::Time;
    use lockstep_core::finesse::{AgentState, Deployment, Target};
    use tokio::time::timeout;

    use super::*;
    use crate::finesse::fake::Fake;

    fn change(agent: &str, number: u64, target: Target) -> Job {
        let task = Task::Change(Request { number, target, reason: None });
        Job { agent: AgentId::new(agent), team: TeamId::new("1"), task }
    }

    /// If the dispatcher waited for the engine, the ledger's writer would wait for the dispatcher,
    /// the engine for the ledger's writer, and none of them would ever go on.
    #[tokio::test(start_paused = true)]
    async fn law_12_jobs_are_taken_in_while_the_engine_is_behind_and_the_newest_counts() {
        let clock = Clock::starting_at(Time::from_millis(1_000_000));
        let finesse = Fake::new(Deployment::Cce, clock);
        let agents: Vec<String> = (0..AT_ONCE + 100).map(|number| number.to_string()).collect();
        for agent in &agents {
            finesse.add_agent(agent, "1", AgentState::Ready);
        }
        let (messages, mut inbox) = mpsc::channel(1);
        let (jobs, to_do) = mpsc::channel(1);
        let asking = Arc::new(finesse.clone());
        let dispatcher =
            tokio::spawn(run(asking, clock, to_do, Handle::new(messages), Arc::default()));
        let burst = async {
            for agent in &agents {
                jobs.send(change(agent, 1, Target::Ready)).await.unwrap();
            }
            let last = agents.last().unwrap();
            jobs.send(change(last, 2, Target::NotReady)).await.unwrap();
            drop(jobs);
        };
        timeout(Duration::from_mins(1), burst).await.expect("every job is taken in");

        let mut answered = 0;
        while inbox.recv().await.is_some() {
            answered += 1;
        }
        dispatcher.await.unwrap();
        assert_eq!(answered, agents.len());
        let changes = finesse.changes();
        let last: Vec<Target> = changes
            .iter()
            .filter(|seen| Some(seen.change.agent.as_str()) == agents.last().map(String::as_str))
            .map(|seen| seen.change.target)
            .collect();
        assert_eq!(last, [Target::NotReady]);
    }
}
