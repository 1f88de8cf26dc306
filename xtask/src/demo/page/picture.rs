//! What the page is told: everybody at one moment, in the words of the demo.

use serde::Serialize;
use tokio::time::Instant;

use super::shapes;
use crate::demo::Caption;
use crate::demo::board::{Board, Row};
use crate::demo::config::{self, PASSWORD};
use crate::demo::words;

/// A message of `/events`.
#[derive(Debug, Serialize)]
pub(super) struct Picture<'a> {
    /// Where desktops are.
    desktop: &'a str,
    /// Everybody's, in the simulator.
    password: &'static str,
    feed: Feed,
    scene: &'a Caption,
    /// The keys of the troubles that last.
    faults: Vec<&'static str>,
    agents: Vec<Agent<'a>>,
}

#[derive(Debug, Serialize)]
struct Feed {
    shape: &'static str,
    words: String,
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
    /// Finesse's word, and its reason beside it.
    state: &'static str,
    reason: Option<&'a str>,
    why: &'a str,
}

impl<'a> Picture<'a> {
    pub(super) fn of(
        board: &'a Board,
        scene: &'a Caption,
        desktop: &'a str,
        faults: Vec<&'static str>,
    ) -> Self {
        let stale = board.stale_for(Instant::now()).is_some();
        let (mark, words, tone) = words::feed(&board.health.feed, stale);
        let feed = Feed { shape: shapes::by_mark(mark, tone), words };
        let agents = board.rows.iter().enumerate().map(Agent::of).collect();
        Self { desktop, password: PASSWORD, feed, scene, faults, agents }
    }
}

impl<'a> Agent<'a> {
    fn of((index, row): (usize, &'a Row)) -> Self {
        Self {
            login_id: &row.login_id,
            extension: config::extension(index),
            name: &row.name,
            status: row.presence.split([' ', ',', '(']).next().unwrap_or_default(),
            presence: &row.presence,
            shape: shapes::of(row),
            state: words::plain(row),
            reason: row.reason.as_deref(),
            why: &row.why,
        }
    }
}
