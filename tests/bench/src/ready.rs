//! How long an agent waits for the panel: a real gadget in a real browser that has never seen it.

mod look;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;

use crate::child::Program;
use crate::metrics::Metrics;
use crate::numbers::Spread;
use crate::out::{say, table};
use crate::ready::look::Steps;
use crate::sides::Judge;
use crate::site::{Mode, Site};

/// Promised from the frame's navigation to a live face, cold, on loopback.
const READY_WITHIN: Duration = Duration::from_millis(400);
/// How long a start of the program may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// Where the empty gadget is put on the node.
const EMPTY_URL: &str = "/3rdpartygadget/files/empty/empty.xml";
/// The same frame and the same libraries as ours, and nothing of ours.
const EMPTY: &str = include_str!("ready/empty.xml");

/// What is measured.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The release build of `lockstep`, with its gadget.
    pub lockstep: PathBuf,
    /// Browsers of each side.
    pub runs: usize,
}

/// Loads both in turns, prints a table, and fails when the panel comes too late.
pub async fn run(plan: &Plan) -> anyhow::Result<()> {
    let site = Site::start(1, 1).await?;
    anyhow::ensure!(site.finesse.upload("empty/empty.xml", EMPTY), "the empty gadget is not taken");
    let (program, address) = start(&site, &plan.lockstep).await?;
    let gadget = format!("http://{address}/gadget/lockstep.xml");
    let (mut floors, mut ours) = (Vec::new(), Vec::new());
    // One of each that does not count: the machine's own caches are filled.
    for run in 0..=plan.runs {
        let (floor, own) = (once(&site, EMPTY_URL).await?, once(&site, &gadget).await?);
        if run > 0 {
            floors.push(floor);
            ours.push(own);
        }
    }
    program.stop().await?;
    let violations = site.finesse.violations();
    anyhow::ensure!(violations.is_empty(), "finesse was asked what it must not: {violations:?}");
    site.end().await;
    tell(&floors, &ours)
}

async fn start(site: &Site, lockstep: &Path) -> anyhow::Result<(Program, SocketAddr)> {
    // A port of the moment: nothing else here asks for a particular one.
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
    let address = free.local_addr().context("a port has a number")?;
    drop(free);
    let mut program = site.start_lockstep(lockstep, Mode::Desk(address))?;
    let metrics = Metrics::of(&mut program).await?;
    metrics.ready(&program, 1, PATIENCE).await?;
    Ok((program, address))
}

/// One desktop in a browser with a fresh profile, with this gadget alone.
async fn once(site: &Site, gadget: &str) -> anyhow::Result<Steps> {
    let layout = format!(
        "<finesseLayout xmlns=\"http://www.cisco.com/vtg/finesse\"><layout><role>Agent</role>\
         <page><gadget>{gadget}</gadget></page><tabs><tab><id>home</id>\
         <label>finesse.container.tabs.agent.homeLabel</label></tab></tabs></layout></finesseLayout>"
    );
    site.finesse.set_layout(&layout).map_err(|error| anyhow::anyhow!("{error}"))?;
    let agent = site.agents().into_iter().next().context("there is an agent")?;
    let user = site.finesse.user(&agent.id).context("the agent is a user")?;
    look::load(&site.finesse.desktop_url(), &user.login_id, &user.extension).await
}

fn tell(floors: &[Steps], ours: &[Steps]) -> anyhow::Result<()> {
    say(&format!(
        "Gadget's frame navigated → panel live with its grant, {} browsers with fresh profiles",
        ours.len()
    ));
    let spread = |loads: &[Steps], step: fn(&Steps) -> Duration| Spread::of(loads.iter().map(step));
    let row = |name: &str, spread: Spread| vec![name.to_owned(), spread.to_string()];
    let (floor, whole) = (spread(floors, |steps| steps.ready), spread(ours, |steps| steps.ready));
    let rows = [
        row("floor: an empty gadget shows its word", floor),
        row("the desktop's libraries are there", spread(ours, |steps| steps.libraries)),
        row("the loader is there", spread(ours, |steps| steps.loader)),
        row("the module is there", spread(ours, |steps| steps.module)),
        row("the session is granted", spread(ours, |steps| steps.session)),
        row("the panel is live with its grant", whole),
    ];
    table(&["ms since the frame's navigation", "median (range)"], &rows);
    say("");
    let ratio = whole.median.as_secs_f64() / floor.median.as_secs_f64().max(f64::EPSILON);
    let more = whole.median.saturating_sub(floor.median).as_secs_f64() * 1e3;
    say(&format!("{ratio:.1} × an empty gadget, {more:.0} ms more"));
    let mut judge = Judge::default();
    let millis = |span: Duration| span.as_secs_f64() * 1e3;
    judge.at_most("ready", millis(whole.median), millis(READY_WITHIN), "ms", "promised");
    judge.end()
}
