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
    /// The program's time on a processor for all of them.
    pub(super) cpu: Duration,
    /// KiB resident, settled; before the first, with nobody connected.
    pub(super) resident: u64,
}

/// Connects gadgets up to each of `sizes` in turn; the first row is before all of them.
pub(super) async fn measure(
    programs: Programs<'_>,
    side: Side,
    sizes: [usize; 2],
    teams: u32,
) -> anyhow::Result<Vec<Joined>> {
    let most = sizes.into_iter().max().unwrap_or(0);
    let site = Site::start(most, teams).await?;
    let subject = Subject::start(&site, programs, side).await?;
    let pid = subject.program.pid();
    sleep(SETTLES).await;
    let resident = process::memory(pid)?.now;
    let mut rows = vec![Joined { gadgets: 0, took: Duration::ZERO, cpu: Duration::ZERO, resident }];
    let mut crowd = Crowd::default();
    let mut cpu = Duration::ZERO;
    for size in sizes {
        let (began, before) = (Instant::now(), process::cpu(pid)?.total());
        let tokens = subject.tokens.get(crowd.len()..size).context("sizes do not grow")?;
        crowd.join(subject.address, tokens).await.context("failed to connect the gadgets")?;
        let took = began.elapsed();
        cpu += process::cpu(pid)?.total().saturating_sub(before);
        sleep(SETTLES).await;
        anyhow::ensure!(crowd.over() == 0, "{} of {size} connections ended", crowd.over());
        rows.push(Joined { gadgets: size, took, cpu, resident: process::memory(pid)?.now });
    }
    drop(crowd);
    subject.program.stop().await?;
    site.end().await;
    Ok(rows)
}
