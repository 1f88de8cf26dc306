//! Who is who in Webex: looked up once, remembered, and looked for again where nobody was found.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use lockstep_core::PersonId;
use tokio::time::Instant;

use super::Listed;
use crate::webex::{LookupError, PresenceSource};

/// Somebody who was not found in Webex is looked for again after this.
const LOOK_AGAIN: Duration = Duration::from_mins(10);
/// Look-ups in Webex at once; its limits are per application and not told in advance.
const AT_ONCE: usize = 8;

/// What the look-ups brought so far.
#[derive(Debug, Default)]
pub(super) struct People {
    /// By the addresses tried.
    found: HashMap<Vec<String>, Found>,
    /// The last look-ups failed, and that was told.
    failing: bool,
}

#[derive(Debug, Clone)]
enum Found {
    Person(PersonId),
    Nobody { until: Instant },
}

impl People {
    /// Who was found before; those who are no longer listed are forgotten.
    pub(super) fn recall(&mut self, agents: &mut [Listed]) {
        let listed: HashSet<&[String]> = agents.iter().map(|agent| &agent.addresses[..]).collect();
        self.found.retain(|addresses, _| listed.contains(&addresses[..]));
        for agent in agents {
            if let Some(Found::Person(person)) = self.found.get(&agent.addresses) {
                agent.watched.person = Some(person.clone());
            }
        }
    }

    /// Somebody who was not found may be found now: addresses or Webex were mended.
    pub(super) fn look_again(&mut self) {
        self.found.retain(|_, found| matches!(found, Found::Person(_)));
    }

    /// The places of those to look up now.
    pub(super) fn due(&self, agents: &[Listed]) -> Vec<usize> {
        let now = Instant::now();
        let due = |agent: &Listed| match self.found.get(&agent.addresses) {
            Some(Found::Person(_)) => false,
            Some(Found::Nobody { until }) => now >= *until,
            None => true,
        };
        (0..agents.len()).filter(|&at| due(&agents[at])).collect()
    }

    /// Looks some of them up; false when Webex cannot be asked at all, so that the rest may wait.
    pub(super) async fn look_up<P: PresenceSource>(
        &mut self,
        webex: &P,
        agents: &mut [Listed],
        some: &[usize],
    ) -> bool {
        let lookups = some.iter().copied().map(|at| {
            let addresses = agents[at].addresses.clone();
            async move { (at, find_one(webex, addresses).await) }
        });
        let answers: Vec<_> = stream::iter(lookups).buffer_unordered(AT_ONCE).collect().await;
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

    fn remember(&mut self, agent: &mut Listed, person: Option<PersonId>) {
        let addresses = agent.addresses.clone();
        let found = if let Some(person) = person {
            agent.watched.person = Some(person.clone());
            Found::Person(person)
        } else {
            if !self.found.contains_key(&addresses) {
                let tried = addresses.join(", ");
                tracing::warn!(
                    agent.id = %agent.watched.id, agent.login = %agent.watched.login_name, tried,
                    "an agent is not in webex under any of these addresses; see agents.email_domains and agents.overrides"
                );
            }
            Found::Nobody { until: Instant::now() + LOOK_AGAIN }
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
