use std::sync::Arc;
use std::time::Duration;

use lockstep_core::PersonId;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::Watched;
use crate::cli::Finding;
use crate::webex::{FeedEvent, LookupError, PresenceSource};

/// People looked up; more would cost Webex's rate limit for little more certainty.
const SAMPLE: usize = 50;
/// How long the feed may take to come alive: connecting, thirty seconds at most to be let in.
const ALIVE_WITHIN: Duration = Duration::from_secs(45);
/// Feed events that may wait.
const EVENTS: usize = 256;

/// Looks the agents up in Webex; returns who was found.
pub async fn people<P: PresenceSource>(
    port: &P,
    watched: &[Watched],
    findings: &mut Vec<Finding>,
) -> Vec<PersonId> {
    let mut found = Vec::new();
    let sample = watched.iter().take(SAMPLE);
    for agent in sample.clone() {
        match lookup(port, agent).await {
            Ok(Some(person)) => found.push(person),
            Ok(None) => {
                let tried = agent.addresses.join(", ");
                let text = format!("{}: webex knows none of {tried}", agent.login_name);
                let remedy =
                    "add the domain to agents.email_domains, or the address to agents.overrides";
                findings.push(Finding::amber("agents in webex", text, remedy));
            }
            Err(error) => {
                let remedy = match error {
                    LookupError::Token { .. } => "put a valid token into webex.token_file",
                    LookupError::Unavailable { .. } => {
                        "check webex.api_url and the way out of this network"
                    }
                };
                findings.push(Finding::red("webex", error.to_string(), remedy));
                return found;
            }
        }
    }
    if !watched.is_empty() {
        let (found, of) = (found.len(), sample.count());
        findings.push(Finding::green(
            "webex",
            format!("the token works; {found} of {of} agents looked up were found"),
        ));
    }
    found
}

async fn lookup<P: PresenceSource>(
    port: &P,
    agent: &Watched,
) -> Result<Option<PersonId>, LookupError> {
    for address in &agent.addresses {
        if let Some(person) = port.person(address).await? {
            return Ok(Some(person));
        }
    }
    Ok(None)
}

/// Brings the feed to life once: discovery, device, Mercury, subscription.
pub async fn feed<P: PresenceSource>(port: Arc<P>, people: Vec<PersonId>) -> Vec<Finding> {
    let (_people, watched) = watch::channel(Arc::from(people));
    let (events, mut inbox) = mpsc::channel(EVENTS);
    let stop = CancellationToken::new();
    let source = Arc::clone(&port);
    let farewell = stop.clone();
    let watching = tokio::spawn(async move { source.watch(watched, events, farewell).await });

    let mut findings = Vec::new();
    let verdict = tokio::time::timeout(ALIVE_WITHIN, verdict(&mut inbox, &mut findings)).await;
    stop.cancel();
    inbox.close();
    let _ = watching.await;
    findings.push(verdict.unwrap_or_else(|_| {
        let text = format!("presence did not come alive within {} s", ALIVE_WITHIN.as_secs());
        Finding::red("webex feed", text, "see the log for what failed, with LOCKSTEP_LOG=debug")
    }));
    findings
}

async fn verdict(inbox: &mut mpsc::Receiver<FeedEvent>, findings: &mut Vec<Finding>) -> Finding {
    while let Some(event) = inbox.recv().await {
        match event {
            FeedEvent::Live { .. } => {
                return Finding::green(
                    "webex feed",
                    "discovery, device, Mercury and subscriptions work",
                );
            }
            FeedEvent::Polling { why } => {
                let remedy = "presence is polled, seconds late; ask Webex to allow subscriptions for this token";
                return Finding::amber("webex feed", why, remedy);
            }
            FeedEvent::Lost { why } => {
                return Finding::red(
                    "webex feed",
                    why,
                    "check the token's rights and the way out of this network",
                );
            }
            FeedEvent::Refused { person, why } => {
                let text = format!("person {person} cannot be watched: {why}");
                let remedy =
                    "check that the person shares presence and belongs to the token's organisation";
                findings.push(Finding::amber("agents in webex", text, remedy));
            }
            FeedEvent::Observed { .. } => {}
        }
    }
    Finding::red("webex feed", "the feed ended by itself", "see the log")
}
