//! Makes the clients' settings and the engine's policy out of the configuration.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Context;
use lockstep_core::agent::AgentSettings;
use lockstep_core::finesse::{Actor, Deployment};
use lockstep_core::presence::{LOST_LABEL, LossPolicy, PresenceSettings};
use rand::rngs::{StdRng, SysRng};
use rand::{RngExt, SeedableRng};
use url::Url;

use crate::clock::Clock;
use crate::config::{self, Config};
use crate::engine::{GadgetPolicy, Names, Policies, Policy};
use crate::finesse::rest;
use crate::finesse::rest::{AccountSettings, Limits, Rest};
use crate::gadgets;
use crate::instance::{RefreshTokenFile, device_name};
use crate::webex::{self, Client, KeepNothing, Timing, Token, TokenKeeper};

/// Requests per second to the cluster, all accounts together. Finesse publishes no limit, and a node
/// serves 2,000 desktops (Finesse notes 1.8, 6); what protects a slow one is the number in flight
/// per account. This is for a fast one: 1,000 agents who all change each three seconds, each change
/// with a look before and one after, stay below it.
const REQUESTS_PER_SECOND: u32 = 1_000;

/// Rules and settings as the configuration and the platform have them, for everybody.
pub fn policies(config: &Config, deployment: Deployment) -> Policies {
    let rest = Policies::from(policy(config, &config.everybody_else(), deployment));
    config.policies.iter().fold(rest, |policies, named| {
        let names = Names { teams: named.teams.clone(), agents: named.agents.clone() };
        policies.with(names, policy(config, named, deployment))
    })
}

fn policy(config: &Config, of: &config::Policy, deployment: Deployment) -> Policy {
    let labels: Vec<Arc<str>> = labels(of);
    // A dry run rehearses the gadget where only a gadget would act.
    let by_agent = of.dry_run && !of.mode.has_server();
    Policy {
        name: Arc::from(of.name.as_str()),
        rules: Arc::new(of.rules.rules.clone()),
        presence: PresenceSettings {
            hold_down: of.hold_down,
            on_loss: of.on_source_loss.policy,
            loss_after: of.on_source_loss.after,
            stale_after: config.sync.stale_after,
            counting: of.counting,
            on_duty: true,
        },
        agent: AgentSettings {
            deployment,
            actor: if by_agent { Actor::Agent } else { Actor::Supervisor },
            // Where gadgets act too, the server goes on from what they did.
            labels: if of.mode.has_gadget() { labels.clone() } else { Vec::new() },
            call_grace: of.call_grace,
            ..AgentSettings::default()
        },
        gadget: GadgetPolicy {
            mode: of.mode,
            labels,
            adopt: config.sync.adopt_labelled,
            dry_run: of.dry_run,
            default_reason: of.default_reason.as_deref().map(Arc::from),
            longest_snooze: of.longest_snooze,
        },
        staffing_floor: of.staffing_floor,
        schedule: of.schedule.clone(),
    }
}

/// The labels of every policy, each once: what the site needs in Finesse.
pub fn all_labels(config: &Config) -> Vec<Arc<str>> {
    let everybody_else = config.everybody_else();
    let policies = config.policies.iter().chain([&everybody_else]);
    policies.flat_map(labels).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The labels that a want may carry: the rules', and the one that stands for a lost source.
fn labels(policy: &config::Policy) -> Vec<Arc<str>> {
    let mut labels = policy.rules.rules.reasons();
    if policy.on_source_loss.policy == LossPolicy::NotReady {
        labels.insert(LOST_LABEL);
    }
    labels.into_iter().map(Arc::from).collect()
}

/// The client of the Finesse cluster.
pub fn finesse(config: &Config, clock: Clock) -> anyhow::Result<Rest> {
    finesse_within(config, limits(), clock)
}

/// What is asked of Finesse at most.
pub fn limits() -> Limits {
    Limits { requests_per_second: REQUESTS_PER_SECOND, ..Limits::default() }
}

/// The same within other limits.
pub fn finesse_within(config: &Config, limits: Limits, clock: Clock) -> anyhow::Result<Rest> {
    let (admin, supervisors) = finesse_accounts(config);
    let settings = rest::Settings {
        nodes: config.finesse.nodes.clone(),
        admin,
        supervisors,
        ca: config.finesse.ca.as_ref().map(|ca| ca.pem.clone()),
        limits,
    };
    Rest::new(&settings, clock).context("failed to prepare the finesse client")
}

/// The client of one node of the cluster, which alone is asked.
pub fn finesse_node(
    config: &Config,
    node: &Url,
    limits: Limits,
    clock: Clock,
) -> anyhow::Result<Rest> {
    let mut alone = config.clone();
    alone.finesse.nodes = vec![node.clone()];
    finesse_within(&alone, limits, clock)
}

/// The administrator's account and the supervisors'.
pub fn finesse_accounts(config: &Config) -> (AccountSettings, Vec<AccountSettings>) {
    let account = |account: &config::Account| AccountSettings {
        user: account.user.clone(),
        password: account.password.clone(),
    };
    let supervisors = config.finesse.supervisors.iter().map(account).collect();
    (account(&config.finesse.admin), supervisors)
}

/// A generator seeded by the system: ids and jitter are drawn from it.
pub fn random() -> anyhow::Result<StdRng> {
    StdRng::try_from_rng(&mut SysRng).context("failed to draw a seed from the system")
}

/// The key of the gadgets' tokens, kept in `state.dir`.
pub fn gadget_key(config: &Config, random: &mut StdRng) -> anyhow::Result<gadgets::Key> {
    Ok(gadgets::Key::in_dir(&config.state.dir, random)?)
}

/// The name of this installation's device in Webex, kept in `state.dir`.
pub fn own_device_name(config: &Config, random: &mut StdRng) -> anyhow::Result<String> {
    let dir = &config.state.dir;
    device_name(dir, random).with_context(|| format!("failed to use state.dir {}", dir.display()))
}

/// A name of the check's own, so that a running server keeps its connection.
pub fn check_device_name() -> anyhow::Result<String> {
    Ok(format!("lockstep-check-{:08x}", random()?.random::<u32>()))
}

/// The client of Webex, whose device is registered as `device_name`.
pub fn webex(
    config: &Config,
    clock: Clock,
    random: StdRng,
    device_name: String,
) -> anyhow::Result<Client> {
    webex_within(config, Timing::default(), clock, random, device_name)
}

/// The same with other waits and limits.
pub fn webex_within(
    config: &Config,
    timing: Timing,
    clock: Clock,
    random: StdRng,
    device_name: String,
) -> anyhow::Result<Client> {
    let dir = &config.state.dir;
    let mut token = config.webex.token.clone();
    let keeper: Arc<dyn TokenKeeper> = match &mut token {
        Token::Bot(_) => Arc::new(KeepNothing),
        Token::Integration { refresh_token, .. } => {
            let file = RefreshTokenFile::in_dir(dir, refresh_token);
            if let Some(newest) = file.kept() {
                *refresh_token = newest;
            }
            Arc::new(file)
        }
    };
    let settings = webex::Settings {
        token,
        u2c_url: config.webex.u2c_url.clone(),
        api_url: config.webex.api_url.clone(),
        trusted_domains: config.webex.trusted_domains.clone(),
        ca_pem: config.webex.ca.as_ref().map(|ca| ca.pem.clone()),
        people_per_minute: config.webex.people_per_minute,
        device_name,
        reconcile_every: config.sync.reconcile_every,
        timing,
    };
    Client::new(settings, clock, random, keeper).context("failed to prepare the webex client")
}
