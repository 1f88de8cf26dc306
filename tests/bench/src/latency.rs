//! Mercury frame in → PUT on the wire: the binary against the floor, in turns.

mod matching;
mod subject;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;

use self::matching::{Matched, matched};
use self::subject::Subject;
use crate::load::{self, Load, Turns};
use crate::numbers::{Sample, Spread, ms};
use crate::out::{say, table};
use crate::process;
use crate::site::Site;

/// Not measured: connections are made and caches filled.
const WARM_UP: Duration = Duration::from_secs(2);
/// How long the last changes may take to arrive.
const PATIENCE: Duration = Duration::from_secs(20);
/// A driver that needs more of a processor than this is measured itself.
const DRIVER_MAY: f64 = 0.7;

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

/// Who is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Floor,
    Ours,
}

/// One run.
#[derive(Debug)]
struct Run {
    all: Sample,
    taken: Sample,
    released: Sample,
    late: Sample,
    matched: Matched,
    cpu_per_event: Duration,
    memory: process::Memory,
    driver: f64,
    looks: Looks,
}

/// What else was asked of Finesse while the load lasted.
#[derive(Debug, Clone, Copy, Default)]
struct Looks {
    single: usize,
    teams: usize,
}

/// Measures in turns and prints tables; fails when a law of the measurement does not hold.
pub async fn run(plan: &Plan) -> anyhow::Result<()> {
    let (mut floor, mut ours) = (Vec::new(), Vec::new());
    for number in 1..=plan.runs {
        floor.push(once(plan, Who::Floor).await.context("the floor")?);
        ours.push(once(plan, Who::Ours).await.context("lockstep")?);
        let (floor, ours) = (&floor[number - 1].all, &ours[number - 1].all);
        say(&format!(
            "run {number}: floor p50 {} p99 {} ms; lockstep p50 {} p99 {} ms",
            ms(floor.percentile(50)),
            ms(floor.percentile(99)),
            ms(ours.percentile(50)),
            ms(ours.percentile(99)),
        ));
    }
    tell(plan, &floor, &ours)
}

async fn once(plan: &Plan, who: Who) -> anyhow::Result<Run> {
    let site = Site::start(plan.agents, plan.teams).await?;
    let program = match who {
        Who::Floor => &plan.relay,
        Who::Ours => &plan.lockstep,
    };
    let run = measure(plan, &site, who, program).await;
    site.end().await;
    run
}

async fn measure(plan: &Plan, site: &Site, who: Who, program: &Path) -> anyhow::Result<Run> {
    let mut subject = Subject::start(site, who == Who::Floor, program).await?;
    let agents = site.agents();
    let mut turns = Turns::new(agents.len());
    let warm_up = Load { lasts: WARM_UP, ..plan.load };
    let warm = load::send(&site.webex, &agents, &mut turns, warm_up).await?;
    let arrived = |site: &Site| site.finesse.counters().writes.values().sum::<u64>();
    let expected = u64::try_from(warm.events.len())?;
    subject
        .program
        .until("every change of the warm-up is written", PATIENCE, || {
            (arrived(site) >= expected).then_some(())
        })
        .await?;

    site.finesse.clear_log();
    let (pid, own) = (subject.program.pid(), std::process::id());
    let before = (process::cpu(pid)?, process::cpu(own)?, tokio::time::Instant::now());
    let sent = load::send(&site.webex, &agents, &mut turns, plan.load).await?;
    let after = (process::cpu(pid)?, process::cpu(own)?);
    let lasted = before.2.elapsed();
    let expected = u64::try_from(sent.events.len())?;
    subject
        .program
        .until("every change is written", PATIENCE, || (arrived(site) >= expected).then_some(()))
        .await?;
    let memory = process::memory(pid)?;
    let log = site.finesse.log();
    let violations = site.finesse.violations();
    anyhow::ensure!(
        violations.is_empty(),
        "finesse-sim was asked what it must not: {violations:?}"
    );
    let matched = matched(&agents, &sent.events, &log);
    let endpoint = |wanted| {
        log.iter().filter(|record| record.method == "GET" && record.endpoint == wanted).count()
    };
    let looks = Looks {
        single: endpoint(finesse_sim::Endpoint::User),
        teams: endpoint(finesse_sim::Endpoint::Team),
    };
    subject.program.stop().await?;
    let of = |busy: Option<bool>| {
        Sample::new(
            matched
                .took
                .iter()
                .filter(|(of, _)| busy.is_none_or(|busy| busy == *of))
                .map(|(_, took)| *took)
                .collect(),
        )
    };
    Ok(Run {
        all: of(None),
        taken: of(Some(true)),
        released: of(Some(false)),
        late: Sample::new(sent.late),
        cpu_per_event: (after.0 - before.0) / u32::try_from(sent.events.len())?,
        memory,
        driver: (after.1 - before.1).as_secs_f64() / lasted.as_secs_f64(),
        matched,
        looks,
    })
}

fn tell(plan: &Plan, floor: &[Run], ours: &[Run]) -> anyhow::Result<()> {
    let spread = |runs: &[Run], of: &dyn Fn(&Run) -> Duration| Spread::of(runs.iter().map(of));
    let row = |name: &str, runs: &[Run], of: &dyn Fn(&Run) -> &Sample| {
        let at = |percent: usize| spread(runs, &|run| of(run).percentile(percent)).to_string();
        vec![
            name.to_owned(),
            at(50),
            at(90),
            at(99),
            spread(runs, &|run| of(run).max()).to_string(),
        ]
    };
    say(&format!(
        "\nMercury frame due → PUT arrived, {} agents in {} teams, {} events/s for {} s, {} runs of each in turns: median (range) over the runs, ms",
        plan.agents,
        plan.teams,
        plan.load.rate,
        plan.load.lasts.as_secs(),
        plan.runs
    ));
    table(
        &["", "p50", "p90", "p99", "max"],
        &[
            row("floor: bare relay", floor, &|run| &run.all),
            row("lockstep", ours, &|run| &run.all),
            row("  of these NOT_READY", ours, &|run| &run.taken),
            row("  of these READY (a look first)", ours, &|run| &run.released),
            row("driver late, floor", floor, &|run| &run.late),
            row("driver late, lockstep", ours, &|run| &run.late),
        ],
    );
    let cost = |name: &str, runs: &[Run]| {
        vec![
            name.to_owned(),
            spread(runs, &|run| run.cpu_per_event).to_string(),
            format!(
                "{:.1}",
                runs.iter().map(|run| run.memory.now).max().unwrap_or(0) as f64 / 1024.0
            ),
            format!("{:.0} %", 100.0 * runs.iter().map(|run| run.driver).fold(0.0, f64::max)),
            runs.iter().map(|run| run.matched.events).sum::<usize>().to_string(),
            runs.iter().map(|run| run.matched.writes).sum::<usize>().to_string(),
            runs.iter().map(|run| run.looks.single).sum::<usize>().to_string(),
            runs.iter().map(|run| run.looks.teams).sum::<usize>().to_string(),
        ]
    };
    say("");
    table(
        &[
            "",
            "CPU per event, ms",
            "RSS, MiB",
            "driver's CPU",
            "events",
            "writes",
            "single looks",
            "team reads",
        ],
        &[cost("floor: bare relay", floor), cost("lockstep", ours)],
    );
    say("");
    verdict(floor, ours)
}

fn verdict(floor: &[Run], ours: &[Run]) -> anyhow::Result<()> {
    let mut failures = Vec::new();
    for (percent, factor) in [(50, 1.5), (99, 2.0)] {
        let of =
            |runs: &[Run]| Spread::of(runs.iter().map(|run| run.all.percentile(percent))).median;
        let (floor, ours) = (of(floor), of(ours));
        let strict = floor.mul_f64(factor) + Duration::from_millis(1);
        let loose = (floor + Duration::from_millis(1)).mul_f64(factor);
        let met = if ours <= strict {
            "met"
        } else if ours <= loose {
            "met only as the looser reading"
        } else {
            "NOT met"
        };
        say(&format!(
            "p{percent}: {} ms; {factor} × floor + 1 ms = {}, {factor} × (floor + 1 ms) = {}: {met}",
            ms(ours),
            ms(strict),
            ms(loose)
        ));
        if ours > loose {
            failures.push(format!("p{percent}"));
        }
    }
    for run in ours {
        let Matched { events, writes, missing, surplus, .. } = run.matched;
        if missing > 0 || surplus > 0 {
            failures.push(format!(
                "{events} changes, {writes} writes: {missing} missing, {surplus} too many"
            ));
        }
    }
    for run in floor.iter().chain(ours) {
        if run.driver > DRIVER_MAY {
            failures.push(format!("the driver needed {:.0} % of a processor", run.driver * 100.0));
        }
    }
    anyhow::ensure!(failures.is_empty(), "not as promised: {}", failures.join("; "));
    Ok(())
}
