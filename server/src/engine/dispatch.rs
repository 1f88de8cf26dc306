//! Carries out what the engine asks of Finesse, many at once and one per agent, and reports back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use lockstep_core::agent::{Answer, Request};
use lockstep_core::finesse::Target;
use lockstep_core::{AgentId, TeamId, Time};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;

use super::look::{self, Wish};
use super::waiting::{Waiting, Waits};
use super::{Handle, Message, Way, report};
use crate::clock::Clock;
use crate::finesse::{Change, Finesse, FinesseError};
use crate::traces::Leg;

/// Jobs on their way to the dispatcher, which takes them in at once: what must wait for a turn
/// waits there, so that neither the ledger's writer nor the engine ever waits for Finesse.
pub const JOBS: usize = 4_096;
/// Requests under way at once. Finesse is a shared system; agents' desktops come first.
const AT_ONCE: usize = 64;
/// Of those, requests that make somebody available: the other places are kept, so that whoever
/// must not get a customer's call never waits behind them.
const AVAILABLE_AT_ONCE: usize = 48;

/// One thing to ask of Finesse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// For whom.
    pub agent: AgentId,
    /// The agent's team.
    pub team: TeamId,
    /// What.
    pub task: Task,
    /// The trace that it belongs to, where anybody collects them.
    pub leg: Option<Box<Leg>>,
}

/// What a [`Job`] asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// Look at the agent.
    Look,
    /// Ask for a change.
    Change {
        /// Which.
        request: Request,
        /// When the look was asked for that it was decided on.
        seen_at: Time,
    },
}

/// Carries out jobs until their channel closes, then waits for those under way; meanwhile keeps an
/// eye on Finesse's nodes, and tells the engine when another one is in use.
///
/// `not_permitted` is notified when we may not act for somebody, or Finesse knows them no more:
/// teams and users may have changed.
pub async fn run<F: Finesse>(
    finesse: Arc<F>,
    clock: Clock,
    jobs: mpsc::Receiver<Job>,
    engine: Handle,
    not_permitted: Arc<Notify>,
) {
    let (wishes, to_see) = mpsc::channel(JOBS);
    let gone = Arc::clone(&not_permitted);
    let looks = look::run(Arc::clone(&finesse), clock, to_see, engine.clone(), gone);
    let changes = Changes { finesse: Arc::clone(&finesse), clock, engine: engine.clone() };
    let work = async { tokio::join!(looks, changes.run(jobs, wishes, not_permitted)) };
    tokio::select! {
        // A fixed order, so that a simulation can be repeated; a fail-over is told before more work.
        biased;
        () = tell_fail_overs(&*finesse, &engine) => {}
        _ = finesse.attend() => {}
        _ = work => {}
    }
}

/// Never ends.
async fn tell_fail_overs<F: Finesse>(finesse: &F, engine: &Handle) {
    let mut fail_overs = finesse.fail_overs();
    while fail_overs.changed().await.is_ok() {
        let at = *fail_overs.borrow_and_update();
        if let Some(at) = at {
            engine.send(Message::FailedOver { at }).await;
        }
    }
    std::future::pending::<()>().await;
}

/// Asks for changes.
struct Changes<F> {
    finesse: Arc<F>,
    clock: Clock,
    engine: Handle,
}

impl<F: Finesse> Changes<F> {
    async fn run(
        self,
        mut jobs: mpsc::Receiver<Job>,
        wishes: mpsc::Sender<Wish>,
        not_permitted: Arc<Notify>,
    ) {
        let ids = RequestIds::starting_at(self.clock);
        let (mut waiting, mut open) = (Waiting::default(), true);
        let (mut running, mut available) = (JoinSet::new(), 0);
        while open || !running.is_empty() {
            tokio::select! {
                // One order, so that a simulation repeats; what is over first, or a flood of jobs
                // would keep every place taken.
                biased;
                Some(ended) = running.join_next() => {
                    // A panic ends this part, and with it the service, which looks alive otherwise.
                    let (agent, target) =
                        ended.unwrap_or_else(|died| std::panic::resume_unwind(died.into_panic()));
                    waiting.answered(&agent);
                    available -= usize::from(target == Target::Ready);
                }
                job = jobs.recv(), if open => match job {
                    Some(Job { agent, team, task: Task::Change { request, seen_at }, leg }) => {
                        waiting.push(agent, Waits { team, request, seen_at, leg });
                    }
                    Some(Job { agent, team, task: Task::Look, .. }) => {
                        open = wishes.send(Wish { agent, team }).await.is_ok();
                    }
                    None => open = false,
                },
            }
            // More may be on its way: the choice is made among all of it.
            if !jobs.is_empty() {
                continue;
            }
            while running.len() < AT_ONCE
                && let Some((agent, waits)) = waiting.pop(available < AVAILABLE_AT_ONCE)
            {
                let Waits { team, request, seen_at, leg } = waits;
                let (target, request_id) = (request.target, ids.next());
                let change = Change { agent, team, target, request_id, seen_at };
                available += usize::from(target == Target::Ready);
                let (finesse, engine) = (Arc::clone(&self.finesse), self.engine.clone());
                let (clock, not_permitted) = (self.clock, Arc::clone(&not_permitted));
                running.spawn(async move {
                    let agent = change.agent.clone();
                    let message = carry_out(&*finesse, clock, change, request.number, leg).await;
                    if may_have_gone(&message) {
                        not_permitted.notify_one();
                    }
                    engine.send(message).await;
                    (agent, target)
                });
            }
        }
    }
}

async fn carry_out<F: Finesse>(
    finesse: &F,
    clock: Clock,
    change: Change,
    request: u64,
    leg: Option<Box<Leg>>,
) -> Message {
    let asked_at = clock.now();
    let began = leg.as_ref().map(|leg| leg.now());
    let result = finesse.change(&change).await;
    let answered_at = clock.now();
    if let (Some(leg), Some(began)) = (leg, began) {
        leg.asked(began, change.target, &change.request_id, &result);
    }
    report::changed(&change, &result, answered_at.since(asked_at));
    let answer = result.as_ref().map_or_else(answer_of, |()| Answer::Accepted);
    let detail = result.as_ref().err().map(ToString::to_string);
    let way = Way { sent_at: asked_at, answered_at, detail };
    Message::Answered { agent: change.agent, request, answer, way }
}

/// Does the answer say that teams or users may have changed?
const fn may_have_gone(message: &Message) -> bool {
    let Message::Answered { answer, .. } = message else { return false };
    matches!(answer, Answer::NotPermitted | Answer::NotKnown)
}

/// What an error means for the agent's machine.
fn answer_of(error: &FinesseError) -> Answer {
    match error {
        FinesseError::InvalidState { .. } => Answer::InvalidState,
        FinesseError::Credential { .. }
        | FinesseError::Stopped { .. }
        | FinesseError::NoSupervisor { .. }
        | FinesseError::NotOurs { .. } => Answer::NotPermitted,
        FinesseError::NotFound { .. } => Answer::NotKnown,
        FinesseError::Refused { .. } => Answer::Refused,
        FinesseError::Unavailable { not_sent: true, .. } | FinesseError::FailedOver { .. } => {
            Answer::NotSent
        }
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

    use lockstep_core::finesse::{AgentState, Deployment};
    use tokio::time::timeout;

    use super::*;
    use crate::finesse::fake::Fake;

    fn change(agent: &str, number: u64, target: Target) -> Job {
        let request = Request { number, target, reason: None };
        let task = Task::Change { request, seen_at: Time::from_millis(1_000_000) };
        Job { agent: AgentId::new(agent), team: TeamId::new("1"), task, leg: None }
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

    /// Make unavailable goes before make available, also when that has filled every other place.
    #[tokio::test(start_paused = true)]
    async fn who_is_to_be_made_unavailable_waits_behind_nobody_who_is_to_be_made_available() {
        let clock = Clock::starting_at(Time::from_millis(1_000_000));
        let finesse = Fake::new(Deployment::Cce, clock);
        finesse.add_agent("busy", "1", AgentState::Ready);
        for number in 0..3 * AT_ONCE {
            finesse.add_agent(&number.to_string(), "1", AgentState::NotReady);
        }
        finesse.answer_after(Duration::from_secs(5));
        let (messages, _inbox) = mpsc::channel(1_000);
        let (jobs, to_do) = mpsc::channel(1_000);
        let asking = Arc::new(finesse.clone());
        tokio::spawn(run(asking, clock, to_do, Handle::new(messages), Arc::default()));
        for number in 0..3 * AT_ONCE {
            jobs.send(change(&number.to_string(), 1, Target::Ready)).await.unwrap();
        }
        finesse.until("as many as may be", |fake| fake.changes().len() == AVAILABLE_AT_ONCE).await;
        jobs.send(change("busy", 1, Target::NotReady)).await.unwrap();
        let asked =
            |fake: &Fake| fake.changes().iter().any(|seen| seen.change.agent.as_str() == "busy");
        let began = tokio::time::Instant::now();
        finesse.until("the busy agent's request is at Finesse", asked).await;
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    }

    /// Finesse notes 1.4 and 6: every kind of error has its own reaction.
    #[test]
    fn every_error_means_something_of_its_own_to_the_agent() {
        use FinesseError as E;
        let text = || "a test".to_owned();
        let unavailable = |not_sent| E::Unavailable { detail: text(), not_sent, retry_after: None };
        for (error, expected) in [
            // The password is wrong, or was: nothing is sent in that name, the teams are read again.
            (E::Credential { account: text() }, Answer::NotPermitted),
            (E::Stopped { account: text() }, Answer::NotPermitted),
            // The agent is another team's, nobody's, or gone: the same.
            (E::NoSupervisor { team: text() }, Answer::NotPermitted),
            (E::NotOurs { account: text(), agent: text(), detail: text() }, Answer::NotPermitted),
            (E::NotFound { what: text() }, Answer::NotKnown),
            // A race with a call or a human: looked at and decided anew.
            (E::InvalidState { detail: text() }, Answer::InvalidState),
            // Ours to mend, not to repeat.
            (E::Refused { status: 400, kind: text(), detail: text() }, Answer::Refused),
            // Certainly not queued: repeated after a pause.
            (unavailable(true), Answer::NotSent),
            (E::FailedOver { node: text() }, Answer::NotSent),
            // Perhaps queued: looked at before it is repeated.
            (unavailable(false), Answer::Unknown),
            (E::Silent { detail: text() }, Answer::Unknown),
            (E::Unreadable { detail: text() }, Answer::Unknown),
            (E::DryRun, Answer::DryRun),
        ] {
            assert_eq!(answer_of(&error), expected, "{error}");
        }
    }
}
