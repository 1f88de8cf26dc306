use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;
use uuid::Uuid;

use super::backoff::{self, Backoff};

/// The one generator of the client, seeded by its maker; every id and every jitter is drawn here.
#[derive(Debug)]
pub(super) struct Draw(Mutex<StdRng>);

impl Draw {
    pub(super) const fn new(random: StdRng) -> Self {
        Self(Mutex::new(random))
    }

    /// A new random id.
    pub(super) fn id(&self) -> Uuid {
        uuid::Builder::from_random_bytes(self.with(RngExt::random)).into_uuid()
    }

    /// A time between half and the whole of `whole`.
    pub(super) fn spread(&self, whole: Duration) -> Duration {
        self.with(|random| backoff::spread(whole, random))
    }

    /// A time a little below `whole`, so that what began together drifts apart.
    pub(super) fn nearly(&self, whole: Duration) -> Duration {
        whole.mul_f64(self.with(|random| random.random_range(0.9..=1.0)))
    }

    /// The delay after one more failure.
    pub(super) fn after_failure(&self, backoff: &mut Backoff) -> Duration {
        self.with(|random| backoff.after_failure(random))
    }

    fn with<T>(&self, draw: impl FnOnce(&mut StdRng) -> T) -> T {
        draw(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
