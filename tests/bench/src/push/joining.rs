//! What a connection costs: time on a processor until it is up, and memory for as long as it is.

use std::time::Duration;

use anyhow::Context as _;
use tokio::time::{Instant, sleep};

use super::crowd::Crowd;
use super::subject::{Programs, Subject};
use crate::process;
use crate::sides::Side;
use crate::site::Site;

/// Pings come every 10 s: after this each connection has carried one each way.
const SETTLES: Duration = Duration::from_secs(12);

/// The program with so many gadgets connected.
#[derive(Debug, Clone, Copy)]
pub(super) struct Joined {
    pub(super) gadgets: usize,
    /// How long the last of them took to connect, all together.
    pub(super) took: Duration,
    /// The program's time on a processor for all of them, less what it takes at rest.
    pub(super) cpu: Duration,
    /// Its share of a processor at rest, with as many connected: polls of Finesse, pings.
    pub(super) at_rest: f64,
    /// KiB resident, settled; before the first, with nobody connected.
    pub(super) resident: u64,
}

/// Connects gadgets up to each of `sizes` in turn; the first row is before all of them.
pub(super) async fn measure(
    programs: Programs<'_>,
    who: Side,
    sizes: [usize; 2],
    teams: u32,
) -> anyhow::Result<Vec<Joined>> {
    let most = sizes.into_iter().max().unwrap_or(0);
    let site = Site::start(most, teams).await?;
    let subject = Subject::start(&site, programs, who).await?;
    let pid = subject.program.pid();
    let mut crowd = Crowd::default();
    let mut cpu = Duration::ZERO;
    let mut at_rest = rest(pid).await?;
    let resident = process::memory(pid)?.now;
    let mut rows = vec![Joined { gadgets: 0, took: Duration::ZERO, cpu, at_rest, resident }];
    for size in sizes {
        let (began, before) = (Instant::now(), process::cpu(pid)?.total());
        let tokens = subject.tokens.get(crowd.len()..size).context("sizes do not grow")?;
        crowd.join(subject.address, tokens).await.context("failed to connect the gadgets")?;
        let took = began.elapsed();
        let all = process::cpu(pid)?.total().saturating_sub(before);
        cpu += all.saturating_sub(took.mul_f64(at_rest));
        at_rest = rest(pid).await?;
        anyhow::ensure!(crowd.over() == 0, "{} of {size} connections ended", crowd.over());
        let resident = process::memory(pid)?.now;
        rows.push(Joined { gadgets: size, took, cpu, at_rest, resident });
    }
    drop(crowd);
    subject.program.stop().await?;
    site.end().await;
    Ok(rows)
}

/// Lets it settle; its share of a processor meanwhile.
async fn rest(pid: u32) -> anyhow::Result<f64> {
    let (began, before) = (Instant::now(), process::cpu(pid)?.total());
    sleep(SETTLES).await;
    let cpu = process::cpu(pid)?.total().saturating_sub(before);
    Ok(cpu.as_secs_f64() / began.elapsed().as_secs_f64())
}
