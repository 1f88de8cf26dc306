//! The thread that writes the journal.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use lockstep_core::Time;

use super::book::Book;
use super::life::Life;
use super::retention::{self, Limits, Tidied};
use super::sink::{Losses, Lost};
use super::{CAPACITY, JournalError, Record, Sink, path_in};
use crate::clock::Clock;

/// Pause between two batches: what a crash of the process may cost, and few commits. The engine
/// never wakes this thread, which would cost it a system call per decision.
const PAUSE: Duration = Duration::from_millis(200);
/// Records written at once.
const BATCH: usize = 4_096;
/// The first pause after a write that failed; doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// A full disk is full for minutes, and each attempt is a line in the log.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How often it is noted that the journal is alive, where nothing is decided.
const BEAT: Duration = Duration::from_secs(10);
/// How often it is looked for what may be let go, unless there was too much.
const TIDY_EVERY: Duration = Duration::from_secs(5);
/// How often names of whom nothing is kept are forgotten.
const FORGET_EVERY: Duration = Duration::from_hours(1);

/// The running writer.
#[derive(Debug)]
pub struct Writing(Option<JoinHandle<()>>);

impl Writing {
    /// Waits until everything is written; every [`Sink`] must be gone, or this never ends.
    pub async fn ended(mut self) {
        if let Some(thread) = self.0.take() {
            thread.thread().unpark();
            // Its panic was told when it happened.
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}

/// Starts writing the journal in `dir`: `limits` are asked for again and again, and `healthy` hears
/// how it goes whenever that changes.
pub fn start(
    dir: &Path,
    clock: Clock,
    limits: impl Fn() -> Limits + Send + 'static,
    healthy: impl Fn(Result<(), String>) + Send + 'static,
) -> std::io::Result<(Sink, Writing)> {
    let (sink, records, losses) = Sink::with_room_for(CAPACITY);
    let writer = Writer {
        path: path_in(dir),
        clock,
        records,
        losses,
        limits: Box::new(limits),
        healthy: Box::new(healthy),
        life: Life::starting(clock.now()),
        book: None,
        batch: Vec::new(),
        health: Health::default(),
        due: Due::starting(clock.now()),
    };
    let thread = thread::Builder::new().name("journal".to_owned()).spawn(move || writer.run())?;
    Ok((sink, Writing(Some(thread))))
}

struct Writer {
    path: PathBuf,
    clock: Clock,
    records: Receiver<Record>,
    losses: Arc<Losses>,
    limits: Box<dyn Fn() -> Limits + Send>,
    healthy: Box<dyn Fn(Result<(), String>) + Send>,
    life: Life,
    book: Option<Book>,
    /// Taken in and not written yet; at most [`BATCH`].
    batch: Vec<Record>,
    health: Health,
    due: Due,
}

#[derive(Debug, Default)]
struct Health {
    /// As it was told last.
    told: Option<Result<(), String>>,
    failures: u32,
    /// When a write that failed is repeated.
    again: Option<Time>,
}

#[derive(Debug)]
struct Due {
    beat: Time,
    tidy: Time,
    forget: Time,
}

impl Due {
    fn starting(now: Time) -> Self {
        Self { beat: now, tidy: now, forget: now.after(FORGET_EVERY) }
    }
}

impl Writer {
    fn run(mut self) {
        loop {
            let open = self.take_in();
            let full = self.batch.len() >= BATCH;
            self.write_when_due(!open);
            let waits = self.health.again.is_some();
            if !open && (self.batch.is_empty() || waits) {
                break;
            }
            if open && (!full || waits) {
                thread::park_timeout(PAUSE);
            }
        }
        if !self.batch.is_empty() {
            let records = self.batch.len();
            tracing::error!(records, "the last decisions could not be written to the journal");
        }
    }

    /// Tells whether more may come.
    fn take_in(&mut self) -> bool {
        while self.batch.len() < BATCH {
            match self.records.try_recv() {
                Ok(record) => self.batch.push(record),
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
        true
    }

    fn write_when_due(&mut self, last: bool) {
        let now = self.clock.now();
        let waits = self.health.again.is_some_and(|at| now < at) && !last;
        if waits || (self.batch.is_empty() && now < self.due.beat.min(self.due.tidy)) {
            return;
        }
        let done = self.write(now).and_then(|()| self.tidy(now));
        match done {
            Ok(()) => self.tell(Ok(())),
            Err(error) => {
                // What is wrong with a connection is gone with it.
                self.book = None;
                self.not_written(&error, now);
            }
        }
    }

    fn write(&mut self, now: Time) -> Result<(), JournalError> {
        let book = match &mut self.book {
            Some(book) => book,
            none => none.insert(Book::open(&self.path, self.life)?),
        };
        let lost = self.losses.take();
        if let Err(error) = book.write(&self.batch, lost, now) {
            if let Some(lost) = lost {
                self.losses.put_back(lost);
            }
            return Err(error);
        }
        metrics::counter!("lockstep_journal_written_total").increment(self.batch.len() as u64);
        self.batch.clear();
        self.life = self.life.written_until(now);
        self.due.beat = now.after(BEAT);
        self.health.failures = 0;
        self.health.again = None;
        if let Some(Lost { count, since }) = lost {
            let for_ms = u64::try_from(now.since(since).as_millis()).unwrap_or(u64::MAX);
            tracing::warn!(lost = count, for_ms, "the journal is written again");
            self.losses.over();
        }
        Ok(())
    }

    fn not_written(&mut self, error: &JournalError, now: Time) {
        let pause = FIRST_PAUSE.saturating_mul(1 << self.health.failures.min(5));
        self.health.failures = self.health.failures.saturating_add(1);
        self.health.again = Some(now.after(pause.min(LONGEST_PAUSE)));
        let error = error.words();
        tracing::error!(%error, "failed to write the journal; what is decided is done all the same");
        self.tell(Err(error));
    }

    fn tell(&mut self, health: Result<(), String>) {
        metrics::gauge!("lockstep_journal_ok").set(f64::from(u8::from(health.is_ok())));
        if self.health.told.as_ref() != Some(&health) {
            (self.healthy)(health.clone());
            self.health.told = Some(health);
        }
    }

    fn tidy(&mut self, now: Time) -> Result<(), JournalError> {
        let Some(book) = &mut self.book else { return Ok(()) };
        if now >= self.due.tidy {
            let tidied = retention::tidy(&book.connection, (self.limits)(), now);
            let tidied = tidied.map_err(|error| book.failed("tidy", error))?;
            report(tidied);
            // Where there was too much, there may be more.
            self.due.tidy = if tidied.gone > 0 { now } else { now.after(TIDY_EVERY) };
        }
        if now >= self.due.forget {
            self.due.forget = now.after(FORGET_EVERY);
            let gone = retention::forget_people(&book.connection);
            if gone.map_err(|error| book.failed("tidy", error))? {
                book.forget_people();
            }
        }
        Ok(())
    }
}

fn report(tidied: Tidied) {
    #[expect(clippy::cast_precision_loss, reason = "a gauge")]
    metrics::gauge!("lockstep_journal_bytes").set(tidied.bytes as f64);
    metrics::counter!("lockstep_journal_let_go_total").increment(tidied.gone as u64);
}
