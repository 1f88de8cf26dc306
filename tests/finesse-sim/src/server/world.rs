//! Everything the requests, the script and the timers share.

use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rand::rngs::StdRng;
use tokio::sync::{Notify, watch};

use super::Node;
use crate::clock::Clock;
use crate::desktop::{Desk, Fetcher, publish};
use crate::faults::FaultBook;
use crate::log::RequestLog;
use crate::model::Centre;
use crate::rest::auth::{Admin, Lockout, Tokens};

/// Where the nodes listen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nodes {
    pub(crate) primary: SocketAddr,
    pub(crate) secondary: Option<SocketAddr>,
}

/// What is behind the one lock.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) centre: Centre,
    pub(crate) admin: Admin,
    pub(crate) tokens: Tokens,
    pub(crate) lockout: Lockout,
    pub(crate) faults: FaultBook,
    pub(crate) log: RequestLog,
    pub(crate) rng: StdRng,
    pub(crate) nodes: Nodes,
    pub(crate) cti_delay: (Duration, Duration),
    pub(crate) desk: Desk,
}

/// The world, its clock, and the bells that ring when something changed.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) clock: Clock,
    world: Mutex<World>,
    /// Rings when something new is due, or the clock was moved.
    pub(crate) due: Notify,
    /// Which nodes refuse connections: primary, secondary.
    pub(crate) refusing: watch::Sender<[bool; 2]>,
    /// Rings when desktops may have to be told something.
    pub(crate) bell: watch::Sender<u64>,
    /// Fetches what gadgets are made of.
    pub(crate) fetcher: Fetcher,
    /// Both nodes speak TLS.
    pub(crate) secure: bool,
    nodes: Nodes,
}

impl Shared {
    pub(crate) fn new(world: World, clock: Clock) -> Self {
        let (refusing, _) = watch::channel([false, false]);
        let (bell, _) = watch::channel(0);
        let (nodes, secure) = (world.nodes, world.desk.ca.is_some());
        let world = Mutex::new(world);
        let (due, fetcher) = (Notify::new(), Fetcher::default());
        Self { clock, world, due, refusing, bell, fetcher, secure, nodes }
    }

    /// Where the node listens.
    pub(crate) fn address(&self, node: Node) -> SocketAddr {
        match node {
            Node::Primary => self.nodes.primary,
            Node::Secondary => self.nodes.secondary.unwrap_or(self.nodes.primary),
        }
    }

    /// Works on the world as it is now: what was due has happened before, and what became due is
    /// announced afterwards.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut World, Timestamp) -> T) -> T {
        let now = self.clock.now();
        let mut world = self.lock();
        let (seq, told) = (world.centre.last_seq(), world.desk.told());
        world.centre.advance(now);
        world.faults.expire(now);
        let before = world.next_due();
        let result = work(&mut world, now);
        let refusing = [Node::Primary, Node::Secondary].map(|node| world.faults.refuses(node));
        let changed = world.next_due() != before;
        // A contact centre without desktops has nobody to tell.
        if !world.desk.listening.is_empty() {
            publish(&mut world, seq, now);
        }
        let telling = world.desk.told() > told;
        drop(world);
        if telling {
            self.bell.send_modify(|rung| *rung += 1);
        }
        self.refusing.send_if_modified(|current| {
            let differs = *current != refusing;
            *current = refusing;
            differs
        });
        if changed {
            self.due.notify_one();
        }
        result
    }

    fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl World {
    /// When something happens by itself next.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        [self.centre.next_due(), self.faults.next_end()].into_iter().flatten().min()
    }
}

/// Lets things happen when they are due, until it is dropped.
pub(crate) async fn keep_time(shared: &Shared) {
    loop {
        let rung = shared.due.notified();
        let (now, due) = shared.with(|world, now| (now, world.next_due()));
        let Some(due) = due else {
            rung.await;
            continue;
        };
        if matches!(shared.clock, Clock::Manual(_)) {
            rung.await;
            continue;
        }
        let wait = Duration::try_from(due.duration_since(now)).unwrap_or_default();
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = rung => {}
        }
    }
}
