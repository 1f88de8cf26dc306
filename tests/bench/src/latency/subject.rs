//! The program under measurement, started and ready.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::time::Duration;

use anyhow::Context as _;

use super::Plan;
use crate::child::Program;
use crate::metrics::Metrics;
use crate::sides::Side;
use crate::site::{Mode, Site};

/// How long a start may take.
const PATIENCE: Duration = Duration::from_mins(1);

#[derive(Debug)]
pub(super) struct Subject {
    pub(super) program: Program,
    metrics: Option<Metrics>,
}

impl Subject {
    /// Starts the program and waits until it watches everybody.
    pub(super) async fn start(site: &Site, plan: &Plan, who: Side) -> anyhow::Result<Self> {
        let mut program = match who {
            Side::Floor => start_relay(site, plan)?,
            Side::Ours => site.start_lockstep(&plan.lockstep, Mode::Server)?,
        };
        let everybody = plan.agents;
        let subscribed = || (site.webex.subscriptions() >= everybody).then_some(());
        program.until("everybody is subscribed in webex", PATIENCE, subscribed).await?;
        let metrics = match who {
            Side::Floor => None,
            Side::Ours => Some(Metrics::of(&mut program).await?),
        };
        Ok(Self { program, metrics })
    }

    /// Looks so far, by what they are good for; none of the floor's.
    pub(super) async fn looks(&self) -> anyhow::Result<BTreeMap<String, u64>> {
        match &self.metrics {
            Some(metrics) => metrics.by("lockstep_looks_total", "for").await,
            None => Ok(BTreeMap::new()),
        }
    }
}

fn start_relay(site: &Site, plan: &Plan) -> anyhow::Result<Program> {
    site.configure_relay()?;
    let (webex, token) = (site.webex.base_url(), site.webex.token());
    let finesse = site.finesse.addr().to_string();
    let arguments =
        ["--webex", &webex, "--token", &token, "--finesse", &finesse, "--people", "people"];
    Program::start("relay", &plan.relay, &arguments.map(OsStr::new), site.folder.path())
        .context("the floor")
}
