use std::time::Duration;

use crate::Time;
use crate::finesse::AgentView;

/// A look that was asked for and brought nothing for this long is asked for again.
const LOOK_WITHIN: Duration = Duration::from_secs(15);
/// Pauses between looks while an effect is awaited; the last one repeats.
const WATCH_PAUSES: [u64; 6] = [100, 200, 400, 800, 1_600, 3_000];
/// Longest pause after looks that failed.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What Finesse showed, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) view: AgentView,
    /// When the question was sent.
    pub(super) asked_at: Time,
    /// When the answer came.
    pub(super) at: Time,
    pub(super) clock_ahead_ms: i64,
}

impl Seen {
    /// Was this view taken before that one? Of two questions that were under way together the later
    /// one may have been answered first; then only the state's own time tells.
    pub(super) fn is_older_than(&self, last: &Self) -> bool {
        let together = self.asked_at < last.at;
        let older = match (self.view.changed_at, last.view.changed_at) {
            (Some(this), Some(that)) => this < that,
            _ => false,
        };
        self.asked_at < last.asked_at || (together && older)
    }

    /// When the state shown began, on our clock; unknown times count as now.
    pub(super) fn changed_on_our_clock(&self) -> Time {
        self.view.changed_at.map_or(self.at, |at| at.shifted(-self.clock_ahead_ms))
    }
}

/// When to look again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Looks {
    /// A look was asked for then and is not answered.
    asked: Option<Time>,
    /// Looks failed: none before this.
    not_before: Option<Time>,
    failures: u32,
    /// While an effect is awaited: when to look next, and how often was looked.
    watch_at: Option<Time>,
    watched: usize,
    /// What was seen last is known to be out of date.
    pub(super) outdated: bool,
    /// Views that were asked for before this do not count: another Finesse gave them.
    counts_from: Time,
    /// Nothing that counts was seen since then.
    pub(super) blind: bool,
}

impl Looks {
    /// An effect is awaited from now on.
    pub(super) fn watch(&mut self, now: Time) {
        self.watched = 0;
        self.pace(now);
    }

    /// What was seen last no longer counts.
    pub(super) fn forget(&mut self) {
        self.outdated = true;
    }

    /// What was seen says nothing any more: nothing is sent before the agent was seen anew.
    pub(super) fn doubt(&mut self) {
        self.blind = true;
        self.outdated = true;
    }

    /// Nothing that was asked for before `at` counts any more.
    pub(super) fn start_over(&mut self, at: Time) {
        self.counts_from = self.counts_from.max(at);
        self.doubt();
        self.asked = None;
        self.failures = 0;
        self.not_before = None;
    }

    /// Does a view that was asked for then count?
    pub(super) fn counts(&self, asked_at: Time) -> bool {
        asked_at >= self.counts_from
    }

    pub(super) fn answered(&mut self, now: Time, asked_at: Time) {
        if self.asked.is_some_and(|asked| asked_at >= asked) {
            self.asked = None;
        }
        self.failures = 0;
        self.not_before = None;
        self.outdated = false;
        self.blind = false;
        if self.watch_at.is_some() {
            self.pace(now);
        }
    }

    pub(super) fn failed(&mut self, now: Time) {
        self.asked = None;
        let pause = Duration::from_millis(500).saturating_mul(1 << self.failures.min(6));
        self.failures = self.failures.saturating_add(1);
        self.not_before = Some(now.after(pause.min(LONGEST_PAUSE)));
    }

    /// May a look be asked for now? Otherwise tells when.
    pub(super) fn ask(&mut self, now: Time) -> Result<(), Time> {
        let pending = self.asked.map(|asked| asked.after(LOOK_WITHIN));
        match pending.max(self.not_before) {
            Some(later) if now < later => Err(later),
            _ => {
                self.asked = Some(now);
                Ok(())
            }
        }
    }

    /// As [`Looks::ask`], at the pace at which an effect is awaited.
    pub(super) fn ask_at_pace(&mut self, now: Time) -> Result<(), Time> {
        match self.watch_at {
            Some(at) if now < at => Err(at),
            _ => self.ask(now),
        }
    }

    fn pace(&mut self, now: Time) {
        let pause = WATCH_PAUSES[self.watched.min(WATCH_PAUSES.len() - 1)];
        self.watched = self.watched.saturating_add(1);
        self.watch_at = Some(now.after(Duration::from_millis(pause)));
    }
}
