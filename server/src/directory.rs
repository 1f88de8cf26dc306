//! Keeps the roster: reads Finesse's users, finds them in Webex, and tells everybody.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use lockstep_core::{PersonId, TeamId};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::engine::{Handle, Message, Roster, Watched};
use crate::finesse::{Finesse, FinesseError, System};
use crate::roster::{addresses, select};
use crate::status::{AgentsPart, Part, Status};
use crate::webex::{LookupError, PresenceSource};

/// How often users and teams are read again; an administrator's list is heavy (Finesse notes 2).
const EVERY: Duration = Duration::from_mins(1);
/// Pause after a reading that failed.
const AGAIN: Duration = Duration::from_secs(3);
/// Somebody who was not found in Webex is looked for again after this.
const LOOK_AGAIN: Duration = Duration::from_mins(10);
/// Look-ups in Webex at once; its limits are per application and not told in advance.
const AT_ONCE: usize = 8;
/// Look-ups after which what was found is told, so that a long list comes alive bit by bit.
const TELL_AFTER: usize = 200;

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
    /// Wakes the directory early.
    pub kick: Arc<Notify>,
}

/// Reads and tells, until `stop`.
pub async fn run<F: Finesse, P: PresenceSource>(
    finesse: Arc<F>,
    webex: Arc<P>,
    config: watch::Receiver<Arc<Config>>,
    outlets: Outlets,
    stop: CancellationToken,
) {
    let mut directory = Directory { found: HashMap::new(), told: None, problems: Vec::new() };
    loop {
        let config = Arc::clone(&config.borrow());
        let reading = directory.read(&*finesse, &*webex, &config, &outlets);
        let pause = tokio::select! {
            () = stop.cancelled() => return,
            read = reading => match read {
                Ok(()) => EVERY,
                Err(error) => {
                    directory.failed(&error, &outlets.status);
                    AGAIN
                }
            },
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
            // Many may ask at once; they are served by one reading.
            () = outlets.kick.notified() => tokio::time::sleep(AGAIN).await,
        }
    }
}

#[derive(Debug)]
struct Directory {
    /// Who is who in Webex, by the addresses tried; and when somebody was not found.
    found: HashMap<Vec<String>, Found>,
    told: Option<(Roster, Counts)>,
    problems: Vec<String>,
}

#[derive(Debug, Clone)]
enum Found {
    Person(PersonId),
    Nobody { until: Instant },
}

impl Directory {
    async fn read<F: Finesse, P: PresenceSource>(
        &mut self,
        finesse: &F,
        webex: &P,
        config: &Config,
        outlets: &Outlets,
    ) -> Result<(), FinesseError> {
        let system = finesse.system().await?;
        if let Some(ahead) = system.clock_ahead_ms {
            outlets.engine.send(Message::Clock(ahead)).await;
        }
        outlets.system.send_replace(Some(system));
        let users = finesse.users().await?;
        outlets.status.report(|now| {
            now.users = Part::good("in service");
        });

        let selection = select(&config.agents, &config.finesse.supervisors, &users);
        let teams: BTreeSet<TeamId> =
            selection.chosen.iter().map(|(_, team)| team.id.clone()).collect();
        let teams: Vec<TeamId> = teams.into_iter().collect();
        let assignment = finesse.assign(&users, &teams);
        let agents = selection.chosen.iter().map(|(user, team)| Listed {
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
        let mut agents: Vec<Listed> = agents.collect();

        let mut problems = Vec::new();
        problems.extend(named(
            "agents.teams names a team that finesse does not have",
            &selection.unknown_teams,
        ));
        problems.extend(named(
            "agents.users names somebody whom finesse does not have",
            &selection.unknown_users,
        ));
        problems.extend(named("an agent has no team in finesse", &selection.without_team));
        problems
            .extend(named("no configured supervisor supervises a team", &assignment.unsupervised));
        problems.extend(named(
            "a configured supervisor is not known to finesse",
            &assignment.unknown_supervisors,
        ));
        self.report(problems);

        let unknown = selection.unknown_teams.len() + selection.unknown_users.len();
        let counts = Counts { unknown, unsupervised: assignment.unsupervised.len() };
        outlets.teams.send_if_modified(|told| replace(told, teams));
        self.recall(&mut agents);
        self.tell(&agents, counts, outlets).await;
        self.find(webex, &mut agents, counts, outlets).await;
        self.tell(&agents, counts, outlets).await;
        Ok(())
    }

    /// Who was found before.
    fn recall(&self, agents: &mut [Listed]) {
        for agent in agents {
            if let Some(Found::Person(person)) = self.found.get(&agent.addresses) {
                agent.watched.person = Some(person.clone());
            }
        }
    }

    async fn find<P: PresenceSource>(
        &mut self,
        webex: &P,
        agents: &mut [Listed],
        counts: Counts,
        outlets: &Outlets,
    ) {
        let now = Instant::now();
        let due = |agent: &Listed| match self.found.get(&agent.addresses) {
            Some(Found::Person(_)) => false,
            Some(Found::Nobody { until }) => now >= *until,
            None => true,
        };
        let due: Vec<usize> = (0..agents.len()).filter(|&at| due(&agents[at])).collect();
        for some in due.chunks(TELL_AFTER) {
            let lookups = some.iter().copied().map(|at| {
                let addresses = agents[at].addresses.clone();
                async move { (at, find_one(webex, addresses).await) }
            });
            let answers: Vec<_> = stream::iter(lookups).buffer_unordered(AT_ONCE).collect().await;
            for (at, answer) in answers {
                self.remember(&mut agents[at], answer);
            }
            self.tell(agents, counts, outlets).await;
        }
    }

    fn remember(&mut self, agent: &mut Listed, answer: Result<Option<PersonId>, LookupError>) {
        let login = &agent.watched.login_name;
        match answer {
            Ok(Some(person)) => {
                agent.watched.person = Some(person.clone());
                self.found.insert(agent.addresses.clone(), Found::Person(person));
            }
            Ok(None) => {
                let tried = agent.addresses.join(", ");
                tracing::warn!(
                    agent.id = %agent.watched.id, agent.login = %login, tried,
                    "an agent is not in webex under any of these addresses; see agents.email_domains and agents.overrides"
                );
                let until = Instant::now() + LOOK_AGAIN;
                self.found.insert(agent.addresses.clone(), Found::Nobody { until });
            }
            Err(error) => {
                tracing::warn!(agent.login = %login, error = %error, "failed to look for an agent in webex");
            }
        }
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
        let detail = error.to_string();
        self.report(vec![format!("failed to read finesse's users: {detail}")]);
        status.report(|now| now.users = Part::bad(detail));
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

async fn find_one<P: PresenceSource>(
    webex: &P,
    addresses: Vec<String>,
) -> Result<Option<PersonId>, LookupError> {
    for address in addresses {
        if let Some(person) = webex.person(&address).await? {
            return Ok(Some(person));
        }
    }
    Ok(None)
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
