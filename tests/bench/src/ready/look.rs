//! One cold load, as the browser itself times it.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Error};
use lockstep_chromium::{Chromium, Window};
use serde::Deserialize;
use tokio::time::{Instant, sleep};

use crate::site::PASSWORD;

/// The desktop's window.
const WINDOW: Window = Window { size: (1_280, 800), scale: 1.0, awake: true };
/// How long a desktop with its gadget may take before the run is given up.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two looks: rarely, because a look takes time from what is measured.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Notes in each frame when what it waits for is on the page: the word of the empty gadget, or a
/// panel that shows the agent free and offers the snooze, which it does with its grant only.
/// `performance.now()` counts from the frame's own navigation.
const WATCH: &str = r##"
if (window !== window.top) (() => {
    const look = () => {
        const panel = document.querySelector(".ls");
        const live = panel?.dataset.face === "free" && !panel.querySelector(".ls-snooze").disabled;
        const empty = document.querySelector("#empty")?.textContent;
        if (live || empty) window.lockstepReady ??= performance.now();
    };
    new MutationObserver(look).observe(document,
        {subtree: true, childList: true, attributes: true, characterData: true});
})();
"##;

/// The steps, from the frame; nothing as long as it is not ready.
const READ: &str = r#"
    const frame = document.querySelector("iframe.gadget-frame")?.contentWindow;
    if (!frame?.lockstepReady) return null;
    const entries = frame.performance.getEntriesByType("resource");
    const end = (part) => entries.filter(({name}) => name.includes(part))
        .reduce((last, {responseEnd}) => Math.max(last, responseEnd), 0);
    return {ready: frame.lockstepReady, libraries: end("finesse.min.js"), loader: end("loader.js"),
        module: end(".wasm"), session: end("/api/session")};
"#;

/// When each step was done, from the frame's navigation; zero for what did not happen.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Steps {
    pub(super) libraries: Duration,
    pub(super) loader: Duration,
    pub(super) module: Duration,
    pub(super) session: Duration,
    pub(super) ready: Duration,
}

/// The same in the browser's milliseconds.
#[derive(Deserialize)]
struct Millis {
    libraries: f64,
    loader: f64,
    module: f64,
    session: f64,
    ready: f64,
}

/// Signs the agent in at a desktop in a browser of its own, and waits for the gadget.
pub(super) async fn load(desktop: &str, id: &str, extension: &str) -> anyhow::Result<Steps> {
    let chromium =
        Chromium::start(WINDOW, &std::env::temp_dir(), |program| Command::new(program)).await;
    let chromium = chromium.map_err(Error::msg).context("Chromium does not start")?;
    let session = &chromium.session;
    session.before_every_page(WATCH).await.map_err(Error::msg)?;
    let address = format!("{desktop}#id={id}&extension={extension}&password={PASSWORD}");
    session.goto(&address).await.map_err(Error::msg)?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        // Between two documents there is nothing to read.
        let read = session.run(READ, &[]).await.unwrap_or_default();
        if let Some(millis) = serde_json::from_value::<Option<Millis>>(read)? {
            return Ok(Steps::from(millis));
        }
        let page = "return document.body?.innerText ?? '';";
        if Instant::now() >= deadline {
            let page = session.run(page, &[]).await.unwrap_or_default();
            anyhow::bail!("the gadget was not ready within {PATIENCE:?}; the page says {page}");
        }
        sleep(LOOK_EVERY).await;
    }
}

// === impl Steps ===

impl From<Millis> for Steps {
    fn from(millis: Millis) -> Self {
        let span = |millis: f64| Duration::from_secs_f64(millis.max(0.0) / 1e3);
        Self {
            libraries: span(millis.libraries),
            loader: span(millis.loader),
            module: span(millis.module),
            session: span(millis.session),
            ready: span(millis.ready),
        }
    }
}
