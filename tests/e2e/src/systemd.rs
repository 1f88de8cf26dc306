//! Stands in for systemd: a socket that the process tells how it is, and a watchdog.

use std::time::Duration;

use tempfile::TempDir;
use tokio::net::UnixDatagram;
use tokio::time::timeout;

use crate::PATIENCE;

/// Bytes of one message; the longest has two short lines.
const MESSAGE: usize = 4_096;

/// What a unit of `Type=notify` with a watchdog is started by.
#[derive(Debug)]
pub struct Systemd {
    folder: TempDir,
    socket: UnixDatagram,
    watchdog: Duration,
}

impl Systemd {
    /// Wants a sign of life within this time.
    pub fn with_watchdog(watchdog: Duration) -> Self {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let socket = UnixDatagram::bind(folder.path().join("notify")).expect("a socket");
        Self { folder, socket, watchdog }
    }

    /// What it puts into the environment of a process.
    pub fn environment(&self) -> Vec<(String, String)> {
        let socket = self.folder.path().join("notify").display().to_string();
        let watchdog = self.watchdog.as_micros().to_string();
        vec![("NOTIFY_SOCKET".to_owned(), socket), ("WATCHDOG_USEC".to_owned(), watchdog)]
    }

    /// The next message; none where the process says nothing for that long.
    async fn next(&self, within: Duration) -> Option<String> {
        let mut message = [0; MESSAGE];
        let received = timeout(within, self.socket.recv(&mut message)).await.ok()?;
        let length = received.expect("a socket of our own");
        Some(String::from_utf8_lossy(&message[..length]).into_owned())
    }

    /// Waits until the process tells `line`, and gives the whole message.
    pub async fn hears(&self, line: &str) -> String {
        let told = async {
            loop {
                let Some(message) = self.next(PATIENCE).await else { continue };
                if message.lines().any(|own| own == line) {
                    return message;
                }
            }
        };
        timeout(PATIENCE, told).await.unwrap_or_else(|_| panic!("systemd never heard {line}"))
    }

    /// Has the watchdog's time passed without a sign of life? Comes back with the answer after
    /// one sign, or after that time.
    pub async fn barks(&self) -> bool {
        loop {
            match self.next(self.watchdog).await {
                None => return true,
                Some(message) if message.contains("WATCHDOG=1") => return false,
                Some(_) => {}
            }
        }
    }
}
