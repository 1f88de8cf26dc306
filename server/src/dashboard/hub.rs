//! One table for all browsers, kept up to date while anybody looks.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lockstep_core::Time;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::health::{Health, Sides};
use super::rights::Scope;
use super::table::Table;
use crate::clock::Clock;
use crate::engine::{Handle, Message};
use crate::status::Status;

/// How often the engine is asked what is new: whatever happens to an agent within this is told once
/// (S3-20).
const EVERY: Duration = Duration::from_millis(100);
/// Rows that the engine makes at once: some hundred microseconds, for which a decision may wait.
const AT_ONCE: usize = 256;
/// How often marks that come with time are looked for, and how everything is.
const MEASURE_EVERY: Duration = Duration::from_secs(1);
/// How long the table is kept up to date after the last look: a page that is loaded anew finds it.
const KEPT: Duration = Duration::from_mins(1);

/// The one table.
#[derive(Debug)]
pub(super) struct Hub {
    engine: Handle,
    status: Status,
    clock: Clock,
    /// Which life of this process, so that numbers of another are not taken for its own.
    epoch: u64,
    table: Mutex<Table>,
    sides: Mutex<Sides>,
    lookers: AtomicUsize,
    /// The number of the last change; `None` until the table is whole.
    changed: watch::Sender<Option<u64>>,
}

/// Somebody looks, until this is dropped.
#[derive(Debug)]
pub(super) struct Look(pub(super) Arc<Hub>);

impl Drop for Look {
    fn drop(&mut self) {
        self.0.lookers.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Hub {
    pub(super) fn new(engine: Handle, status: Status, clock: Clock) -> Self {
        let now = clock.now();
        Self {
            engine,
            status,
            clock,
            epoch: now.as_millis(),
            table: Mutex::new(Table::after(0)),
            sides: Mutex::new(Sides::unknown(now)),
            lookers: AtomicUsize::new(0),
            changed: watch::channel(None).0,
        }
    }

    pub(super) const fn epoch(&self) -> u64 {
        self.epoch
    }

    pub(super) const fn engine(&self) -> &Handle {
        &self.engine
    }

    pub(super) fn now(&self) -> Time {
        self.clock.now()
    }

    pub(super) fn changes(&self) -> watch::Receiver<Option<u64>> {
        self.changed.subscribe()
    }

    pub(super) fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sides(&self) -> MutexGuard<'_, Sides> {
        self.sides.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks; waits until the table is whole. `None` when the server stops.
    pub(super) async fn look(self: &Arc<Self>) -> Option<Look> {
        let look = {
            // Not while the table is being given up.
            let _table = self.table();
            self.lookers.fetch_add(1, Ordering::AcqRel);
            Look(Arc::clone(self))
        };
        let mut changed = self.changed.subscribe();
        changed.wait_for(Option::is_some).await.ok()?;
        Some(look)
    }

    /// How everything is, over those in sight.
    pub(super) fn health(&self, scope: &Scope) -> Health {
        let (tally, dry_run) = {
            let table = self.table();
            let dry_run = table.rows(scope).any(|row| row.dry_run);
            (table.tally(scope), dry_run)
        };
        let mut sides = self.sides();
        sides.take(self.clock.now(), &self.status.snapshot());
        sides.over(&tally, dry_run)
    }

    /// Keeps the table up to date until `stop`.
    pub(super) async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut looked_at, mut measured_at) = (None::<Instant>, None::<Instant>);
        while stop.run_until_cancelled(ticks.tick()).await.is_some() {
            let now = Instant::now();
            let measures = measured_at.is_none_or(|at| now.duration_since(at) >= MEASURE_EVERY);
            if measures {
                measured_at = Some(now);
                self.sides().take(self.clock.now(), &self.status.snapshot());
            }
            if self.lookers.load(Ordering::Acquire) > 0 {
                looked_at = Some(now);
            }
            match looked_at {
                Some(at) if now.duration_since(at) < KEPT => self.refresh(measures).await,
                Some(_) => {
                    looked_at = None;
                    self.close().await;
                }
                None => {}
            }
        }
    }

    async fn refresh(&self, measures: bool) {
        loop {
            let Some(news) = self.engine.news(AT_ONCE).await else { return };
            let more = news.more;
            let now = self.clock.now();
            let mut table = self.table();
            table.take(now, news);
            if more {
                continue;
            }
            if measures {
                table.ripen(now);
            }
            let sequence = Some(table.sequence());
            drop(table);
            self.changed.send_if_modified(|told| std::mem::replace(told, sequence) != sequence);
            return;
        }
    }

    /// Nobody looks any more.
    async fn close(&self) {
        {
            let mut table = self.table();
            if self.lookers.load(Ordering::Acquire) > 0 {
                return;
            }
            self.changed.send_replace(None);
            *table = Table::after(table.sequence());
        }
        self.engine.send(Message::NoNews).await;
    }
}
