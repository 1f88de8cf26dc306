//! Waiting for something to come true: the one place that lets time pass.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// Far more than anything here takes, on a machine that does other things too; reached only by
/// what never comes.
pub const PATIENCE: Duration = Duration::from_secs(40);
/// Between two looks; a look costs microseconds.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Looks until there is something to see, or tells what never came true.
pub async fn eventually<T>(
    what: &str,
    patience: Duration,
    mut look: impl FnMut() -> Option<T>,
    told: impl FnOnce() -> String,
) -> T {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        let in_time = Instant::now() < deadline;
        assert!(in_time, "never came true within {patience:?}: {what}\n{}", told());
        pause().await;
    }
}

/// Between two looks.
pub(crate) async fn pause() {
    sleep(LOOK_EVERY).await;
}

/// Lets the script's own time pass: the pace of what people do, never a wait for Lockstep.
pub async fn beat(pace: Duration) {
    sleep(pace).await;
}
