//! One browser: how it is started, and what it is started with.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::driver::{CHROMIUM, Driver};
use crate::session::{Session, Told};

/// Flags that work without a display and as root, keep Chromium from talking to anybody, and end it
/// with its driver (by the pipe between them).
const FLAGS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
];
/// Flags that keep the clocks of windows running that are not in front.
const AWAKE: [&str; 3] = [
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
];

/// How its windows are.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// Width and height, its own bars included.
    pub size: (u32, u32),
    /// 1 for 100 %.
    pub scale: f32,
    /// Whether clocks run on in windows that are not in front.
    pub awake: bool,
}

/// A running browser. Dropped, it is closed, and its files are gone.
#[derive(Debug)]
pub struct Chromium {
    /// What it is told.
    pub session: Session,
    // Fields are dropped in this order: first the browser, then its files.
    _driver: Driver,
    _files: TempDir,
}

impl Chromium {
    /// Starts one with a fresh profile, all of whose files are inside `folder`. `command` makes a process out of chromedriver's path, for
    /// callers whose children need more than [`Command::new`].
    pub async fn start(
        window: Window,
        folder: &Path,
        command: impl Fn(&Path) -> Command,
    ) -> Told<Self> {
        let files =
            tempfile::tempdir_in(folder).map_err(|error| format!("no scratch folder: {error}"))?;
        // Whatever the driver or the browser leaves behind goes with the folder.
        let driver = Driver::start(|program| {
            let mut command = command(program);
            command.env("TMPDIR", files.path());
            command
        })?;
        let wanted = capabilities(window, &files.path().join("profile"));
        let (session, number) = Session::open(driver.port(), &wanted).await?;
        driver.opened(number);
        Ok(Self { session, _driver: driver, _files: files })
    }
}

fn capabilities(window: Window, profile: &Path) -> Value {
    let awake = AWAKE.iter().filter(|_| window.awake);
    let mut flags: Vec<String> = FLAGS.iter().chain(awake).map(|flag| (*flag).to_owned()).collect();
    flags.push(format!("--user-data-dir={}", profile.display()));
    flags.push(format!("--window-size={},{}", window.size.0, window.size.1));
    flags.push(format!("--force-device-scale-factor={}", window.scale));
    let mut options = json!({ "args": flags });
    if let Some(chromium) = std::env::var_os(CHROMIUM.0) {
        options["binary"] = json!(chromium.to_string_lossy());
    }
    json!({"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}})
}
