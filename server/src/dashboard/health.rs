//! How Lockstep is, in one line for a supervisor and in numbers over those they may see.

use lockstep_core::Time;
use serde::Serialize;

use super::table::Tally;
use crate::status::{Feed, Snapshot};

/// One side, and since when it is so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Side {
    pub(super) ok: bool,
    pub(super) text: &'static str,
    pub(super) since: Time,
}

/// Both sides, as they were last.
#[derive(Debug, Clone)]
pub(super) struct Sides {
    webex: Side,
    finesse: Side,
}

/// The line and the numbers.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Health {
    webex: Side,
    finesse: Side,
    latency_ms: Latency,
    counts: Counts,
    sentence: &'static str,
    dry_run: bool,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Latency {
    p50: Option<u64>,
    p99: Option<u64>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Counts {
    agents: usize,
    held: usize,
    stale: usize,
    mismatch: usize,
    spared: usize,
    snoozed: usize,
}

impl Sides {
    /// Nothing is known yet.
    pub(super) const fn unknown(now: Time) -> Self {
        let side = Side { ok: false, text: "not tried yet", since: now };
        Self { webex: Side { ..side }, finesse: side }
    }

    /// Takes over what the parts report; their own words are for administrators.
    pub(super) fn take(&mut self, now: Time, status: &Snapshot) {
        let (ok, text) = match status.webex.feed {
            Feed::Starting => (false, "connecting"),
            Feed::Live => (true, "live"),
            Feed::Polling => (false, "slower than usual"),
            Feed::Lost => (false, "not heard"),
        };
        self.webex.become_so(now, ok, text);
        let (ok, text) = if !status.finesse.ok {
            (false, "does not answer")
        } else if !status.stopped_accounts.is_empty() {
            (false, "refuses one of Lockstep\u{2019}s accounts")
        } else {
            (true, "in service")
        };
        self.finesse.become_so(now, ok, text);
    }

    /// The health over those who were counted.
    pub(super) fn over(&self, tally: &Tally, dry_run: bool) -> Health {
        let at = |percent: usize| {
            let last = tally.latencies.len().checked_sub(1)?;
            tally.latencies.get(last * percent / 100).copied()
        };
        let &Tally { agents, held, stale, mismatch, spared, snoozed, .. } = tally;
        Health {
            webex: self.webex.clone(),
            finesse: self.finesse.clone(),
            latency_ms: Latency { p50: at(50), p99: at(99) },
            counts: Counts { agents, held, stale, mismatch, spared, snoozed },
            sentence: self.sentence(tally),
            dry_run,
        }
    }

    fn sentence(&self, tally: &Tally) -> &'static str {
        match (self.webex.ok, self.finesse.ok) {
            (false, false) => {
                "Neither Webex nor Finesse is as it should be; nobody is changed for that."
            }
            (false, true) if self.webex.text == "slower than usual" => {
                "Webex is asked instead of heard: changes come later than usual."
            }
            (false, true) => "Webex cannot be heard; agents stay as they are.",
            (true, false) => "Finesse is not as it should be; states may be older than they look.",
            (true, true) if tally.stale > 0 => "Some agents cannot be heard in Webex.",
            (true, true) if tally.mismatch > 0 => {
                "Some agents are not in the state that is wanted."
            }
            (true, true) => "All is well: Webex and Finesse are in step.",
        }
    }
}

impl Side {
    fn become_so(&mut self, now: Time, ok: bool, text: &'static str) {
        if (self.ok, self.text) != (ok, text) {
            *self = Self { ok, text, since: now };
        }
    }
}
