//! Agents' own desktops in a headless Chromium, and what the gadget's panel there says.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Error};
use lockstep_chromium::{Chromium, Window};
use serde::Deserialize;
use tokio::time::Instant;

use super::board::Row;
use super::check::Checked;
use super::config;
use super::scene::{Expect, Hand, Who};
use crate::child;

/// How long a desktop may take to be there, and a panel to follow.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two looks; one costs some milliseconds.
const LOOK_EVERY: Duration = Duration::from_millis(40);
/// Of the browser's window, of which its own bars take some.
const SIZE: (u32, u32) = (1_120, 490);
/// Each desktop's clock runs, whichever is in front.
const WINDOW: Window = Window { size: SIZE, scale: 1.0, awake: true };

/// The panel as it is, the word that the desktop itself shows, and what keeps either away.
const LOOK: &str = include_str!("look.js");

/// What is on a desktop.
#[derive(Debug, Default, Deserialize)]
struct Look {
    /// The panel's state, reason, sentence and link.
    state: String,
    reason: String,
    sentence: String,
    link: String,
    /// The state as the desktop itself writes it.
    frame: String,
    /// Why nobody is signed in.
    trouble: String,
}

/// Desktops, one window each.
#[derive(Debug)]
pub(super) struct Desks {
    chromium: Chromium,
    open: Vec<(Who, String)>,
}

impl Desks {
    /// Signs these agents in, and returns once every panel is live. The browser's files are in
    /// `folder`.
    pub(super) async fn open(
        folder: &Path,
        desktop: &str,
        rows: &[Row],
        whose: &[Who],
    ) -> anyhow::Result<Self> {
        let chromium = Chromium::start(WINDOW, folder, |program| {
            let mut driver = child::guarded(program);
            // Interrupted from the keyboard, it is closed by us.
            driver.process_group(0);
            driver
        });
        let chromium = chromium.await.map_err(Error::msg).context("Chromium does not start")?;
        let session = &chromium.session;
        let mut open = Vec::new();
        for who in whose.iter().copied() {
            let row = rows.get(who).context("there is no such agent")?;
            let window = if open.is_empty() {
                session.window().await.map_err(Error::msg)?
            } else {
                session.new_window("tab").await.map_err(Error::msg)?
            };
            session.switch(&window).await.map_err(Error::msg)?;
            session.goto(&address(desktop, who, &row.login_id)).await.map_err(Error::msg)?;
            open.push((who, window));
        }
        let desks = Self { chromium, open };
        for (who, window) in &desks.open {
            let name = rows.get(*who).map_or("", |row| &row.name);
            let (look, live) = desks.until(window, |look| look.link == "Live").await?;
            anyhow::ensure!(live, "the gadget on {name}'s desktop is not live: {}", look.words());
        }
        Ok(desks)
    }

    /// Does each panel say what is expected, and the desktop around it the same state?
    pub(super) async fn check(
        &self,
        rows: &[Row],
        expected: &[Expect],
        named: &[Who],
    ) -> anyhow::Result<Vec<Checked>> {
        let mut checked = Vec::new();
        for (who, window) in &self.open {
            let Some(expect) = expected.iter().find(|expect| expect.who == *who) else { continue };
            let expect = expect.by_hand(Hand::Gadget);
            let began = Instant::now();
            let (look, ok) = self.until(window, |look| look.is(&expect)).await?;
            checked.push(Checked {
                who: format!("{}\u{2019}s panel", rows.get(*who).map_or("", |row| &row.name)),
                expected: words(&expect),
                got: look.words(),
                ok,
                took: began.elapsed(),
                named: named.contains(who) && expect.says.is_some(),
                panel: true,
            });
        }
        Ok(checked)
    }

    /// A picture of somebody's desktop, as PNG.
    pub(super) async fn picture(&self, who: Who) -> anyhow::Result<Vec<u8>> {
        let window = self.open.iter().find(|(open, _)| *open == who);
        let (_, window) = window.context("that desktop is not open")?;
        let session = &self.chromium.session;
        session.switch(window).await.map_err(Error::msg)?;
        session.picture().await.map_err(Error::msg)
    }

    /// Looks until it is so, or for as long as it may take; tells what was seen last.
    async fn until(
        &self,
        window: &str,
        is_so: impl Fn(&Look) -> bool,
    ) -> anyhow::Result<(Look, bool)> {
        let deadline = Instant::now() + PATIENCE;
        let session = &self.chromium.session;
        session.switch(window).await.map_err(Error::msg)?;
        loop {
            // Between two documents there is nothing to look at.
            let look = session.run(LOOK, &[]).await;
            let look: Look = look.map_or_else(
                |error| Ok(Look { trouble: error, ..Look::default() }),
                serde_json::from_value,
            )?;
            let so = is_so(&look);
            if so || Instant::now() >= deadline {
                return Ok((look, so));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

/// Where the agent's desktop signs in by itself.
fn address(desktop: &str, who: Who, login_id: &str) -> String {
    let (extension, password) = (config::extension(who), config::PASSWORD);
    format!("{desktop}#id={login_id}&extension={extension}&password={password}")
}

impl Look {
    fn is(&self, expect: &Expect) -> bool {
        let reason = expect.reason.unwrap_or_default();
        let state = words_of(expect.state);
        self.state == state
            && self.reason == reason
            && self.frame.starts_with(frame_of(expect.state))
            && self.frame.ends_with(reason)
            && expect.says.is_none_or(|words| self.sentence.contains(words))
    }

    fn words(&self) -> String {
        let Self { state, reason, sentence, trouble, .. } = self;
        let reason = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
        let trouble = if trouble.is_empty() { String::new() } else { format!(" [{trouble}]") };
        format!("{state}{reason}: {sentence}{trouble}")
    }
}

/// What is expected, in the words of the panel.
fn words(expect: &Expect) -> String {
    let reason = expect.reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
    format!("{}{reason}: … {} …", words_of(expect.state), expect.says.unwrap_or_default())
}

/// The panel's word for a state of Finesse.
fn words_of(state: &str) -> &'static str {
    match state {
        "READY" => "Ready",
        "NOT_READY" => "Not Ready",
        "RESERVED" => "Reserved",
        "TALKING" => "Talking",
        "HOLD" => "Hold",
        "WORK" | "WORK_READY" => "Wrap-up",
        "LOGOUT" => "Signed out",
        _ => "Not known yet",
    }
}

/// The desktop's own word for it.
fn frame_of(state: &str) -> &'static str {
    match state {
        "WORK" | "WORK_READY" => "",
        state => words_of(state),
    }
}
