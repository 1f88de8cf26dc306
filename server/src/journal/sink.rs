//! Where records go in: bounded, and without ever waiting.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lockstep_core::Time;

use super::Record;

/// Records that wait for the writer: more than the engine can make while the writer pauses, and
/// some 20 MiB while a disk stands still.
pub const CAPACITY: usize = 32_768;

/// Takes records; cheap to clone.
#[derive(Debug, Clone)]
pub struct Sink(Option<Inlet>);

#[derive(Debug, Clone)]
struct Inlet {
    records: SyncSender<Record>,
    losses: Arc<Losses>,
}

/// What did not fit and is not accounted for yet.
#[derive(Debug, Default)]
pub(super) struct Losses {
    /// Locked only where something was lost, and once per batch that is written.
    lost: Mutex<Option<Lost>>,
    told: AtomicBool,
}

/// So many did not fit, the first of them then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lost {
    pub(super) count: u64,
    pub(super) since: Time,
}

impl Sink {
    /// Keeps nothing.
    pub const fn nowhere() -> Self {
        Self(None)
    }

    /// A sink and where its records come out.
    pub(super) fn with_room_for(capacity: usize) -> (Self, Receiver<Record>, Arc<Losses>) {
        let (records, outlet) = sync_channel(capacity);
        let losses = Arc::new(Losses::default());
        (Self(Some(Inlet { records, losses: Arc::clone(&losses) })), outlet, losses)
    }

    /// A sink whose records are given to whoever asks; for counting instructions.
    #[cfg(feature = "measured")]
    pub(crate) fn measured() -> (Self, Receiver<Record>) {
        let (sink, outlet, _) = Self::with_room_for(CAPACITY);
        (sink, outlet)
    }

    /// Hands over one record, or counts it as lost.
    pub fn put(&self, record: Record) {
        let Some(Inlet { records, losses }) = &self.0 else { return };
        let Err(refused) = records.try_send(record) else { return };
        let (std::sync::mpsc::TrySendError::Full(record)
        | std::sync::mpsc::TrySendError::Disconnected(record)) = refused;
        losses.add(record.at());
    }
}

impl Losses {
    fn add(&self, at: Time) {
        metrics::counter!("lockstep_journal_lost_total").increment(1);
        self.more(Lost { count: 1, since: at });
        if !self.told.swap(true, Ordering::AcqRel) {
            tracing::error!(
                "the journal cannot take in what is decided: records are lost from now on, \
                 decisions are not; see /readyz for why"
            );
        }
    }

    /// How many were lost since when, which is accounted for from now on.
    pub(super) fn take(&self) -> Option<Lost> {
        self.lost().take()
    }

    /// It is to be accounted for again.
    pub(super) fn put_back(&self, lost: Lost) {
        self.more(lost);
    }

    fn more(&self, Lost { count, since }: Lost) {
        let mut lost = self.lost();
        let before = lost.unwrap_or(Lost { count: 0, since });
        *lost = Some(Lost { count: before.count + count, since: before.since.min(since) });
    }

    fn lost(&self) -> MutexGuard<'_, Option<Lost>> {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next loss is news again.
    pub(super) fn over(&self) {
        self.told.store(false, Ordering::Release);
    }
}
