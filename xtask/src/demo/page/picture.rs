//! What the page is told: everybody at one moment, in the words of the demo.

use serde::Serialize;
use tokio::time::Instant;

use crate::demo::Caption;
use crate::demo::board::{Board, Row};
use crate::demo::config::{self, PASSWORD};
use crate::demo::words::{self, Tone};

/// A message of `/events`.
#[derive(Debug, Serialize)]
pub(super) struct Picture<'a> {
    /// Where desktops are.
    desktop: &'a str,
    /// Everybody's, in the simulator.
    password: &'static str,
    feed: String,
    scene: &'a Caption,
    agents: Vec<Agent<'a>>,
}

#[derive(Debug, Serialize)]
struct Agent<'a> {
    login_id: &'a str,
    extension: usize,
    name: &'a str,
    /// Webex's word alone, for the key that is pressed.
    status: &'a str,
    presence: &'a str,
    shape: &'static str,
    words: String,
    tone: &'static str,
    why: &'a str,
}

impl<'a> Picture<'a> {
    pub(super) fn of(board: &'a Board, scene: &'a Caption, desktop: &'a str) -> Self {
        let stale = board.stale_for(Instant::now()).is_some();
        let (shape, words, _) = words::feed(&board.health.feed, stale);
        let agents = board.rows.iter().enumerate().map(Agent::of).collect();
        Self { desktop, password: PASSWORD, feed: format!("{shape} {words}"), scene, agents }
    }
}

impl<'a> Agent<'a> {
    fn of((index, row): (usize, &'a Row)) -> Self {
        let (shape, words, tone) = words::state(row);
        Self {
            login_id: &row.login_id,
            extension: config::extension(index),
            name: &row.name,
            status: row.presence.split([' ', ',', '(']).next().unwrap_or_default(),
            presence: &row.presence,
            shape,
            words,
            tone: class(tone),
            why: &row.why,
        }
    }
}

const fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Ready => "ready",
        Tone::Held => "held",
        Tone::Customer => "customer",
        Tone::Quiet => "quiet",
        Tone::Trouble => "trouble",
    }
}
