//! The journal, read for the page: on threads of its own, a few at a time.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use lockstep_core::Time;
use serde::Deserialize;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::door::{busy, refuse};
use crate::journal::{JournalError, Reader, Span};

/// Days read at once: the disk is the writer's first.
const DAYS_AT_ONCE: usize = 2;
/// Reports made at once; one reads up to a million decisions.
const REPORTS_AT_ONCE: usize = 1;
/// How long a question waits for its turn.
const TURN_WITHIN: Duration = Duration::from_secs(10);
/// The longest span that is asked for; a month's figures.
const LONGEST: Duration = Duration::from_hours(31 * 24);
/// The span where none is given.
const USUAL: Duration = Duration::from_hours(24);

/// The journal.
#[derive(Debug)]
pub(super) struct Archive {
    dir: PathBuf,
    days: Arc<Semaphore>,
    reports: Arc<Semaphore>,
}

/// What a question is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum For {
    /// One agent's day.
    Day,
    /// Sums over many agents.
    Report,
}

/// `from` and `to` of a query, in milliseconds since 1970.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Asked {
    from: Option<u64>,
    to: Option<u64>,
}

impl Asked {
    /// The span, up to now at most; the last day unless told otherwise.
    pub(super) fn span(self, now: Time) -> Result<Span, &'static str> {
        let to = self.to.map_or(now, Time::from_millis).min(now);
        let from = self.from.map_or_else(|| to.before(USUAL), Time::from_millis);
        if from >= to {
            return Err("the time begins after its end");
        }
        if to.since(from) > LONGEST {
            return Err("the time is longer than 31 days");
        }
        Ok(Span { from, to })
    }
}

impl Archive {
    pub(super) fn in_dir(dir: PathBuf) -> Self {
        let semaphore = |places| Arc::new(Semaphore::new(places));
        Self { dir, days: semaphore(DAYS_AT_ONCE), reports: semaphore(REPORTS_AT_ONCE) }
    }

    /// Reads something; `None` where no journal was ever written.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        what: For,
        read: impl FnOnce(&Reader) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<Option<T>, Response> {
        let turns = match what {
            For::Day => &self.days,
            For::Report => &self.reports,
        };
        let turn = timeout(TURN_WITHIN, Arc::clone(turns).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else { return Err(busy("many ask at once: try again soon")) };
        let dir = self.dir.clone();
        let read = spawn_blocking(move || {
            let _turn = turn;
            Reader::open(&dir)?.map(|reader| read(&reader)).transpose()
        });
        match read.await {
            Ok(Ok(read)) => Ok(read),
            Ok(Err(error)) => {
                tracing::warn!(error = %error.words(), "failed to read the journal for the page");
                Err(busy("the journal cannot be read just now"))
            }
            Err(_) => Err(refuse(
                axum::http::StatusCode::INTERNAL_SERVER_ERROR,
                "the journal could not be read",
            )),
        }
    }
}
