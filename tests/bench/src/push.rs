//! Mercury frame in → Socket.IO frame out, to gadgets: the binary against the floor, in turns; and
//! what a connected gadget costs.

mod client;
mod crowd;
mod joining;
mod matching;
mod run;
mod sessions;
mod subject;
mod told;

use std::path::{Path, PathBuf};

use anyhow::Context as _;

pub use self::run::Shape;
use self::run::{Run, once};
use self::subject::Programs;
use crate::against::{Comparison, Figures};
use crate::descriptors;
use crate::numbers::us;
use crate::out::say;
use crate::placement::Seat;
use crate::sides::{Judge, Side};

/// What is measured.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The release build of `lockstep`.
    pub lockstep: PathBuf,
    /// The release build of the floor.
    pub relay: PathBuf,
    /// Where both run.
    pub seat: Seat,
    /// Runs of each.
    pub runs: usize,
    /// For latency.
    pub calm: Option<Shape>,
    /// For the cost of a message.
    pub busy: Option<Shape>,
    /// Gadgets connected, then as many in all; in so many teams.
    pub joins: Option<([usize; 2], u32)>,
}

/// Measures in turns and prints tables; fails when what must hold does not.
pub async fn run(plan: &Plan) -> anyhow::Result<()> {
    descriptors::raise()?;
    let programs = Programs { lockstep: &plan.lockstep, relay: &plan.relay, seat: plan.seat };
    let mut judge = Judge::default();
    if let Some(shape) = plan.calm {
        let (floors, ours) = in_turns(programs, plan.runs, shape).await?;
        told::calm(shape, plan.seat, &floors, &ours, &mut judge);
    }
    if let Some(shape) = plan.busy {
        let (floors, ours) = in_turns(programs, plan.runs, shape).await?;
        told::busy(shape, plan.seat, &floors, &ours, &mut judge);
    }
    if let Some((sizes, teams)) = plan.joins {
        let floor =
            joining::measure(programs, Side::Floor, sizes, teams).await.context("the floor")?;
        let ours =
            joining::measure(programs, Side::Ours, sizes, teams).await.context("lockstep")?;
        told::joins(&floor, &ours, &mut judge);
    }
    judge.end()
}

/// Measures another build and this one in turns, and what is more of this one.
pub async fn against(plan: &Plan, before: &Path) -> anyhow::Result<()> {
    descriptors::raise()?;
    let programs = Programs { lockstep: &plan.lockstep, relay: &plan.relay, seat: plan.seat };
    let older = Programs { lockstep: before, ..programs };
    for shape in [plan.calm, plan.busy].into_iter().flatten() {
        let sent = |run: &Run| u32::try_from(run.matched.events).unwrap_or(u32::MAX);
        let figures = |run: Run| Figures::new(&run.matched.took, run.cpu.total() / sent(&run));
        let mut comparison = Comparison::default();
        for _ in 0..plan.runs {
            let before = once(older, shape, Side::Ours).await.context("the build before")?;
            let now = once(programs, shape, Side::Ours).await.context("lockstep")?;
            comparison.push(figures(before), figures(now));
        }
        let (gadgets, rate) = (shape.gadgets, shape.load.rate);
        let load =
            format!("Mercury frame due → Socket.IO frame read, {gadgets} gadgets, {rate} events/s");
        comparison.end(&load)?;
    }
    Ok(())
}

async fn in_turns(
    programs: Programs<'_>,
    runs: usize,
    shape: Shape,
) -> anyhow::Result<(Vec<Run>, Vec<Run>)> {
    let (mut floors, mut ours) = (Vec::new(), Vec::new());
    for number in 1..=runs {
        let floor = once(programs, shape, Side::Floor).await.context("the floor")?;
        let our = once(programs, shape, Side::Ours).await.context("lockstep")?;
        let both = |run: &Run| {
            let took = &run.matched.took;
            format!("p50 {} p99 {} µs", us(took.percentile(50)), us(took.percentile(99)))
        };
        say(&format!("run {number}: floor {}, lockstep {}", both(&floor), both(&our)));
        floors.push(floor);
        ours.push(our);
    }
    Ok((floors, ours))
}
