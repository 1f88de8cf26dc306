//! Is a shipped server well? Asked by itself, from inside.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::time::Instant;

use crate::child::Child;
use crate::out::{say, seconds};

/// How long it may take until everything works; two seconds are usual.
const WITHIN: Duration = Duration::from_mins(1);

/// Waits until `ask` says so, or tells what it said last.
pub(super) async fn awaited(
    server: &mut Child,
    log: &Path,
    ask: impl Fn() -> Command,
) -> anyhow::Result<()> {
    let began = Instant::now();
    loop {
        let asked = ask().stdin(Stdio::null()).output()?;
        let said = [asked.stdout, asked.stderr].concat();
        let said = String::from_utf8_lossy(&said).trim().to_owned();
        if asked.status.success() {
            say(&format!("    healthy after {}: {said}", seconds(began.elapsed())));
            return Ok(());
        }
        let words = || std::fs::read_to_string(log).unwrap_or_default();
        if let Some(status) = server.ended() {
            anyhow::bail!("the server has ended ({status}):\n{}", words());
        }
        anyhow::ensure!(began.elapsed() < WITHIN, "never healthy: {said}\n{}", words());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
