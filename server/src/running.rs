//! Tasks that make up a running server: none of them may end by itself.

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Starts tasks, stops them all, and stops all when one of them ends although nobody asked.
#[derive(Debug, Clone, Default)]
pub struct Running {
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Running {
    /// Starts one; `name` is for the log.
    pub fn spawn(&self, name: &'static str, part: impl Future<Output = ()> + Send + 'static) {
        let end = End { name, stop: self.stop.clone() };
        self.tasks.spawn(async move {
            let _end = end;
            part.await;
        });
    }

    /// Cancelled when everything is to stop.
    pub const fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// Waits until every task has ended; to be called once all are started.
    pub async fn ended(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// The end of a part, by a panic too.
struct End {
    name: &'static str,
    stop: CancellationToken,
}

impl Drop for End {
    fn drop(&mut self) {
        if !self.stop.is_cancelled() {
            tracing::error!(part = self.name, "a part of lockstep ended by itself; stopping");
            self.stop.cancel();
        }
    }
}
