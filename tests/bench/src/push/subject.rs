//! The program under measurement, started and ready for its gadgets.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;

use super::sessions;
use crate::child::Program;
use crate::metrics::Metrics;
use crate::placement::Seat;
use crate::sides::Side;
use crate::site::{Mode, Site};

/// How long a start may take.
const PATIENCE: Duration = Duration::from_mins(2);

/// Where the programs are, and where they run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Programs<'a> {
    pub(super) lockstep: &'a Path,
    pub(super) relay: &'a Path,
    pub(super) seat: Seat,
}

#[derive(Debug)]
pub(super) struct Subject {
    pub(super) program: Program,
    pub(super) address: SocketAddr,
    /// What each agent's gadget opens its connection with.
    pub(super) tokens: Vec<String>,
}

impl Subject {
    /// Starts the program, and waits until it watches everybody and every desktop has its session.
    pub(super) async fn start(
        site: &Site,
        programs: Programs<'_>,
        who: Side,
    ) -> anyhow::Result<Self> {
        match who {
            Side::Floor => floor(site, programs).await,
            Side::Ours => ours(site, programs).await,
        }
    }
}

async fn floor(site: &Site, programs: Programs<'_>) -> anyhow::Result<Subject> {
    site.configure_relay()?;
    let (webex, token) = (site.webex.base_url(), site.webex.token());
    let arguments = ["--webex", &webex, "--token", &token, "--people", "people"];
    let arguments = arguments.map(OsStr::new);
    let start = || Program::start("push-relay", programs.relay, &arguments, site.folder.path());
    let mut program = programs.seat.start(start)?;
    let agents = site.agents();
    let subscribed = || (site.webex.subscriptions() >= agents.len()).then_some(());
    program.until("everybody is subscribed in webex", PATIENCE, subscribed).await?;
    let log = program.log_file().read();
    let address = log.lines().find_map(|line| line.strip_prefix("listens on "));
    let address = address.context("the relay does not say where it listens")?.parse()?;
    Ok(Subject { program, address, tokens: agents.into_iter().map(|agent| agent.id).collect() })
}

async fn ours(site: &Site, programs: Programs<'_>) -> anyhow::Result<Subject> {
    let mut program =
        programs.seat.start(|| site.start_lockstep(programs.lockstep, Mode::Gadget))?;
    let agents = site.agents();
    let metrics = Metrics::of(&mut program).await?;
    metrics.ready(&program, agents.len(), PATIENCE).await?;
    let address = metrics.address().parse()?;
    let tokens = sessions::open(address, &agents).await?;
    Ok(Subject { program, address, tokens })
}
