//! One live connection: everything between "ready" and its end.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use lockstep_core::PersonId;
use lockstep_core::presence::Kind;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::FeedEvent;
use super::client::Context;
use super::device::Device;
use super::entry::{Outcome, Pace};
use super::frame::Sequence;
use super::heartbeat::Heartbeat;
use super::inbound::{MAX_SEEN, Resync};
use super::jobs::Done;
use super::mercury::{Mercury, Read, SocketEnd};
use super::metric::Metric;
use super::moving::Move;
use super::outlet::{Outlet, Stopped};
use super::presence::Presence;
use super::reaction::End;
use super::subscriptions::Book;
use super::watchdog::Watchdog;
use super::wire::Wire;

/// The socket of the product.
pub(super) type Socket = Mercury<Box<dyn Wire>>;

/// A request of the session that is under way.
pub(super) type Job = Pin<Box<dyn Future<Output = Done> + Send>>;

/// Everything that can wake the session up.
enum Input {
    /// The process stops.
    Stop,
    /// The list of people changed, or will not change any more.
    People(bool),
    /// Something came over the socket.
    Read(Result<Read, SocketEnd>),
    /// Something came over the socket that we are leaving.
    LeavingRead(Result<Read, SocketEnd>),
    /// A request was answered.
    Done(Box<Done>),
    /// A moment that was waited for.
    Tick,
}

/// One connection from "ready" to its end; drives [`Input`] by one loop.
pub(super) struct Session {
    pub(super) context: Arc<Context>,
    pub(super) outlet: Outlet,
    pub(super) presence: Presence,
    pub(super) device: Device,
    pub(super) epoch: u64,
    pub(super) book: Book,
    pub(super) jobs: FuturesUnordered<Job>,
    pub(super) subscription_failures: super::backoff::Backoff,
    pub(super) last_failure: String,
    /// Requests for one person that were rejected in a row.
    pub(super) rejected_alone: usize,
    pub(super) device_at: Instant,
    pub(super) socket: Socket,
    /// Since when it is open.
    pub(super) since: Instant,
    /// A socket of this session lived long enough to count as healthy.
    pub(super) healthy: bool,
    pub(super) moving: Move,
    pub(super) leaving: Option<(Socket, Instant)>,
    pub(super) watchdog: Watchdog,
    pub(super) heart: Heartbeat,
    pub(super) sequence: Sequence,
    pub(super) seen: VecDeque<String>,
    pub(super) resync: Resync,
    live: bool,
    lost_at: Option<Instant>,
    pub(super) may_be_deaf_until: Instant,
}

impl From<Stopped> for End {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

/// What a session is made of.
pub(super) struct Prepared {
    pub(super) socket: Socket,
    pub(super) device: Device,
    pub(super) presence: Presence,
    pub(super) bears: Bears,
}

/// What connections before have to do with a session.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bears {
    /// Since when nothing is known, where something was known before.
    pub(super) lost_at: Option<Instant>,
    /// For so long it may be deaf, because others were.
    pub(super) deaf_for: Duration,
}

impl Session {
    pub(super) fn new(context: Arc<Context>, outlet: Outlet, prepared: Prepared) -> Self {
        let Prepared { socket, device, presence, bears } = prepared;
        let Bears { lost_at, deaf_for } = bears;
        let timing = &context.settings.timing;
        let now = Instant::now();
        let pace = Pace {
            ttl: timing.subscription_ttl,
            reconcile_every: context.settings.reconcile_every,
            refused_retry: timing.refused_retry,
        };
        Self {
            heart: Heartbeat::new(now, timing.ping_every, timing.pong_within, timing.silence),
            device_at: now + context.draw.nearly(timing.device_refresh),
            epoch: context.next_epoch(),
            subscription_failures: context.backoff(),
            rejected_alone: 0,
            since: now,
            healthy: false,
            moving: Move::new(context.backoff()),
            // Long enough for everybody to be read twice.
            watchdog: Watchdog::new(timing.event_grace, 2 * context.settings.reconcile_every),
            book: Book::new(pace),
            jobs: FuturesUnordered::new(),
            last_failure: String::new(),
            leaving: None,
            sequence: Sequence::default(),
            seen: VecDeque::with_capacity(MAX_SEEN),
            resync: Resync::default(),
            live: false,
            lost_at,
            may_be_deaf_until: now + deaf_for,
            context,
            outlet,
            presence,
            device,
            socket,
        }
    }

    /// Runs until the connection ends, and says why and whether it ever was live.
    pub(super) async fn run(mut self, people: &mut watch::Receiver<Arc<[PersonId]>>) -> Ended {
        let end = match self.drive(people).await {
            Ok(never) => match never {},
            Err(end) => end,
        };
        let healthy = self.healthy || self.lived(Instant::now());
        let farewell = self.context.settings.timing.farewell / 2;
        if !matches!(end, End::Socket(_)) && !self.moving.is_gone() {
            self.socket.close(farewell).await;
        }
        Ended { end, live: self.live, healthy, device: self.device }
    }

    async fn drive(
        &mut self,
        people: &mut watch::Receiver<Arc<[PersonId]>>,
    ) -> Result<std::convert::Infallible, End> {
        let stop = self.outlet.stop.clone();
        let context = Arc::clone(&self.context);
        let mut fresh_token = std::pin::pin!(context.rest.tokens.keep_fresh());
        let mut people_change = true;
        self.set_people(&people.borrow_and_update().clone());
        loop {
            self.start_jobs();
            self.announce().await?;
            let wake = self.wake();
            let input = tokio::select! {
                // A stop before all else, and what is due before what comes in: a flood of events
                // must not keep us from pinging and renewing. A fixed order also makes a
                // simulation repeat itself.
                biased;
                () = stop.cancelled() => Input::Stop,
                changed = people.changed(), if people_change => Input::People(changed.is_ok()),
                Some(done) = self.jobs.next() => Input::Done(Box::new(done)),
                () = sleep_until(wake) => Input::Tick,
                never = &mut fresh_token => match never {},
                read = read_leaving(&mut self.leaving) => Input::LeavingRead(read),
                read = self.socket.read(), if !self.moving.is_gone() => Input::Read(read),
            };
            match input {
                Input::Stop => return Err(End::Stopped),
                Input::People(more) => {
                    people_change = more;
                    self.set_people(&people.borrow_and_update().clone());
                }
                Input::Read(read) => self.on_socket(read).await?,
                Input::LeavingRead(read) => self.on_leaving(read).await?,
                Input::Done(done) => self.on_done(*done).await?,
                Input::Tick => self.on_tick().await?,
            }
        }
    }

    fn set_people(&mut self, people: &[PersonId]) {
        self.book.set_people(people, Instant::now());
        self.watchdog.retain(|person| self.book.watches(person));
    }

    /// Is the present socket old enough to count as healthy?
    pub(super) fn lived(&self, now: Instant) -> bool {
        now >= self.since + self.context.settings.timing.healthy_after
    }

    /// Says `Live` once everybody was asked for.
    async fn announce(&mut self) -> Result<(), End> {
        if self.live || !self.book.complete() {
            return Ok(());
        }
        self.live = true;
        let (subscribed, refused) = self.book.counts();
        tracing::info!(
            webex.epoch = self.epoch,
            webex.subscribed = subscribed,
            webex.refused = refused,
            "webex presence is live"
        );
        tell_loss(self.lost_at.take());
        Metric::State.show(2);
        self.outlet.send(FeedEvent::Live { epoch: self.epoch }).await?;
        Ok(())
    }

    /// Reports what an answer said about people.
    pub(super) async fn report(&mut self, outcomes: Vec<Outcome>) -> Result<(), End> {
        for outcome in outcomes {
            match outcome {
                Outcome::Status(status) => {
                    self.watchdog.read(&status, Instant::now());
                    self.outlet.observed(status, self.epoch, Kind::Snapshot).await?;
                }
                Outcome::Gone(person) => self.outlet.gone(person, self.epoch).await?,
                Outcome::Refused(person, why) => {
                    tracing::warn!(webex.person = %person, %why, "webex refuses the presence of a person");
                    self.outlet.send(FeedEvent::Refused { person, why }).await?;
                }
            }
        }
        let (subscribed, refused) = self.book.counts();
        Metric::Subscribed.show(subscribed);
        Metric::Refused.show(refused);
        Ok(())
    }
}

/// How a session ended, and the device as it was last.
pub(super) struct Ended {
    pub(super) end: End,
    pub(super) live: bool,
    /// It lived long enough for the delays of reconnects to start afresh.
    pub(super) healthy: bool,
    pub(super) device: Device,
}

/// How long nothing was known (S1-32).
pub(super) fn tell_loss(lost_at: Option<Instant>) {
    let Some(lost) = lost_at.map(|at| at.elapsed()) else { return };
    let lost_ms = u64::try_from(lost.as_millis()).unwrap_or(u64::MAX);
    Metric::LostMilliseconds.count_many(lost_ms);
    tracing::warn!(webex.lost_ms = lost_ms, "webex presence was lost and is back");
}

async fn read_leaving(leaving: &mut Option<(Socket, Instant)>) -> Result<Read, SocketEnd> {
    match leaving {
        Some((socket, _)) => socket.read().await,
        None => std::future::pending().await,
    }
}
