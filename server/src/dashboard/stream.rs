//! `GET /api/stream`: what changes, as it does.
//!
//! A stream holds no queue, only the number up to which its browser has been told; what is new is
//! made when the browser has read what was before. Whoever reads slowly is told less often, and
//! nobody waits for anybody.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::unfold;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::Page;
use super::door::{Signed, busy};
use super::events::{self, Parcel};
use super::hub::{Hub, Look};
use super::rights::Scope;
use super::sessions::Place;

/// How often a browser hears that the server lives: a row is stale after 5 s without (S1-20).
const BEAT: Duration = Duration::from_secs(2);
/// How often the health is looked at, and whether the right to look has changed.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Streams at once, of everybody. Each may hold a list of pointers to all rows and some 40 KiB that
/// its browser has not read: less than 100 MiB in all at the worst.
const STREAMS: usize = 256;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// How many there are.
#[derive(Debug, Clone, Default)]
pub(super) struct Streams(Arc<AtomicUsize>);

/// One of them, until it is dropped.
#[derive(Debug)]
struct Seat(Arc<AtomicUsize>);

impl Streams {
    fn take(&self) -> Option<Seat> {
        let seat = Seat(Arc::clone(&self.0));
        (self.0.fetch_add(1, Ordering::AcqRel) < STREAMS).then_some(seat)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let left = self.0.fetch_sub(1, Ordering::AcqRel).saturating_sub(1);
        tell(left);
    }
}

fn tell(streams: usize) {
    #[expect(clippy::cast_precision_loss, reason = "a gauge; streams are hundreds")]
    metrics::gauge!("lockstep_page_streams").set(streams as f64);
}

/// `GET /api/stream`.
pub(super) async fn stream(
    State(page): State<Arc<Page>>,
    signed: Signed,
    headers: HeaderMap,
) -> Response {
    let Some(seat) = page.streams.take() else { return busy("too many pages are open at once") };
    tell(page.streams.0.load(Ordering::Acquire));
    let Some(place) = page.sessions.stream(&signed.session, page.clock) else {
        return super::door::signed_out();
    };
    let Some(look) = page.stop.run_until_cancelled(page.hub.look()).await.flatten() else {
        return busy("the server is stopping");
    };
    let last = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok());
    let seen = last.and_then(|id| events::seen(id, page.hub.epoch()));
    let hub = Arc::clone(&page.hub);
    let reader = Reader {
        changed: hub.changes(),
        hub,
        stop: page.stop.clone(),
        page,
        signed,
        place,
        seen,
        parcel: None,
        said: Some(events::preface()),
        health: String::new(),
        beat_at: Instant::now() + BEAT,
        look_at: Instant::now(),
        over: false,
        _look: look,
        _seat: seat,
    };
    let pieces = unfold(reader, |mut reader| async move {
        let piece = reader.next().await?;
        Some((Ok::<_, Infallible>(piece), reader))
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        // A proxy that collects an answer before it passes it on would show nothing for ever.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    (headers, Body::from_stream(pieces)).into_response()
}

/// One browser.
struct Reader {
    page: Arc<Page>,
    hub: Arc<Hub>,
    changed: watch::Receiver<Option<u64>>,
    stop: CancellationToken,
    signed: Signed,
    place: Place,
    /// Up to which change it has been told; `None`: nothing yet.
    seen: Option<u64>,
    parcel: Option<Parcel>,
    said: Option<Bytes>,
    health: String,
    beat_at: Instant,
    look_at: Instant,
    over: bool,
    _look: Look,
    _seat: Seat,
}

impl Reader {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(said) = self.said.take() {
                return Some(said);
            }
            if let Some(piece) = self.parcel.as_mut().and_then(Iterator::next) {
                return Some(piece);
            }
            self.parcel = None;
            if self.over {
                return None;
            }
            if self.seen.is_none_or(|seen| Some(seen) != *self.changed.borrow_and_update()) {
                self.pack();
                if self.parcel.is_some() {
                    continue;
                }
            }
            tokio::select! {
                biased;
                () = self.stop.cancelled() => self.end("stopping"),
                () = self.place.over.cancelled() => self.ended(),
                () = sleep_until(self.beat_at) => self.beat(),
                () = sleep_until(self.look_at) => self.look(),
                changed = self.changed.changed() => {
                    if changed.is_err() {
                        self.end("stopping");
                    }
                }
            }
        }
    }

    /// What is new to this browser.
    fn pack(&mut self) {
        let epoch = self.hub.epoch();
        let (changes, anew) = {
            let table = self.hub.table();
            let scope = &self.signed.rights.scope;
            match self.seen.and_then(|seen| table.since(seen, scope)) {
                Some(changes) => (changes, false),
                None => (table.snapshot(scope), true),
            }
        };
        self.seen = Some(changes.sequence);
        self.parcel = if anew {
            let head = self.head(epoch, changes.sequence);
            Some(Parcel::snapshot(epoch, changes, head))
        } else if changes.rows.is_empty() && changes.gone.is_empty() {
            None
        } else {
            Some(Parcel::changes(epoch, changes))
        };
    }

    fn head(&mut self, epoch: u64, sequence: u64) -> String {
        let health = self.hub.health(&self.signed.rights.scope);
        self.health = serde_json::to_string(&health).unwrap_or_default();
        let now = self.hub.now().as_millis();
        let health = &self.health;
        format!("\"epoch\":{epoch},\"sequence\":{sequence},\"now\":{now},\"health\":{health}")
    }

    fn beat(&mut self) {
        self.beat_at = Instant::now() + BEAT;
        let now = self.hub.now().as_millis();
        self.said = Some(events::event("hb", &format!("{{\"now\":{now}}}")));
    }

    /// May it still look, at whom, and how is everything?
    fn look(&mut self) {
        self.look_at = Instant::now() + LOOK_EVERY;
        if self.hub.now() >= self.signed.session.ends_at {
            return self.end("signed_out");
        }
        match self.page.rights(&self.signed.session.account) {
            None => return self.end("rights"),
            Some(rights) if rights.scope != self.signed.rights.scope => {
                self.signed.rights = rights;
                self.seen = None;
                return;
            }
            Some(_) => {}
        }
        let scope: &Scope = &self.signed.rights.scope;
        let health = serde_json::to_string(&self.hub.health(scope)).unwrap_or_default();
        if health != self.health {
            self.said = Some(events::event("health", &health));
            self.health = health;
        }
    }

    /// The session is over, or another stream took the place.
    fn ended(&mut self) {
        let lives = self.page.sessions.lives(&self.signed.session);
        self.end(if lives { "replaced" } else { "signed_out" });
    }

    fn end(&mut self, why: &str) {
        self.over = true;
        self.said = Some(events::event("end", &format!("{{\"why\":\"{why}\"}}")));
    }
}
