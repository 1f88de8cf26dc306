//! Who is who in Webex: looked up once, remembered, and looked for again where nobody was found.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use lockstep_core::{PersonId, Time};
use tokio::time::Instant;

use super::{KeepPeople, Known, Listed};
use crate::clock::Clock;
use crate::webex::{LookupError, PresenceSource};

/// Somebody who was not found in Webex is looked for again after this.
const LOOK_AGAIN: Duration = Duration::from_mins(10);
/// Somebody who was found is asked for again after this: an address may pass to another human.
const CHECK_AGAIN: Duration = Duration::from_hours(24);
/// Of those, so many with each reading of the users, which is each minute: half of what polling
/// presence may ask for.
const CHECKS: usize = 60;
/// Between two look-ups: 250 a second find 10,000 agents within the minute. Webex tells its limits
/// only by 429, which is obeyed below this.
const GAP: Duration = Duration::from_millis(4);
/// Look-ups under way at once: an answer takes some 100 ms.
const AT_ONCE: usize = 32;

/// What the look-ups brought so far.
#[derive(Debug)]
pub(super) struct People {
    /// By the addresses tried.
    found: HashMap<Vec<String>, Found>,
    /// The last look-ups failed, and that was told.
    failing: bool,
    keeper: Arc<dyn KeepPeople>,
    /// What the keeper has yet to be told; bounded by the number of agents.
    unkept: Vec<Known>,
    clock: Clock,
}

#[derive(Debug, Clone)]
enum Found {
    Person { person: PersonId, checked: Time },
    Nobody { until: Instant },
}

impl People {
    /// With those who were found in an earlier life of this process.
    pub(super) async fn kept(keeper: Arc<dyn KeepPeople>, clock: Clock) -> Self {
        let known = keeper.read().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "failed to read who was found in webex; everybody is looked up again");
            Vec::new()
        });
        let found = known.into_iter().filter_map(|Known { addresses, person, checked }| {
            Some((addresses, Found::Person { person: person?, checked }))
        });
        Self { found: found.collect(), failing: false, keeper, unkept: Vec::new(), clock }
    }

    /// Who was found before; those who are no longer listed are forgotten.
    pub(super) fn recall(&mut self, agents: &mut [Listed]) {
        let listed: HashSet<&[String]> = agents.iter().map(|agent| &agent.addresses[..]).collect();
        let checked = self.clock.now();
        let gone = self.found.extract_if(|addresses, _| !listed.contains(&addresses[..]));
        let gone = gone.filter(|(_, found)| matches!(found, Found::Person { .. }));
        self.unkept.extend(gone.map(|(addresses, _)| Known { addresses, person: None, checked }));
        for agent in agents {
            if let Some(Found::Person { person, .. }) = self.found.get(&agent.addresses) {
                agent.watched.person = Some(person.clone());
            }
        }
    }

    /// Somebody who was not found may be found now: addresses or Webex were mended.
    pub(super) fn look_again(&mut self) {
        self.found.retain(|_, found| matches!(found, Found::Person { .. }));
    }

    /// The places of those to look up now: whoever is not known, and some of those who were found
    /// long ago.
    pub(super) fn due(&self, agents: &[Listed]) -> Vec<usize> {
        let (now, today) = (Instant::now(), self.clock.now());
        let (mut due, mut old) = (Vec::new(), Vec::new());
        for (at, agent) in agents.iter().enumerate() {
            match self.found.get(&agent.addresses) {
                Some(Found::Person { checked, .. }) if today.since(*checked) < CHECK_AGAIN => {}
                Some(Found::Person { .. }) => old.push(at),
                Some(Found::Nobody { until }) if now < *until => {}
                Some(Found::Nobody { .. }) | None => due.push(at),
            }
        }
        due.extend(old.into_iter().take(CHECKS));
        due
    }

    /// Looks some of them up; false when Webex cannot be asked at all, so that the rest may wait.
    pub(super) async fn look_up<P: PresenceSource>(
        &mut self,
        webex: &P,
        agents: &mut [Listed],
        some: &[usize],
    ) -> bool {
        let answers = ask(webex, agents, some).await;
        let mut failures = Vec::new();
        for (at, answer) in answers {
            match answer {
                Ok(person) => self.remember(&mut agents[at], person),
                Err(error) => failures.push(error),
            }
        }
        self.tell(&failures);
        let token = failures.iter().any(|error| matches!(error, LookupError::Token { .. }));
        !token && failures.len() < some.len()
    }

    /// Has what changed survive a restart.
    pub(super) async fn keep(&mut self) {
        if self.unkept.is_empty() {
            return;
        }
        if let Err(error) = self.keeper.write(std::mem::take(&mut self.unkept)).await {
            tracing::warn!(%error, "failed to keep who was found in webex; they are looked up again after a restart");
        }
    }

    fn remember(&mut self, agent: &mut Listed, person: Option<PersonId>) {
        let (addresses, checked) = (agent.addresses.clone(), self.clock.now());
        let before = self.found.get(&addresses);
        let was_found = matches!(before, Some(Found::Person { .. }));
        if person.is_none() && (before.is_none() || was_found) {
            let tried = addresses.join(", ");
            tracing::warn!(
                agent.id = %agent.watched.id, agent.login = %agent.watched.login_name, tried,
                "an agent is not in webex under any of these addresses; see agents.email_domains and agents.overrides"
            );
        }
        if person.is_some() || was_found {
            let addresses = addresses.clone();
            self.unkept.push(Known { addresses, person: person.clone(), checked });
        }
        agent.watched.person.clone_from(&person);
        let found = match person {
            Some(person) => Found::Person { person, checked },
            None => Found::Nobody { until: Instant::now() + LOOK_AGAIN },
        };
        self.found.insert(addresses, found);
    }

    /// One line for a failure of all, once for as long as it stays so.
    fn tell(&mut self, failures: &[LookupError]) {
        let failing = !failures.is_empty();
        if let Some(error) = failures.first().filter(|_| !self.failing) {
            let agents = failures.len();
            tracing::warn!(agents, error = %error, "failed to look for agents in webex");
        } else if self.failing && !failing {
            tracing::info!("agents can be looked for in webex again");
        }
        self.failing = failing;
    }
}

/// Asks for some of them, at the pace of [`GAP`] and a few at a time.
async fn ask<P: PresenceSource>(
    webex: &P,
    agents: &[Listed],
    some: &[usize],
) -> Vec<(usize, Result<Option<PersonId>, LookupError>)> {
    let mut answers = Vec::with_capacity(some.len());
    let mut turns = tokio::time::interval(GAP);
    let (mut left, mut under_way) = (some.iter().copied().peekable(), FuturesUnordered::new());
    loop {
        let may_ask = left.peek().is_some() && under_way.len() < AT_ONCE;
        tokio::select! {
            biased; // one order, so that a simulation repeats
            _ = turns.tick(), if may_ask => under_way.extend(left.next().map(|at| {
                let addresses = agents[at].addresses.clone();
                async move { (at, find_one(webex, addresses).await) }
            })),
            Some(answer) = under_way.next() => answers.push(answer),
            else => return answers,
        }
    }
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
