//! Keeps the roster: reads Finesse's users, finds them in Webex, and tells everybody.

mod known;
mod people;
mod roll;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use lockstep_core::{PersonId, TeamId};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

pub use self::known::{KeepNobody, KeepPeople, Kept, Known};
use self::people::People;
pub use self::roll::{Everybody, Roll, Supervisor};
use crate::clock::Clock;
use crate::config::Config;
use crate::engine::{Handle, Message, Roster, Watched};
use crate::finesse::{Assignment, Finesse, FinesseError, System};
use crate::roster::{Selection, addresses, idle_policies, select};
use crate::status::{AgentsPart, Part, Status};
use crate::webex::PresenceSource;

/// How often users and teams are read again; an administrator's list is heavy (Finesse notes 2).
const EVERY: Duration = Duration::from_mins(1);
/// Pause after a reading that failed.
const AGAIN: Duration = Duration::from_secs(3);
/// Pause before a reading that somebody kicked for: a new want for an agent who is not ours kicks
/// again and again.
const KICKED_AFTER: Duration = Duration::from_secs(10);
/// Look-ups after which what was found is told, so that a long list comes alive bit by bit.
const TELL_AFTER: usize = 500;

/// What the directory serves.
#[derive(Debug)]
pub struct Outlets {
    /// The engine.
    pub engine: Handle,
    /// Persons to watch in Webex.
    pub people: watch::Sender<Arc<[PersonId]>>,
    /// Teams to poll in Finesse.
    pub teams: watch::Sender<Arc<[TeamId]>>,
    /// What `SystemInfo` says.
    pub system: watch::Sender<Option<System>>,
    /// How we are.
    pub status: Status,
    /// Everybody whom Finesse knows.
    pub roll: Roll,
    /// Wakes the directory early.
    pub kick: Arc<Notify>,
    /// Where those who were found in Webex survive a restart.
    pub known: Arc<dyn KeepPeople>,
    /// The time.
    pub clock: Clock,
}

/// Reads and tells, until `stop`.
pub async fn run<F: Finesse, P: PresenceSource>(
    finesse: Arc<F>,
    webex: Arc<P>,
    mut config: watch::Receiver<Arc<Config>>,
    outlets: Outlets,
    stop: CancellationToken,
) {
    let people = People::kept(Arc::clone(&outlets.known), outlets.clock).await;
    let mut directory = Directory { people, told: None, problems: Vec::new(), failure: None };
    let mut fail_overs = finesse.fail_overs();
    loop {
        let began = Instant::now();
        let reading = directory.read(&*finesse, &*webex, &mut config, &outlets);
        let again = tokio::select! {
            biased; // one order, so that a simulation repeats
            () = stop.cancelled() => return,
            // What the other node said is not waited for.
            Ok(()) = fail_overs.changed() => continue,
            read = reading => match read {
                Ok(()) => began + EVERY,
                Err(error) => {
                    directory.failed(&error, &outlets.status);
                    Instant::now() + AGAIN
                }
            },
        };
        tokio::select! {
            biased; // one order, so that a simulation repeats
            () = stop.cancelled() => return,
            Ok(()) = fail_overs.changed() => {}
            () = kicked(&outlets.kick, began + KICKED_AFTER) => {}
            () = sleep_until(again) => {}
            changed = config.changed() => match changed {
                Ok(()) => directory.start_over(),
                Err(_) => return,
            },
        }
    }
}

/// Many may kick at once; they are served by one reading, and not too soon after the last.
async fn kicked(kick: &Notify, not_before: Instant) {
    kick.notified().await;
    sleep_until(not_before).await;
}

#[derive(Debug)]
struct Directory {
    people: People,
    told: Option<(Roster, Counts)>,
    problems: Vec<String>,
    /// What kept us from reading the last time, and that was told.
    failure: Option<&'static str>,
}

impl Directory {
    /// An operator changed something: everything is told anew, and tried again.
    fn start_over(&mut self) {
        self.people.look_again();
        self.told = None;
        self.failure = None;
    }

    async fn read<F: Finesse, P: PresenceSource>(
        &mut self,
        finesse: &F,
        webex: &P,
        configs: &mut watch::Receiver<Arc<Config>>,
        outlets: &Outlets,
    ) -> Result<(), FinesseError> {
        let began = Instant::now();
        let config = Arc::clone(&configs.borrow_and_update());
        let system = finesse.system().await?;
        if let Some(ahead) = system.clock_ahead_ms {
            outlets.engine.send(Message::Clock(ahead)).await;
        }
        outlets.system.send_replace(Some(system));
        let users = finesse.users().await?;
        outlets.roll.tell(&users);
        self.failure = None;
        outlets.status.report(|now| now.users = Part::good("in service"));

        let selection = select(&config.agents, &config.finesse.supervisors, &users);
        let teams: BTreeSet<TeamId> =
            selection.chosen.iter().map(|(_, team)| team.id.clone()).collect();
        let teams: Vec<TeamId> = teams.into_iter().collect();
        let assignment = finesse.assign(&users, &teams);
        self.report(problems(&config, &selection, &assignment));

        let unknown = selection.unknown_teams.len() + selection.unknown_users.len();
        let counts = Counts { unknown, unsupervised: assignment.unsupervised.len() };
        let mut agents = listed(&config, &selection);
        outlets.teams.send_if_modified(|told| replace(told, teams));
        self.people.recall(&mut agents);
        self.people.keep().await;
        self.tell(&agents, counts, outlets).await;
        for some in self.people.due(&agents).chunks(TELL_AFTER) {
            let goes_on = self.people.look_up(webex, &mut agents, some).await;
            self.people.keep().await;
            self.tell(&agents, counts, outlets).await;
            // A long list must not keep us from Finesse, nor from another configuration.
            if !goes_on || began.elapsed() >= EVERY || configs.has_changed().unwrap_or(true) {
                break;
            }
        }
        Ok(())
    }

    async fn tell(&mut self, agents: &[Listed], counts: Counts, outlets: &Outlets) {
        let roster = Roster { agents: agents.iter().map(|agent| agent.watched.clone()).collect() };
        let missing = roster.agents.iter().filter(|agent| agent.person.is_none()).count();
        outlets.status.report(|now| {
            now.agents = AgentsPart {
                read: true,
                watched: roster.agents.len(),
                not_in_webex: missing,
                unknown: counts.unknown,
                unsupervised_teams: counts.unsupervised,
            };
        });
        let told = (roster, counts);
        if self.told.as_ref() == Some(&told) {
            return;
        }
        let roster = &told.0;
        let people: BTreeSet<PersonId> =
            roster.agents.iter().filter_map(|agent| agent.person.clone()).collect();
        outlets.engine.send(Message::Roster(roster.clone())).await;
        // A changed roster may have mended what kept us from acting.
        outlets.engine.send(Message::TryAgain).await;
        outlets.people.send_if_modified(|told| replace(told, people.into_iter().collect()));
        self.told = Some(told);
    }

    /// Tells what is wrong, once for as long as it stays so.
    fn report(&mut self, problems: Vec<String>) {
        for problem in problems.iter().filter(|problem| !self.problems.contains(problem)) {
            tracing::warn!("{problem}");
        }
        self.problems = problems;
    }

    fn failed(&mut self, error: &FinesseError, status: &Status) {
        if self.failure != Some(error.kind()) {
            tracing::warn!(error = %error, "failed to read finesse's users");
            self.failure = Some(error.kind());
        }
        status.report(|now| now.users = Part::bad(error.to_string()));
    }
}

#[derive(Debug)]
struct Listed {
    addresses: Vec<String>,
    watched: Watched,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Counts {
    unknown: usize,
    unsupervised: usize,
}

fn listed(config: &Config, selection: &Selection<'_>) -> Vec<Listed> {
    let listed = selection.chosen.iter().map(|(user, team)| Listed {
        addresses: addresses(&config.agents, user),
        watched: Watched {
            id: user.id.clone(),
            login_name: user.login_name.clone(),
            name: user.name.clone(),
            team: team.id.clone(),
            team_name: team.name.clone(),
            person: None,
        },
    });
    listed.collect()
}

fn problems(config: &Config, selection: &Selection<'_>, assignment: &Assignment) -> Vec<String> {
    let idle = idle_policies(&config.policies, &selection.chosen);
    let problems = [
        named("agents.teams names a team that finesse does not have", &selection.unknown_teams),
        named("agents.users names somebody whom finesse does not have", &selection.unknown_users),
        named("an agent has no team in finesse", &selection.without_team),
        named("no configured supervisor supervises a team", &assignment.unsupervised),
        named("a policy applies to nobody who is watched", &idle),
        named("a configured supervisor is not known to finesse", &assignment.unknown_supervisors),
    ];
    problems.into_iter().flatten().collect()
}

fn named(what: &str, names: &[impl std::fmt::Display]) -> Option<String> {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    (!names.is_empty()).then(|| format!("{what}: {}", names.join(", ")))
}

fn replace<T: PartialEq>(told: &mut Arc<[T]>, new: Vec<T>) -> bool {
    let changed = **told != *new;
    if changed {
        *told = Arc::from(new);
    }
    changed
}
