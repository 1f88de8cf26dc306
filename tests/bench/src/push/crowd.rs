//! All gadgets of a run, each with a task of its own, and what they were told when.

use std::mem;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::client::{Came, Client, Wanted};

/// Gadgets that connect at once.
const AT_ONCE: usize = 32;
/// How often what was heard is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Something wanted, and when it was read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    pub(super) wanted: Wanted,
    pub(super) at: Instant,
}

/// Connected gadgets, in the order of their agents. They go when this goes.
#[derive(Debug, Default)]
pub(super) struct Crowd {
    heard: Vec<Arc<Heard>>,
    /// Connections that ended.
    over: Arc<AtomicUsize>,
    tasks: JoinSet<()>,
}

/// What one gadget heard.
#[derive(Debug, Default)]
struct Heard {
    /// The sequence of the last of what was wanted.
    last: AtomicU64,
    arrivals: Mutex<Vec<Arrival>>,
}

impl Crowd {
    /// Connects one more gadget for each token.
    pub(super) async fn join(
        &mut self,
        server: SocketAddr,
        tokens: &[String],
    ) -> anyhow::Result<()> {
        let opening: Vec<_> = tokens.iter().map(|token| Client::open(server, token)).collect();
        let mut opened = stream::iter(opening).buffered(AT_ONCE);
        while let Some(client) = opened.try_next().await? {
            let first = client.first.unwrap_or_default();
            let heard = Arc::new(Heard { last: first.into(), ..Heard::default() });
            self.heard.push(Arc::clone(&heard));
            let over = Arc::clone(&self.over);
            self.tasks.spawn(async move {
                attend(client, &heard).await;
                over.fetch_add(1, Ordering::Relaxed);
            });
        }
        Ok(())
    }

    pub(super) fn len(&self) -> usize {
        self.heard.len()
    }

    /// Connections that ended.
    pub(super) fn over(&self) -> usize {
        self.over.load(Ordering::Relaxed)
    }

    /// Each gadget's last sequence.
    pub(super) fn lasts(&self) -> Vec<u64> {
        self.heard.iter().map(|heard| heard.last.load(Ordering::Relaxed)).collect()
    }

    /// Waits until each has heard its last; `false` when that does not come true.
    pub(super) async fn until_heard(&self, lasts: &[u64], patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        while self.lasts().iter().zip(lasts).any(|(heard, last)| heard < last) {
            if Instant::now() >= deadline {
                return false;
            }
            sleep(LOOK_EVERY).await;
        }
        true
    }

    /// What each was told since this was asked last.
    pub(super) fn take(&self) -> Vec<Vec<Arrival>> {
        let take = |heard: &Arc<Heard>| {
            mem::take(&mut *heard.arrivals.lock().unwrap_or_else(PoisonError::into_inner))
        };
        self.heard.iter().map(take).collect()
    }
}

impl Heard {
    fn note(&self, wanted: Wanted) {
        let at = Instant::now();
        let mut arrivals = self.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        arrivals.push(Arrival { wanted, at });
        self.last.store(wanted.sequence, Ordering::Relaxed);
    }
}

async fn attend(mut client: Client, heard: &Heard) {
    if let Some(first) = client.first
        && client.acknowledge(first).await.is_err()
    {
        return;
    }
    while let Ok(came) = client.next().await {
        match came {
            Came::Wanted(wanted) => {
                heard.note(wanted);
                if client.acknowledge(wanted.sequence).await.is_err() {
                    return;
                }
            }
            Came::Over => return,
            Came::Grant(_) | Came::Other => {}
        }
    }
}
