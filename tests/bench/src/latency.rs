//! Mercury frame in → PUT on the wire: the binary against the floor, in turns.

mod matching;
mod subject;
mod told;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use finesse_sim::Endpoint;
use tokio::time::Instant;

use self::matching::{Matched, matched};
use self::subject::Subject;
use crate::against::{Comparison, Figures};
use crate::load::{self, Load, Sent, Turns};
use crate::numbers::{Sample, ms};
use crate::out::say;
use crate::process::{self, Memory};
use crate::sides::Side;
use crate::site::{Agent, Site};

/// Not measured: connections are made and caches filled.
const WARM_UP: Duration = Duration::from_secs(2);
/// How long the last changes may take to arrive.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is measured.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The release build of `lockstep`.
    pub lockstep: PathBuf,
    /// The release build of the floor.
    pub relay: PathBuf,
    /// Runs of each.
    pub runs: usize,
    /// Agents, spread over the teams.
    pub agents: usize,
    /// Teams.
    pub teams: u32,
    /// How fast, how long.
    pub load: Load,
}

/// One run.
#[derive(Debug)]
struct Run {
    matched: Matched,
    late: Sample,
    cpu: Duration,
    memory: Memory,
    /// The driver's share of one processor.
    driver: f64,
    /// Looks that the binary asked for, by what they are good for.
    looks: BTreeMap<String, u64>,
    /// Requests that carried them out, and polls.
    single_looks: usize,
    team_readings: usize,
}

/// Measures in turns and prints tables; fails when what must hold does not.
pub async fn run(plan: &Plan) -> anyhow::Result<()> {
    let (mut floors, mut ours) = (Vec::new(), Vec::new());
    for number in 1..=plan.runs {
        let floor = once(plan, Side::Floor).await.context("the floor")?;
        let our = once(plan, Side::Ours).await.context("lockstep")?;
        let both = |run: &Run| {
            let all = run.matched.all();
            format!("p50 {} p99 {} ms", ms(all.percentile(50)), ms(all.percentile(99)))
        };
        say(&format!("run {number}: floor {}, lockstep {}", both(&floor), both(&our)));
        floors.push(floor);
        ours.push(our);
    }
    told::tell(plan, &floors, &ours)
}

/// Measures another build and this one in turns, and what is more of this one.
pub async fn against(plan: &Plan, before: PathBuf) -> anyhow::Result<()> {
    let older = Plan { lockstep: before, ..plan.clone() };
    let mut comparison = Comparison::default();
    for _ in 0..plan.runs {
        let before = once(&older, Side::Ours).await.context("the build before")?;
        let now = once(plan, Side::Ours).await.context("lockstep")?;
        let [before, now] = [before, now].map(|run| Figures::new(&run.matched.all(), run.cpu));
        comparison.push(before, now);
    }
    comparison.end("Mercury frame due → PUT arrived")
}

async fn once(plan: &Plan, who: Side) -> anyhow::Result<Run> {
    let site = Site::start(plan.agents, plan.teams).await?;
    let mut subject = Subject::start(&site, plan, who).await?;
    let agents = site.agents();
    let mut turns = Turns::new(agents.len());
    let warm_up = Load { lasts: WARM_UP, ..plan.load };
    let warm = load::send(&site.webex, &agents, &mut turns, warm_up)?;
    written(&site, &mut subject, &warm).await?;
    site.finesse.clear_log();
    let run = measure(plan, &site, &mut subject, &agents, &mut turns).await?;
    subject.program.stop().await?;
    site.end().await;
    Ok(run)
}

async fn measure(
    plan: &Plan,
    site: &Site,
    subject: &mut Subject,
    agents: &[Agent],
    turns: &mut Turns,
) -> anyhow::Result<Run> {
    let (pid, own) = (subject.program.pid(), std::process::id());
    let looks = subject.looks().await?;
    let (began, cpu, driver) =
        (Instant::now(), process::cpu(pid)?.total(), process::cpu(own)?.total());
    let sent = load::send(&site.webex, agents, turns, plan.load)?;
    let cpu = process::cpu(pid)?.total().saturating_sub(cpu);
    let driver = process::cpu(own)?.total().saturating_sub(driver);
    let driver = driver.as_secs_f64() / began.elapsed().as_secs_f64();
    written(site, subject, &sent).await?;
    let log = site.finesse.log();
    let asked = |of| log.iter().filter(|one| one.method == "GET" && one.endpoint == of).count();
    let violations = site.finesse.violations();
    anyhow::ensure!(violations.is_empty(), "finesse was asked what it must not: {violations:?}");
    let mut looks_now = subject.looks().await?;
    for (why, count) in &mut looks_now {
        *count -= looks.get(why).unwrap_or(&0);
    }
    Ok(Run {
        matched: matched(agents, &sent.events, &log),
        late: Sample::new(sent.late),
        cpu: cpu / u32::try_from(sent.events.len())?,
        memory: process::memory(pid)?,
        driver,
        looks: looks_now,
        single_looks: asked(Endpoint::User),
        team_readings: asked(Endpoint::Team),
    })
}

/// Waits until as many writes have arrived as were implied.
async fn written(site: &Site, subject: &mut Subject, sent: &Sent) -> anyhow::Result<()> {
    let implied = u64::try_from(sent.events.len())?;
    let arrived = || site.finesse.counters().writes.values().sum::<u64>();
    let all = || (arrived() >= implied).then_some(());
    subject.program.until("every change is written", PATIENCE, all).await
}
