//! Waiting for something to come true in a page: the one place that lets time pass.

use std::future::Future;
use std::time::Duration;

use lockstep_e2e::PATIENCE;
use tokio::time::{Instant, sleep};

/// Between two looks; a look through `WebDriver` costs some milliseconds.
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// Looks until it is right, or tells what never came true and what was seen last.
pub async fn until<T, F>(what: &str, mut look: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, String>>,
{
    let deadline = Instant::now() + PATIENCE;
    loop {
        let seen = match look().await {
            Ok(value) => return value,
            Err(seen) => seen,
        };
        assert!(Instant::now() < deadline, "never came true: {what}\nlast seen: {seen}");
        sleep(LOOK_EVERY).await;
    }
}
