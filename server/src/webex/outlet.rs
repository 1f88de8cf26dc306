use lockstep_core::PersonId;
use lockstep_core::presence::{Kind, Observation, Version};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::FeedEvent;
use super::composition::Composition;
use super::metric::Metric;

/// The way to the engine. Sending waits while the engine is busy, but not past a stop.
#[derive(Debug, Clone)]
pub(super) struct Outlet {
    events: mpsc::Sender<FeedEvent>,
    pub(super) stop: CancellationToken,
}

/// The engine is gone, or wants no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stopped;

impl Outlet {
    pub(super) const fn new(events: mpsc::Sender<FeedEvent>, stop: CancellationToken) -> Self {
        Self { events, stop }
    }

    pub(super) async fn send(&self, event: FeedEvent) -> Result<(), Stopped> {
        let sent = self.stop.run_until_cancelled(self.events.send(event)).await;
        sent.ok_or(Stopped)?.map_err(|_| Stopped)
    }

    pub(super) async fn observed(
        &self,
        composition: Composition,
        epoch: u64,
        kind: Kind,
    ) -> Result<(), Stopped> {
        let label = match kind {
            Kind::Snapshot => "snapshot",
            Kind::Delta => "delta",
        };
        Metric::Observations.count_by("kind", label);
        let (person, observation) = composition.into_observation(epoch, kind);
        self.send(FeedEvent::Observed { person, observation }).await
    }

    /// Webex knows no presence of this person (any more).
    pub(super) async fn gone(&self, person: PersonId, epoch: u64) -> Result<(), Stopped> {
        Metric::Observations.count_by("kind", "gone");
        let observation = Observation {
            device: None,
            epoch,
            version: Version::new(),
            source_time: None,
            kind: Kind::Snapshot,
            facts: None,
        };
        self.send(FeedEvent::Observed { person, observation }).await
    }
}
