//! A turn that may be over: a browser that has slept does nothing before the server confirms it.

use std::time::Duration;

use super::Desk;
use crate::Time;
use crate::agent::Input;
use crate::desk::DeskInput;

/// What comes later than this waited for the browser: longer than any network takes, and half of what
/// the server gives a gadget to acknowledge what is wanted.
const LATE: Duration = Duration::from_secs(5);
/// All that waited for a browser is taken in within this.
const BURST: Duration = Duration::from_secs(1);
/// What is held back until the server has answered, which takes a moment; older ones are dropped.
const HELD_BACK: usize = 32;

impl Desk {
    /// Was the browser suspended before this? Meanwhile the server may have given the turn to somebody
    /// else, and the word of it waits behind what is taken in now.
    pub(super) fn has_slept(&self, now: Time, input: &DeskInput) -> bool {
        use crate::protocol::ToGadget;
        match input {
            DeskInput::Heard(ToGadget::Wanted { want, .. }) => now.since(want.at) > LATE,
            DeskInput::Pushed { view, clock_ahead_ms } => {
                let changed = view.changed_at.map(|at| at.shifted(-clock_ahead_ms));
                changed.is_some_and(|at| now.since(at) > LATE)
            }
            DeskInput::Seen { asked_at, .. } => now.since(*asked_at) > LATE,
            DeskInput::Wake => self.next_wake().is_some_and(|at| now.since(at) > LATE),
            _ => false,
        }
    }

    pub(super) fn note_pause(&mut self, now: Time) {
        let is_first = self.stepped_at == Time::default();
        if !is_first && now.since(self.stepped_at) > LATE {
            self.stirred_at = now;
        }
        self.stepped_at = now;
    }

    /// A turn that is granted right after a long pause may have waited for the browser to wake up.
    pub(super) fn may_have_slept(&self, now: Time) -> bool {
        now.since(self.stirred_at) < BURST
    }

    /// Asks the server by a report, which it acknowledges to whoever acts and to nobody else.
    pub(super) fn doubt_turn(&mut self) {
        if self.is_writer() && self.unconfirmed.is_none() {
            self.report(None, false);
            self.unconfirmed = Some(self.reports);
        }
    }

    /// The server has acknowledged this report.
    pub(super) fn on_received(&mut self, now: Time, report: u64) {
        if self.unconfirmed.is_some_and(|asked| asked <= report) {
            self.unconfirmed = None;
            // All of it before anything is asked for: the last of it may be that a call has ended.
            while let (Some(agent), Some(input)) = (&mut self.agent, self.held_back.pop_front()) {
                agent.take_in(now, input);
            }
            self.act(now, Input::Wake);
        }
    }

    pub(super) fn hold_back(&mut self, input: Input) {
        if self.held_back.len() == HELD_BACK {
            self.held_back.pop_front();
        }
        self.held_back.push_back(input);
    }
}
