//! Carries out what the engine asks of Finesse, many at once and one per agent, and reports back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use lockstep_core::agent::{Answer, Request};
use lockstep_core::{AgentId, TeamId};
use tokio::sync::{Notify, Semaphore, mpsc};
use tokio_util::task::TaskTracker;

use super::look::{self, Wish};
use super::{Handle, Message, report};
use crate::clock::Clock;
use crate::finesse::{Change, Finesse, FinesseError};

/// Jobs that may wait for their turn. An agent has at most one change and one look under way, so
/// this holds a burst of 2,000 agents; beyond that the ledger's writer waits.
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
        let turns = Arc::new(Semaphore::new(AT_ONCE));
        let tasks = TaskTracker::new();
        let ids = RequestIds::starting_at(clock);
        while let Some(Job { agent, team, task }) = jobs.recv().await {
            let request = match task {
                Task::Look => {
                    if wishes.send(Wish { agent, team }).await.is_err() {
                        break;
                    }
                    continue;
                }
                Task::Change(request) => request,
            };
            let Ok(turn) = Arc::clone(&turns).acquire_owned().await else { break };
            let (finesse, engine, request_id) = (Arc::clone(&finesse), engine.clone(), ids.next());
            let not_permitted = Arc::clone(&not_permitted);
            tasks.spawn(async move {
                let change = Change { agent, team, target: request.target, request_id };
                let message = carry_out(&*finesse, clock, change, request.number).await;
                if matches!(message, Message::Answered { answer: Answer::NotPermitted, .. }) {
                    not_permitted.notify_one();
                }
                engine.send(message).await;
                drop(turn);
            });
        }
        drop(wishes);
        tasks.close();
        tasks.wait().await;
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
