//! Reads the teams' states again and again (server mode's eyes).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use lockstep_core::TeamId;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::engine::{Handle, Message};
use crate::finesse::{Finesse, FinesseError, Need};
use crate::status::{Part, Status};

/// Teams read at once, so that fifty teams fit into one interval without a burst.
const AT_ONCE: usize = 8;

/// Polls every team each `interval`, until `stop`. A team that answers slowly delays no other: it
/// is read again when its answer has come.
pub async fn run<F: Finesse>(
    finesse: Arc<F>,
    clock: Clock,
    interval: Duration,
    teams: watch::Receiver<Arc<[TeamId]>>,
    engine: Handle,
    status: Status,
    stop: CancellationToken,
) {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut reads = FuturesUnordered::new();
    let (mut due, mut under_way) = (BTreeSet::new(), BTreeSet::new());
    let mut failing = Failing::default();
    loop {
        tokio::select! {
            biased; // one order, so that a simulation repeats
            () = stop.cancelled() => return,
            Some((team, read)) = reads.next() => {
                under_way.remove(&team);
                let mended = failing.note(team, read);
                status.report(|now| {
                    now.stopped_accounts = finesse.stopped_accounts();
                    now.states = Some(failing.part());
                });
                if mended {
                    engine.send(Message::TryAgain).await;
                }
            }
            _ = ticks.tick() => {
                let teams = Arc::clone(&teams.borrow());
                due = teams.iter().cloned().collect();
                let fewer = failing.keep(&due);
                status.report(|now| {
                    now.stopped_accounts = finesse.stopped_accounts();
                    if fewer {
                        now.states = Some(failing.part());
                    }
                });
            }
        }
        while under_way.len() < AT_ONCE
            && let Some(team) = due.difference(&under_way).next().cloned()
        {
            due.remove(&team);
            under_way.insert(team.clone());
            reads.push(read(&*finesse, clock, team, &engine));
        }
    }
}

async fn read<F: Finesse>(
    finesse: &F,
    clock: Clock,
    team: TeamId,
    engine: &Handle,
) -> (TeamId, Result<(), FinesseError>) {
    let asked_at = clock.now();
    let read = match finesse.team(&team, Need::Routine).await {
        Ok(members) => {
            engine.send(Message::Team { team: team.clone(), asked_at, members }).await;
            Ok(())
        }
        // Reported by name when the users were read; the other teams go on.
        Err(FinesseError::NoSupervisor { .. }) => Ok(()),
        Err(error) => Err(error),
    };
    (team, read)
}

/// Teams that could not be read the last time.
#[derive(Debug, Default)]
struct Failing(BTreeMap<TeamId, FinesseError>);

impl Failing {
    /// Teams that are polled no longer fail no longer; was there one?
    fn keep(&mut self, polled: &BTreeSet<TeamId>) -> bool {
        let before = self.0.len();
        self.0.retain(|team, _| polled.contains(team));
        self.0.len() != before
    }

    /// Tells what is new. True when we may do again what Finesse had not let us do.
    fn note(&mut self, team: TeamId, read: Result<(), FinesseError>) -> bool {
        match read {
            Ok(()) => {
                let Some(error) = self.0.remove(&team) else { return false };
                tracing::info!(finesse.team = %team, "the states of a team can be read again");
                error.is_about_rights()
            }
            Err(error) => {
                if self.0.get(&team).is_none_or(|last| last.kind() != error.kind()) {
                    tracing::warn!(
                        finesse.team = %team, error = %error,
                        "failed to read the states of a team"
                    );
                }
                self.0.insert(team, error);
                false
            }
        }
    }

    fn part(&self) -> Part {
        match self.0.iter().next() {
            Some((team, error)) => Part::bad(format!("team {team}: {error}")),
            None => Part::good("in service"),
        }
    }
}

#[cfg(test)]
mod tests {
    use lockstep_core::Time;
    use lockstep_core::finesse::{AgentState, Deployment};
    use tokio::sync::mpsc;
    use tokio::time::Instant;

    use super::*;
    use crate::finesse::fake::Fake;

    struct Bench {
        inbox: mpsc::Receiver<Message>,
        finesse: Fake,
        status: Status,
    }

    impl Bench {
        fn polling(teams: &[&str]) -> Self {
            let clock = Clock::starting_at(Time::from_millis(1_000_000));
            let finesse = Fake::new(Deployment::Cce, clock);
            for team in teams {
                finesse.add_agent(&format!("{team}0"), team, AgentState::Ready);
            }
            let (messages, inbox) = mpsc::channel(64);
            let teams: Arc<[TeamId]> = teams.iter().map(TeamId::new).collect();
            let (_, teams) = watch::channel(teams);
            let (status, engine) = (Status::default(), Handle::new(messages));
            let (asked, every) = (Arc::new(finesse.clone()), Duration::from_secs(3));
            let stop = CancellationToken::new();
            tokio::spawn(run(asked, clock, every, teams, engine, status.clone(), stop));
            Self { inbox, finesse, status }
        }

        async fn next(&mut self) -> String {
            match self.inbox.recv().await {
                Some(Message::Team { members, .. }) => members[0].id.to_string(),
                other => panic!("{other:?}"),
            }
        }

        fn states(&self) -> Part {
            self.status.snapshot().states.expect("polled")
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_team_that_does_not_answer_delays_no_other() {
        let mut bench = Bench::polling(&["1", "2"]);
        bench.finesse.silence("1");
        let began = Instant::now();
        for _ in 0..5 {
            assert_eq!(bench.next().await, "20");
        }
        assert_eq!(began.elapsed(), Duration::from_secs(12));
    }

    #[tokio::test(start_paused = true)]
    async fn a_team_that_cannot_be_read_shows_until_it_can() {
        let mut bench = Bench::polling(&["1", "2"]);
        let broken = FinesseError::Silent { detail: "a test".to_owned() };
        bench.finesse.next_read(crate::finesse::fake::Read::Team, broken);
        assert_eq!(bench.next().await, "20");
        tokio::time::sleep(Duration::from_millis(1)).await;
        let states = bench.states();
        assert!(!states.ok && states.detail.contains("team 1"), "{states:?}");
        bench.next().await;
        bench.next().await;
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert!(bench.states().ok);
    }
}
