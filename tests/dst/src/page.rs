//! One page of a gadget: core's desk machine, and what its shell knows besides.

use std::collections::VecDeque;
use std::time::Duration;

use lockstep_core::Time;
use lockstep_core::agent::LedgerEntry;
use lockstep_core::desk::Desk as Machine;
use lockstep_core::writer::Link;

use crate::desktops::Hears;
use crate::time::EPOCH;

/// A loaded page. Loading it anew makes another one, which finds what this one kept.
#[derive(Debug)]
pub(crate) struct Page {
    /// Its number; no two pages have the same.
    pub(crate) number: u64,
    /// When it was opened.
    pub(crate) opened: Duration,
    /// Whose, by loginId.
    pub(crate) agent: String,
    pub(crate) machine: Machine,
    /// What the tab keeps over a reload.
    pub(crate) kept: Option<LedgerEntry>,
    /// The link that is open or being opened.
    pub(crate) link: Option<Link>,
    /// It has told that it is open.
    pub(crate) is_up: bool,
    /// When it said hello.
    pub(crate) hello_at: Duration,
    /// What the server told of its turn on this link, and what is heard in between counts.
    pub(crate) turn: Option<(u64, u64)>,
    /// Attempts in vain.
    pub(crate) failures: u32,
    /// The browser has suspended it since then: what comes is kept.
    pub(crate) frozen: Option<Duration>,
    pub(crate) waiting: VecDeque<Hears>,
    /// The network between it and the server is cut since then.
    pub(crate) cut: Option<Duration>,
    /// What cannot pass meanwhile, either way.
    pub(crate) stuck: VecDeque<Stuck>,
    /// Until when it may not have heard what it was told, for the judge.
    pub(crate) deaf_for: Duration,
    /// The desktop is told nothing of Finesse.
    pub(crate) hub_gone: bool,
    /// How far the browser's clock is ahead of the world's.
    browser_ms: i64,
    /// How far the server's clock is ahead of the browser's.
    server_ms: i64,
    /// How far Finesse's clock is ahead of the browser's, as measured.
    pub(crate) finesse_ms: Option<i64>,
    /// The last request, while neither its answer nor its failure was heard.
    pub(crate) unanswered: Option<u64>,
    /// The ledger as it was told last.
    pub(crate) told: LedgerEntry,
    /// When the last thing of either direction arrives: nothing overtakes.
    pub(crate) last_up: Duration,
    pub(crate) last_down: Duration,
}

/// What waits for the network.
#[derive(Debug)]
pub(crate) enum Stuck {
    Up(crate::wire::Up),
    Down(Hears),
}

impl Page {
    pub(crate) fn new(
        (number, opened): (u64, Duration),
        agent: String,
        kept: Option<LedgerEntry>,
        browser_ms: i64,
    ) -> Self {
        Self {
            number,
            opened,
            agent,
            machine: Machine::new(kept.clone()),
            kept,
            link: None,
            is_up: false,
            hello_at: Duration::ZERO,
            turn: None,
            failures: 0,
            frozen: None,
            waiting: VecDeque::new(),
            cut: None,
            stuck: VecDeque::new(),
            deaf_for: Duration::ZERO,
            hub_gone: false,
            browser_ms,
            server_ms: 0,
            finesse_ms: None,
            unanswered: None,
            told: LedgerEntry::default(),
            last_up: Duration::ZERO,
            last_down: Duration::ZERO,
        }
    }

    /// Now, on the server's clock as far as the page knows it.
    pub(crate) fn now(&self, world: Duration) -> Time {
        self.browser(world).shifted(self.server_ms)
    }

    /// The server has just told its time.
    pub(crate) fn set_clock(&mut self, world: Duration, server: Time) {
        self.server_ms = difference(server, self.browser(world));
    }

    /// Finesse has told its time, so far ahead of the world's.
    pub(crate) const fn set_finesse_clock(&mut self, ahead_ms: i64) {
        self.finesse_ms = Some(ahead_ms - self.browser_ms);
    }

    /// How far Finesse's clock is ahead of the server's.
    pub(crate) fn clock_ahead(&self) -> i64 {
        self.finesse_ms.map_or(0, |ahead| ahead - self.server_ms)
    }

    fn browser(&self, world: Duration) -> Time {
        let ms = i64::try_from(world.as_millis()).unwrap_or(i64::MAX);
        Time::from_millis(u64::try_from(EPOCH + ms + self.browser_ms).unwrap_or(0))
    }
}

fn difference(one: Time, other: Time) -> i64 {
    let millis = |span: Duration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    millis(one.since(other)) - millis(other.since(one))
}
