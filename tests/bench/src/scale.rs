//! A start with very many agents, under limits on the rate: how long until everybody is watched,
//! what it asked for, and how much memory it takes.

use std::path::PathBuf;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use webex_sim::Fault;

use crate::metrics::Metrics;
use crate::numbers::mib;
use crate::out::{say, table};
use crate::process::{self, Memory};
use crate::site::{Mode, Site};

/// What is promised of a start.
const LIVE_WITHIN: Duration = Duration::from_mins(1);
/// So many people fit into a subscription (Webex notes 4.5).
const BATCH: usize = 50;
/// What is promised of the memory, in KiB.
const MEMORY: u64 = 80 * 1024;
/// How long the measurement waits at most.
const PATIENCE: Duration = Duration::from_mins(3);
/// Polls after everybody is watched before the memory is read: each team was read by then.
const SETTLES: Duration = Duration::from_secs(10);
/// Subscription requests per minute that the simulated Webex lets through.
const SUBSCRIPTIONS: u32 = 240;

/// What is measured.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The release build of `lockstep`.
    pub lockstep: PathBuf,
    /// Agents, spread over the teams.
    pub agents: usize,
    /// Teams.
    pub teams: u32,
}

/// One start.
#[derive(Debug)]
struct Start {
    name: &'static str,
    live: Duration,
    subscriptions: u64,
    lookups: u64,
    /// Requests refused for their rate.
    refused: u64,
    cpu: Duration,
    memory: Memory,
}

/// Starts, and starts again, and prints a table; fails when what must hold does not.
pub async fn run(plan: &Plan) -> anyhow::Result<()> {
    let site = Site::start(plan.agents, plan.teams).await?;
    // A first start asks for everybody by address; 200 a second is what one minute needs. A start
    // that knows everybody needs hardly any.
    let lookups = u32::try_from(plan.agents)?.saturating_mul(6) / 5;
    let first = start("the first start", plan, &site, lookups).await?;
    let again = start("a start that knows everybody", plan, &site, 300).await?;
    let violations = [site.webex.violations(), site.finesse.violations()].concat();
    site.end().await;
    anyhow::ensure!(
        violations.is_empty(),
        "a simulator was asked what it must not: {violations:?}"
    );
    tell(plan, &[first, again])
}

async fn start(
    name: &'static str,
    plan: &Plan,
    site: &Site,
    lookups_per_minute: u32,
) -> anyhow::Result<Start> {
    site.webex.clear_faults();
    for (endpoint, per_minute) in
        [("apheleia.subscribe", SUBSCRIPTIONS), ("hydra.people", lookups_per_minute)]
    {
        let endpoint = Some(endpoint.to_owned());
        site.webex.inject(Fault::RateLimit { endpoint, per_minute, retry_after: None })?;
    }
    let before = site.webex.counters();
    let mut program = site.start_lockstep(&plan.lockstep, Mode::Server)?;
    let began = Instant::now();
    let everybody = || (site.webex.subscriptions() >= plan.agents).then_some(());
    program.until("everybody is watched", PATIENCE, everybody).await?;
    let metrics = Metrics::of(&mut program).await?;
    metrics.ready(&program, plan.agents, PATIENCE).await?;
    let live = began.elapsed();
    sleep(SETTLES).await;
    let (memory, cpu) = (process::memory(program.pid())?, process::cpu(program.pid())?.total());
    program.stop().await?;
    let after = site.webex.counters();
    let asked = |endpoint: &str| {
        let of = |counters: &webex_sim::Counters| counters.requests.get(endpoint).copied();
        of(&after).unwrap_or(0) - of(&before).unwrap_or(0)
    };
    let refused = |counters: &webex_sim::Counters| counters.faults_met.get("rate_limit").copied();
    Ok(Start {
        name,
        live,
        subscriptions: asked("apheleia.subscribe"),
        lookups: asked("hydra.people"),
        refused: refused(&after).unwrap_or(0) - refused(&before).unwrap_or(0),
        cpu,
        memory,
    })
}

fn tell(plan: &Plan, starts: &[Start]) -> anyhow::Result<()> {
    let Plan { agents, teams, .. } = plan;
    say(&format!(
        "\nStarts with {agents} agents in {teams} teams; Webex lets {SUBSCRIPTIONS} subscription requests a minute through"
    ));
    let row = |start: &Start| {
        vec![
            start.name.to_owned(),
            format!("{:.1}", start.live.as_secs_f64()),
            start.subscriptions.to_string(),
            start.lookups.to_string(),
            start.refused.to_string(),
            mib(start.memory.now),
            mib(start.memory.peak),
            format!("{:.1}", start.cpu.as_secs_f64()),
        ]
    };
    let heading = [
        "",
        "live, s",
        "subscription requests",
        "look-ups",
        "refused with 429",
        "resident, MiB",
        "at most, MiB",
        "CPU, s",
    ];
    table(&heading, &starts.iter().map(row).collect::<Vec<_>>());
    let mut broken = Vec::new();
    let most = agents.div_ceil(BATCH) as u64;
    for start in starts {
        let Start { name, live, subscriptions, refused, memory, .. } = start;
        if *live > LIVE_WITHIN {
            broken.push(format!("{name} took {:.1} s", live.as_secs_f64()));
        }
        if *subscriptions > most {
            broken.push(format!("{name} made {subscriptions} subscription requests, not {most}"));
        }
        if *refused > 0 {
            broken.push(format!("{name} ran into the limits {refused} times"));
        }
        if memory.peak > MEMORY {
            broken.push(format!("{name} took {} MiB", mib(memory.peak)));
        }
    }
    anyhow::ensure!(broken.is_empty(), "not as promised: {}", broken.join("; "));
    Ok(())
}
