use std::time::Duration;

use futures_util::future::join_all;
use lockstep_core::PersonId;
use tokio::sync::oneshot;

use super::finesse::Watched;
use super::{bounded, skew};
use crate::cli::Finding;
use crate::config::{Config, Token};
use crate::webex::{Client, Found, Owner, Probe, ProbeError};

/// People looked up; more would cost Webex's rate limit for little more certainty.
const SAMPLE: usize = 50;
/// People looked up at the same time.
const AT_ONCE: usize = 5;
/// How long the check's subscriptions live; they go with the device in any case.
const SUBSCRIBED_FOR: Duration = Duration::from_mins(1);
/// `Date` has whole seconds, and the way there and back counts too.
const CLOCK_SKEW_MS: i64 = 5_000;

const POLLED: &str = "presence is polled, seconds late and without meeting types; ask Webex to allow subscriptions for this token";
const WAY_OUT: &str = "see to DNS and the firewall: this machine must reach the address itself, without a proxy; a proxy that opens TLS needs its CA as webex.ca_file";

/// What there is to be said of Webex.
#[derive(Debug, Default)]
pub struct Seen {
    /// Of the token and the services.
    pub webex: Vec<Finding>,
    /// Of the agents who would be watched.
    pub agents: Vec<Finding>,
}

/// Walks from the token to the first subscription. `watched` tells who to subscribe; it is waited
/// for only once everything before works.
pub async fn webex(
    client: &Client,
    config: &Config,
    watched: oneshot::Receiver<Vec<Watched>>,
) -> Seen {
    let mut probe = client.probe();
    let mut agents = Vec::new();
    let webex = bounded("webex", Vec::new(), async |findings| {
        walk(&mut probe, config, watched, findings, &mut agents).await;
    });
    let webex = webex.await;
    probe.end().await;
    Seen { webex, agents }
}

async fn walk(
    probe: &mut Probe,
    config: &Config,
    watched: oneshot::Receiver<Vec<Watched>>,
    findings: &mut Vec<Finding>,
    agents: &mut Vec<Finding>,
) {
    let owner = match probe.owner().await {
        Ok(owner) => owner,
        Err(error) => return findings.push(failed("webex", &error, "webex.api_url")),
    };
    let is_bot = matches!(config.webex.token, Token::Bot(_));
    findings.extend(token(&owner, is_bot));
    if let Err(error) = probe.discover().await {
        return findings.push(failed("webex discovery", &error, "webex.u2c_url"));
    }
    findings.push(Finding::green("webex discovery", "the catalog names the services"));
    if let Err(error) = probe.register().await {
        return findings.push(failed("webex device", &error, "webex.trusted_domains"));
    }
    findings.push(Finding::green("webex device", "one can be registered"));
    if let Err(error) = probe.connect().await {
        return findings.push(failed("webex mercury", &error, "webex.trusted_domains"));
    }
    findings.push(Finding::green("webex mercury", "the socket opens and takes the token"));
    let Ok(watched) = watched.await else {
        let remedy = "cure what is said of finesse, then check again";
        let text = "finesse does not tell whom to subscribe";
        findings.push(Finding::amber("webex feed", text, remedy));
        return;
    };
    let people = look_up(probe, &watched, owner.organisation.as_deref(), agents).await;
    if people.is_empty() {
        let remedy = "cure what is said of the agents, then check again";
        findings.push(Finding::amber("webex feed", "nobody was found to subscribe", remedy));
        return;
    }
    findings.extend(feed(probe, &people, agents).await);
}

fn failed(subject: &str, error: &ProbeError, key: &str) -> Finding {
    let remedy = match error {
        ProbeError::Token { .. } => {
            "put a valid token into webex.token_file; an integration is authorised again".to_owned()
        }
        ProbeError::NotPermitted { .. } => POLLED.to_owned(),
        ProbeError::Untrusted { .. } => {
            "add it to webex.trusted_domains if it is Webex's".to_owned()
        }
        ProbeError::Failed { .. } => format!("check {key}; {WAY_OUT}"),
    };
    Finding::red(subject, error.to_string(), remedy)
}

/// Whose token, of which organisation, and what time Webex has.
fn token(owner: &Owner, is_bot: bool) -> Vec<Finding> {
    let of = owner.organisation.as_deref().unwrap_or("which is not told");
    let name = owner.name.as_deref().unwrap_or("without a name");
    let kind = owner.kind.as_deref().unwrap_or("unknown");
    let text = match is_bot {
        true if kind == "bot" => format!("the token works: bot {name}, organisation {of}"),
        true => format!("the token works: {name} ({kind}), organisation {of}"),
        false => format!("the integration works, for {name} ({kind}), organisation {of}"),
    };
    let mut findings = vec![if is_bot && kind == "person" {
        let remedy = "use a bot's token: a person's ends after twelve hours";
        Finding::amber("webex", format!("{text}; it is a person's"), remedy)
    } else {
        Finding::green("webex", text)
    }];
    if let Some(ahead) = owner.clock_ahead_ms.filter(|ahead| ahead.abs() > CLOCK_SKEW_MS) {
        let remedy = "synchronise this machine with a time source";
        findings.push(Finding::amber("clock", skew("Webex", ahead), remedy));
    }
    findings
}

/// Looks the agents up in Webex; returns who was found.
async fn look_up(
    probe: &Probe,
    watched: &[Watched],
    own: Option<&str>,
    findings: &mut Vec<Finding>,
) -> Vec<PersonId> {
    let sample = &watched[..watched.len().min(SAMPLE)];
    let mut people = Vec::new();
    let mut foreign = 0_usize;
    for some in sample.chunks(AT_ONCE) {
        let found = join_all(some.iter().map(|agent| first(probe, agent))).await;
        for (agent, found) in some.iter().zip(found) {
            match found {
                Ok(Some(found)) => {
                    let other = found.organisation.as_deref().zip(own);
                    foreign += usize::from(other.is_some_and(|(theirs, own)| theirs != own));
                    people.push(found.person);
                }
                Ok(None) => findings.push(unknown(agent)),
                Err(error) => {
                    findings.push(failed("agents in webex", &error, "webex.api_url"));
                    return people;
                }
            }
        }
    }
    if foreign > 0 {
        let text =
            format!("{foreign} of those found belong to another organisation than the token");
        let remedy = "use a token of the agents' own organisation; others' presence is hidden";
        findings.push(Finding::amber("agents in webex", text, remedy));
    }
    let (found, of) = (people.len(), sample.len());
    let text = format!("{found} of {of} agents looked up were found");
    findings.push(match (found, of) {
        (0, 1..) => {
            let remedy =
                "see agents.email_domains and agents.overrides, and the token's organisation";
            Finding::red("agents in webex", text, remedy)
        }
        _ => Finding::green("agents in webex", text),
    });
    people
}

fn unknown(agent: &Watched) -> Finding {
    let tried = agent.addresses.join(", ");
    let text = format!("{}: webex knows none of {tried}", agent.login_name);
    let remedy = "add the domain to agents.email_domains, or the address to agents.overrides";
    Finding::amber("agents in webex", text, remedy)
}

async fn first(probe: &Probe, agent: &Watched) -> Result<Option<Found>, ProbeError> {
    for address in &agent.addresses {
        if let Some(found) = probe.find(address).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Subscribes those who were found.
async fn feed(probe: &Probe, people: &[PersonId], agents: &mut Vec<Finding>) -> Vec<Finding> {
    let refused = match probe.subscribe(people, SUBSCRIBED_FOR).await {
        Ok(refused) => refused,
        Err(error @ ProbeError::NotPermitted { .. }) => {
            return vec![Finding::amber("webex feed", error.to_string(), POLLED)];
        }
        Err(error) => return vec![failed("webex feed", &error, "webex.trusted_domains")],
    };
    for (person, why) in &refused {
        let text = format!("person {person} cannot be watched: {why}");
        let remedy =
            "check that the person shares presence and belongs to the token's organisation";
        agents.push(Finding::amber("agents in webex", text, remedy));
    }
    let (granted, all) = (people.len() - refused.len().min(people.len()), people.len());
    let text = format!("subscription is permitted: {granted} of {all} agents");
    vec![match granted {
        0 => Finding::amber("webex feed", "no subscription was granted", POLLED),
        _ => Finding::green("webex feed", text),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Status;

    fn said(kind: &str, clock_ahead_ms: i64, is_bot: bool) -> Vec<Finding> {
        let owner = Owner {
            name: Some("Lockstep".to_owned()),
            kind: Some(kind.to_owned()),
            organisation: Some("o".to_owned()),
            clock_ahead_ms: Some(clock_ahead_ms),
        };
        token(&owner, is_bot)
    }

    #[test]
    fn a_bots_token_is_green_and_a_persons_in_its_place_is_amber() {
        assert_eq!(said("bot", 900, true).len(), 1);
        assert_eq!(said("bot", 900, true)[0].status, Status::Green);
        assert_eq!(said("person", 0, true)[0].status, Status::Amber);
        assert_eq!(said("person", 0, false)[0].status, Status::Green, "an integration's");
    }

    #[test]
    fn a_clock_that_is_off_by_more_than_the_way_there_and_back_is_amber() {
        assert_eq!(said("bot", -4_900, true).len(), 1);
        let found = said("bot", 61_000, true);
        assert_eq!(found[1].status, Status::Amber);
        assert_eq!(found[1].text, "Webex is 61 s ahead of this machine");
    }
}
