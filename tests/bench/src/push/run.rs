//! One run: gadgets connected, presence changed at fixed moments, and what came of it.

use std::time::Duration;

use anyhow::Context as _;
use tokio::time::Instant;

use super::crowd::Crowd;
use super::matching::{Matched, matched};
use super::subject::{Programs, Subject};
use crate::load::{self, Load, Sent, Turns};
use crate::numbers::Sample;
use crate::process::{self, Cpu};
use crate::sides::Side;
use crate::site::{Agent, Site};

/// Not measured: caches fill and buffers grow.
const WARM_UP: Duration = Duration::from_secs(2);
/// How long the last changes may take to arrive.
const PATIENCE: Duration = Duration::from_secs(20);

/// One run of one side.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) matched: Matched,
    pub(super) late: Sample,
    /// Of the program, from the first event until the last was told.
    pub(super) cpu: Cpu,
    /// KiB resident at most.
    pub(super) resident: u64,
    /// The driver's share of one processor.
    pub(super) driver: f64,
    /// Connections that ended.
    pub(super) over: usize,
}

/// How many, how fast.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Agents, each with a gadget.
    pub gadgets: usize,
    /// Teams that they are spread over.
    pub teams: u32,
    /// Changes of presence.
    pub load: Load,
}

pub(super) async fn once(programs: Programs<'_>, shape: Shape, who: Side) -> anyhow::Result<Run> {
    let site = Site::start(shape.gadgets, shape.teams).await?;
    let subject = Subject::start(&site, programs, who).await?;
    let mut crowd = Crowd::default();
    crowd.join(subject.address, &subject.tokens).await.context("failed to connect the gadgets")?;
    let agents = site.agents();
    let mut turns = Turns::new(agents.len());
    let lasts = Load { lasts: WARM_UP, ..shape.load };
    told(&site, &crowd, &agents, &mut turns, lasts).await?;
    crowd.take();
    let run = measure(shape, &site, &subject, &crowd, &mut turns).await?;
    drop(crowd);
    subject.program.stop().await?;
    let violations = site.finesse.violations();
    anyhow::ensure!(violations.is_empty(), "finesse was asked what it must not: {violations:?}");
    site.end().await;
    Ok(run)
}

async fn measure(
    shape: Shape,
    site: &Site,
    subject: &Subject,
    crowd: &Crowd,
    turns: &mut Turns,
) -> anyhow::Result<Run> {
    let (pid, own) = (subject.program.pid(), std::process::id());
    let agents = site.agents();
    let before = crowd.lasts();
    let (began, cpu, driver) = (Instant::now(), process::cpu(pid)?, process::cpu(own)?.total());
    let sent = told(site, crowd, &agents, turns, shape.load).await?;
    let cpu = process::cpu(pid)?.since(cpu);
    let driver = process::cpu(own)?.total().saturating_sub(driver);
    let driver = driver.as_secs_f64() / began.elapsed().as_secs_f64();
    Ok(Run {
        matched: matched(&before, &sent.events, &crowd.take()),
        late: Sample::new(sent.late),
        cpu,
        resident: process::memory(pid)?.peak,
        driver,
        over: crowd.over(),
    })
}

/// Sends, and waits until every gadget was told its agent's last; what is lost is told later.
async fn told(
    site: &Site,
    crowd: &Crowd,
    agents: &[Agent],
    turns: &mut Turns,
    load: Load,
) -> anyhow::Result<Sent> {
    let mut lasts = crowd.lasts();
    let sent = load::send(&site.webex, agents, turns, load)?;
    for event in &sent.events {
        lasts[event.agent] += 1;
    }
    crowd.until_heard(&lasts, PATIENCE).await;
    Ok(sent)
}
